// The last step of every codec: values by field become the slots of an event.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/same_text.hpp"
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

  /// Judges the fields that the type's rules read, and sets all of `event` but raw and format.
  /// `read(FieldId)` gives the FieldValue of each of them. `type` lives as long as the event.
  template <typename Read>
  RejectReason build(std::string_view type, Timestamp ts, ValueArena& arena, Event& event,
                     std::string& detail, const Read& read) {
    begin(type, ts, event);
    const std::vector<FieldId>& fields = event.plan->fields;
    Value* const slots = make_slots(arena, event);
    for (std::size_t slot = 0; slot < fields.size(); ++slot) {
      FieldValue found = read(fields[slot]);
      if (judges() && found.fault == RejectReason::kNone) judge(event.type, fields[slot], found);
      if (found.fault != RejectReason::kNone) {
        detail = "field " + plan_.field(fields[slot]).dotted;
        return found.fault;
      }
      slots[slot] = found.value;
    }
    return RejectReason::kNone;
  }

  /// The same where no field has a fault; `fill(TypeId, Value*)` fills all slots of the type.
  /// REQUIRES: !judges().
  template <typename Fill>
  void build(std::string_view type, Timestamp ts, ValueArena& arena, Event& event,
             const Fill& fill) {
    begin(type, ts, event);
    fill(event.type, make_slots(arena, event));
  }

  /// A type's name that lives as long as what is in `arena`, of one that does not.
  std::string_view lasting(std::string_view type, ValueArena& arena) {
    const TypeId id = type_id(type);
    return id == kOtherType ? arena.copy(type) : std::string_view(plan_.type(id).name);
  }

  /// A schema has a say in what fields hold.
  bool judges() const noexcept { return !timestamps_.empty(); }

 private:
  void begin(std::string_view type, Timestamp ts, Event& event) {
    const TypeId id = type_id(type);
    const TypePlan& plan = plan_.type(id);
    // Member by member, in a third of the time that it takes to clear all and then to set most.
    event.type = id;
    event.origin = EventOrigin::kSource;
    event.ts = ts;
    event.seq = 0;
    event.position = {};
    event.name = {};
    event.type_name = id == kOtherType ? type : std::string_view(plan.name);
    event.plan = &plan;
  }
  /// To be filled, all of them.
  static Value* make_slots(ValueArena& arena, Event& event) {
    const std::size_t bytes = event.plan->fields.size() * sizeof(Value);
    auto* const slots = static_cast<Value*>(arena.allocate(bytes, alignof(Value)));
    event.slots = slots;
    return slots;
  }
  TypeId type_id(std::string_view name) {
    if (name.empty() || name.size() > kLongestMet) return plan_.type_id(name);
    // A log has few types. What is met again costs a comparison, not a search.
    const auto first = static_cast<unsigned char>(name.front());
    const auto last = static_cast<unsigned char>(name.back());
    Met& met = lately_[(name.size() + 5U * first + 11U * last) % lately_.size()];
    if (!same_text(met.name, name)) {
      met.name = name;
      met.type = plan_.type_id(name);
    }
    return met.type;
  }
  /// What the schema says of the field.
  void judge(TypeId type, FieldId field, FieldValue& found) const;

  const FieldPlan& plan_;
  TimeReader time_;
  std::vector<std::vector<bool>> timestamps_;  // by type and field: the schema says timestamp
  static constexpr std::size_t kLongestMet = 64;
  struct Met {
    std::string name;
    TypeId type = kOtherType;
  };
  std::array<Met, 64> lately_;  // types, by a hash of their names
};

}  // namespace weir::connectors
