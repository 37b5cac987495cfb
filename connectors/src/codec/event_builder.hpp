// The last step of every codec: values by field become the slots of an event.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/codec.hpp"

namespace weir::connectors {

/// Collects the values of one record, by FieldId, and builds its event. Reused from record to
/// record.
class EventBuilder {
 public:
  /// `schema` may be null; it and `plan` outlive the builder.
  EventBuilder(const FieldPlan& plan, const Schema* schema);

  const FieldPlan& plan() const noexcept { return plan_; }
  /// The field of this name, or kTsField where no rule reads it (that one is never set).
  FieldId find(std::string_view dotted) const noexcept;

  void reset();
  void set(FieldId field, const Value& value, RejectReason fault = RejectReason::kNone) {
    values_[field] = value;
    faults_[field] = fault;
  }

  /// Judges the fields that the type's rules read, and fills `event` but for raw and format. The
  /// name of a type that no rule names is copied to `arena`.
  RejectReason build(std::string_view type, Timestamp ts, ValueArena& arena, Event& event,
                     std::string& detail) const;

 private:
  RejectReason declared(TypeId type, FieldId field, Value& value) const;

  const FieldPlan& plan_;
  TimeReader time_;
  std::vector<Value> values_;
  std::vector<RejectReason> faults_;
  std::vector<std::vector<bool>> timestamps_;  // by type and field: the schema says timestamp
};

}  // namespace weir::connectors
