#include "windows_event.hpp"

#include <algorithm>

#include "raw_values.hpp"
#include "synthetic.hpp"

namespace weir::runtime {

WindowEvents::WindowEvents(const nfa::Derive& derive, const nfa::KeySpec& key,
                           const FieldPlan& plan)
    : derive_(derive), key_(key), type_(plan.type(derive.type)) {
  for (const FieldId field : type_.fields) slots_.push_back(find(plan.field(field).dotted));
}

WindowEvents::Slot WindowEvents::find(std::string_view field) const {
  if (field == "window_start") return {From::kStart, 0};
  if (field == "window_end") return {From::kEnd, 0};
  const auto name = std::ranges::find(key_.names, field);
  if (name != key_.names.end()) {
    return {From::kKey, static_cast<std::uint32_t>(name - key_.names.begin())};
  }
  const auto value = std::ranges::find(derive_.values, field,
                                       [](const auto& v) { return std::string_view(v.first); });
  if (value == derive_.values.end()) return {};
  return {From::kValue, static_cast<std::uint32_t>(value - derive_.values.begin())};
}

Event WindowEvents::make(const WindowResult& window, ValueArena& arena) const {
  Event event;
  event.type = derive_.type;
  event.origin = EventOrigin::kWindow;
  event.ts = window.ts;
  event.type_name = type_.name;
  event.plan = &type_;
  event.format = this;
  const auto slots = arena.make_list(slots_.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots_[i];
    switch (slot.from) {
      case From::kStart:
        slots[i] = Value::timestamp(window.start);
        break;
      case From::kEnd:
        slots[i] = Value::timestamp(window.end);
        break;
      case From::kKey:
        slots[i] = arena.copy(window.key_values[slot.index]);
        break;
      case From::kValue:
        slots[i] = arena.copy(window.values[slot.index]);
        break;
      case From::kNowhere:
        break;
    }
  }
  event.slots = slots.data();
  const Value start = Value::timestamp(window.start);
  event.raw = write_raw({{&start, 1}, window.key_values, window.values}, arena);
  return event;
}

void WindowEvents::append_json(std::string& out, const Event& event) const {
  ValueArena arena;
  const auto raw = read_raw(event.raw, arena);
  const auto key = raw.subspan(1, key_.names.size());
  const auto values = raw.subspan(1 + key.size());
  begin_record(out, derive_.id, event.ts);
  for (std::size_t i = 0; i < key.size(); ++i) append_member(out, key_.names[i], key[i]);
  append_member(out, "window_start", raw[0]);
  append_member(out, "window_end", Value::timestamp(event.ts));
  for (std::size_t i = 0; i < values.size(); ++i) {
    append_member(out, derive_.values[i].first, values[i]);
  }
  out += '}';
}

void WindowEvents::append_name(std::string& out, const Event& event) const {
  ValueArena arena;
  const auto raw = read_raw(event.raw, arena);
  out += derive_.id;
  weir::append_json(out, Value::list(raw.subspan(1, key_.names.size())));
  out += '@';
  append_iso8601(out, raw[0].as_timestamp());
}

}  // namespace weir::runtime
