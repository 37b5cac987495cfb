// Events that no source holds: how their fields become slots and JSON text.
#pragma once

#include <string>
#include <string_view>

#include "weir/event/event.hpp"

namespace weir::runtime {

/// Of events whose `raw` is their JSON object already, "type" and "ts" first.
const RecordFormat& synthetic_format();

/// Begins such an object: {"type":"...","ts":"...", without the closing brace.
void begin_record(std::string& out, std::string_view type, Timestamp ts);
/// ,"name": and the value.
void append_member(std::string& out, std::string_view name, const Value& v);

/// Slots of `type`, in `arena`: each field that is read is `value_of(dotted path)`, copied.
template <typename ValueOf>
const Value* make_slots(const FieldPlan& plan, const TypePlan& type, ValueArena& arena,
                        const ValueOf& value_of) {
  const auto slots = arena.make_list(type.fields.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    slots[i] = arena.copy(value_of(std::string_view(plan.field(type.fields[i]).dotted)));
  }
  return slots.data();
}

}  // namespace weir::runtime
