#include "codec/event_builder.hpp"

namespace weir::connectors {

EventBuilder::EventBuilder(const FieldPlan& plan, const Schema* schema) : plan_(plan) {
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

void EventBuilder::judge(TypeId type, FieldId field, FieldValue& found) const {
  if (!timestamps_[type][field] || found.value.is_null()) return;
  const TimeResult time = time_.read(found.value);
  if (time.fault == RejectReason::kMissingTime) {
    found.value = {};
    return;
  }
  found.value = Value::timestamp(time.time);
  if (time.fault != RejectReason::kNone) found.fault = RejectReason::kBadValue;
}

}  // namespace weir::connectors
