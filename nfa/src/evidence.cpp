// One block for each copy: the Event, then Values (they have an alignment), then all text.
#include "weir/nfa/evidence.hpp"

#include <cstring>
#include <new>
#include <string_view>

namespace weir::nfa {
namespace {

/// Text that lies inside of another, which is copied as a whole.
bool inside(std::string_view s, std::string_view whole) noexcept {
  return s.data() >= whole.data() && s.data() + s.size() <= whole.data() + whole.size();
}

struct Room {
  std::string_view whole = {};
  std::size_t values = 0;
  std::size_t chars = 0;

  void add(const Value& v) {
    if (v.type() == ValueType::kString && !inside(v.as_string(), whole)) {
      chars += v.as_string().size();
    }
    if (v.type() == ValueType::kList) add(v.as_list());
  }
  void add(std::span<const Value> list) {
    values += list.size();
    for (const Value& v : list) add(v);
  }
  std::size_t bytes() const { return values * sizeof(Value) + chars; }
};

class Writer {
 public:
  Writer(std::byte* block, std::size_t values)
      : values_(block), chars_(block + values * sizeof(Value)) {}

  std::string_view text(std::string_view s) {
    if (s.empty()) return {};
    std::memcpy(chars_, s.data(), s.size());
    const std::string_view copy(reinterpret_cast<const char*>(chars_), s.size());
    chars_ += s.size();
    return copy;
  }
  /// From now on what lies inside of `whole` is found in `copy`.
  void know(std::string_view whole, std::string_view copy) {
    whole_ = whole;
    copy_ = copy;
  }

  std::span<const Value> list(std::span<const Value> from) {
    if (from.empty()) return {};
    auto* const to = reinterpret_cast<Value*>(values_);
    values_ += from.size() * sizeof(Value);
    for (std::size_t i = 0; i < from.size(); ++i) new (to + i) Value(value(from[i]));
    return {to, from.size()};
  }

 private:
  Value value(const Value& v) {
    if (v.type() == ValueType::kString) {
      const std::string_view s = v.as_string();
      if (s.empty()) return Value::string({});
      if (!inside(s, whole_)) return Value::string(text(s));
      return Value::string(
          copy_.substr(static_cast<std::size_t>(s.data() - whole_.data()), s.size()));
    }
    if (v.type() == ValueType::kList) return Value::list(list(v.as_list()));
    return v;
  }

  std::byte* values_;
  std::byte* chars_;
  std::string_view whole_;
  std::string_view copy_;
};

bool are_scalars(std::span<const Value> values) noexcept {
  bool all = true;
  for (const Value& v : values) {
    all = all && v.type() != ValueType::kString && v.type() != ValueType::kList;
  }
  return all;
}

}  // namespace

std::size_t copied_bytes(std::span<const Value> values) noexcept {
  Room room;
  room.add(values);
  return room.bytes();
}

std::span<const Value> copy_values(std::span<const Value> values, std::byte* block) noexcept {
  Room room;
  room.add(values);
  return Writer(block, room.values).list(values);
}

void ValuesCopy::assign(std::span<const Value> values) {
  const std::size_t bytes = copied_bytes(values);
  if (bytes > memory_.size()) memory_ = std::vector<std::byte>(bytes);
  values_ = copy_values(values, memory_.data());
}

EventRef EvidenceStore::put_new(const Event& event) {
  const std::span<const Value> slots(event.slots,
                                     event.plan != nullptr ? event.plan->fields.size() : 0);
  if (event.raw.empty() && event.name.empty() && event.type != kOtherType && are_scalars(slots)) {
    return put_scalars(event, slots);
  }
  // A type that the plan names has its text there, and the plan outlives the event.
  const bool planned = event.plan != nullptr && event.type != kOtherType;

  Room room{.whole = event.raw};
  room.add(slots);
  room.chars += event.raw.size() + event.name.size() + (planned ? 0 : event.type_name.size());
  const std::size_t bytes = sizeof(Record) + room.bytes();

  const EventRef handle = arena_.allocate(bytes);
  std::byte* const block = arena_.at(handle);
  Record& r = *new (block) Record{
      .references = 1, .bytes = static_cast<std::uint32_t>(bytes), .event = event};
  Writer writer(block + sizeof(Record), room.values);
  r.event.raw = writer.text(event.raw);
  writer.know(event.raw, r.event.raw);
  r.event.slots = writer.list(slots).data();
  if (!event.name.empty()) r.event.name = writer.text(event.name);
  r.event.type_name = planned ? std::string_view(event.plan->name) : writer.text(event.type_name);
  ++events_;
  return handle;
}

/// An event without text: nothing in the copy points anywhere but to its slots.
EventRef EvidenceStore::put_scalars(const Event& event, std::span<const Value> slots) {
  const std::size_t bytes = sizeof(Record) + slots.size_bytes();
  const EventRef handle = arena_.allocate(bytes);
  std::byte* const block = arena_.at(handle);
  Record& r = *new (block) Record{
      .references = 1, .bytes = static_cast<std::uint32_t>(bytes), .event = event};
  auto* const copy = reinterpret_cast<Value*>(block + sizeof(Record));
  for (std::size_t i = 0; i < slots.size(); ++i) copy[i] = slots[i];
  r.event.slots = copy;
  r.event.type_name = event.plan->name;
  ++events_;
  return handle;
}

void EvidenceStore::drop(EventRef handle, std::size_t bytes) noexcept {
  --events_;
  if (handle == last_put_) last_put_ = 0;
  arena_.free(handle, bytes);
}

}  // namespace weir::nfa
