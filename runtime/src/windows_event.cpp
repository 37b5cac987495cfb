// A window that has closed, as an event.
#include <string>

#include "synthetic.hpp"
#include "windows.hpp"

namespace weir::runtime {
namespace {

std::string window_name(const WindowResult& window, const nfa::Derive& derive) {
  std::string name = derive.id;
  append_json(name, Value::list(window.key_values));
  name += '@';
  append_iso8601(name, window.start);
  return name;
}

std::string window_json(const WindowResult& window, const nfa::Derive& derive,
                        const nfa::KeySpec& key) {
  std::string json;
  begin_record(json, derive.id, window.ts);
  for (std::size_t i = 0; i < key.names.size(); ++i) {
    append_member(json, key.names[i], window.key_values[i]);
  }
  append_member(json, "window_start", Value::timestamp(window.start));
  append_member(json, "window_end", Value::timestamp(window.end));
  for (std::size_t i = 0; i < derive.values.size(); ++i) {
    append_member(json, derive.values[i].first, window.values[i]);
  }
  json += '}';
  return json;
}

}  // namespace

Event make_window_event(const WindowResult& window, const nfa::Derive& derive,
                        const nfa::KeySpec& key, const FieldPlan& plan, ValueArena& arena) {
  const TypePlan& type = plan.type(derive.type);
  Event event;
  event.type = derive.type;
  event.origin = EventOrigin::kWindow;
  event.ts = window.ts;
  event.type_name = arena.copy(derive.id);
  event.plan = &type;
  event.format = &synthetic_format();
  event.slots = make_slots(plan, type, arena, [&](std::string_view field) -> Value {
    if (field == "window_start") return Value::timestamp(window.start);
    if (field == "window_end") return Value::timestamp(window.end);
    for (std::size_t i = 0; i < key.names.size(); ++i) {
      if (key.names[i] == field) return window.key_values[i];
    }
    for (std::size_t i = 0; i < derive.values.size(); ++i) {
      if (derive.values[i].first == field) return window.values[i];
    }
    return {};
  });
  event.name = arena.copy(window_name(window, derive));
  event.raw = arena.copy(window_json(window, derive, key));
  return event;
}

}  // namespace weir::runtime
