// The last step of every codec: values by field become the slots of an event.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/codec.hpp"

namespace weir::connectors {

/// One field of a record, as the codec found it.
struct FieldValue {
  Value value;
  RejectReason fault = RejectReason::kNone;
};

/// Builds events of the values that the rules of their type read. Used by one thread at a time.
class EventBuilder {
 public:
  /// `schema` may be null; it and `plan` outlive the builder.
  EventBuilder(const FieldPlan& plan, const Schema* schema);

  const FieldPlan& plan() const noexcept { return plan_; }
  /// The field of this name, or kTsField where no rule reads it.
  FieldId find(std::string_view dotted) const noexcept;

  /// Judges the fields that the type's rules read, and fills `event` but for raw and format.
  /// `read(FieldId)` gives the FieldValue of each of them. The name of a type that no rule names is
  /// copied to `arena`.
  template <typename Read>
  RejectReason build(std::string_view type, Timestamp ts, ValueArena& arena, Event& event,
                     std::string& detail, const Read& read) {
    event = {};
    event.type = type_id(type);
    const TypePlan& plan = plan_.type(event.type);
    event.type_name = event.type == kOtherType ? arena.copy(type) : std::string_view(plan.name);
    event.ts = ts;
    event.plan = &plan;
    if (plan.fields.empty()) return RejectReason::kNone;
    const bool declares = !timestamps_.empty();
    Value* const slots = arena.make_list(plan.fields.size()).data();
    for (std::size_t slot = 0; slot < plan.fields.size(); ++slot) {
      const FieldId field = plan.fields[slot];
      FieldValue found = read(field);
      if (declares && found.fault == RejectReason::kNone) declared(event.type, field, found);
      if (found.fault != RejectReason::kNone) {
        detail = "field " + plan_.field(field).dotted;
        return found.fault;
      }
      slots[slot] = found.value;
    }
    event.slots = slots;
    return RejectReason::kNone;
  }

 private:
  TypeId type_id(std::string_view name) noexcept;
  /// What the schema says of the field.
  void declared(TypeId type, FieldId field, FieldValue& found) const;

  const FieldPlan& plan_;
  TimeReader time_;
  std::vector<std::vector<bool>> timestamps_;  // by type and field: the schema says timestamp
  std::array<TypeId, 64> lately_{};            // types met, by a hash of their names
};

}  // namespace weir::connectors
