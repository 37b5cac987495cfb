#include "codec/event_builder.hpp"

#include <algorithm>

namespace weir::connectors {

EventBuilder::EventBuilder(const FieldPlan& plan, const Schema* schema)
    : plan_(plan), values_(plan.field_count()), faults_(plan.field_count()) {
  if (schema == nullptr) return;
  timestamps_.resize(plan.type_count());
  for (TypeId type = 0; type < plan.type_count(); ++type) {
    const TypeSchema* declared = schema->find(plan.type(type).name);
    timestamps_[type].resize(plan.field_count());
    if (declared == nullptr) continue;
    for (FieldId field = 0; field < plan.field_count(); ++field) {
      const auto it = declared->fields.find(plan.field(field).dotted);
      timestamps_[type][field] =
          it != declared->fields.end() && it->second.type == ValueType::kTimestamp;
    }
  }
}

FieldId EventBuilder::find(std::string_view dotted) const noexcept {
  for (FieldId field = kTypeField + 1; field < plan_.field_count(); ++field) {
    if (plan_.field(field).dotted == dotted) return field;
  }
  return kTsField;
}

void EventBuilder::reset() {
  std::fill(values_.begin(), values_.end(), Value{});
  std::fill(faults_.begin(), faults_.end(), RejectReason::kNone);
}

RejectReason EventBuilder::declared(TypeId type, FieldId field, Value& value) const {
  if (timestamps_.empty() || !timestamps_[type][field] || value.is_null()) {
    return RejectReason::kNone;
  }
  const TimeResult time = time_.read(value);
  if (time.fault == RejectReason::kMissingTime) {
    value = {};
    return RejectReason::kNone;
  }
  value = Value::timestamp(time.time);
  return time.fault == RejectReason::kNone ? RejectReason::kNone : RejectReason::kBadValue;
}

RejectReason EventBuilder::build(std::string_view type, Timestamp ts, ValueArena& arena,
                                 Event& event, std::string& detail) const {
  event = {};
  event.type = plan_.type_id(type);
  const TypePlan& plan = plan_.type(event.type);
  event.type_name = event.type == kOtherType ? arena.copy(type) : std::string_view(plan.name);
  event.ts = ts;
  event.plan = &plan;
  if (plan.fields.empty()) return RejectReason::kNone;
  const std::span<Value> slots = arena.make_list(plan.fields.size());
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    const FieldId field = plan.fields[slot];
    if (field == kTsField) {
      slots[slot] = Value::timestamp(ts);
      continue;
    }
    if (field == kTypeField) {
      slots[slot] = Value::string(event.type_name);
      continue;
    }
    slots[slot] = values_[field];
    RejectReason fault = faults_[field];
    if (fault == RejectReason::kNone) fault = declared(event.type, field, slots[slot]);
    if (fault != RejectReason::kNone) {
      detail = "field " + plan_.field(field).dotted;
      return fault;
    }
  }
  event.slots = slots.data();
  return RejectReason::kNone;
}

}  // namespace weir::connectors
