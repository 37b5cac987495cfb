// Chaining: a match as an event of its alert stream.
#include <algorithm>
#include <vector>

#include "alert_json.hpp"
#include "mask.hpp"
#include "synthetic.hpp"

namespace weir::runtime {
namespace {

/// Its fields in order of precedence; what the event's header or an earlier field has is left out.
class AlertFields {
 public:
  AlertFields(const Alert& alert, bool kept_back) {
    for (std::size_t i = 0; i < alert.fields.size(); ++i) {
      add(alert.fields[i].first, alert.fields[i].second, Kind::kField, i);
    }
    for (const auto& [name, value] : alert.key) add(name, value, Kind::kKey, 0);
    add("rule", Value::string(alert.rule->id), Kind::kPlain, 0);
    add("severity", Value::string(nfa::to_string(alert.rule->severity)), Kind::kPlain, 0);
    add("kept_back", Value::boolean(kept_back), Kind::kPlain, 0);
  }

  Value find(std::string_view name) const {
    const auto it = std::find_if(fields_.begin(), fields_.end(),
                                 [&](const Field& f) { return f.name == name; });
    return it == fields_.end() ? Value{} : it->value;
  }

  void append_json(std::string& out, const Mask& mask) const {
    for (const Field& field : fields_) {
      out += ',';
      append_json_string(out, field.name);
      out += ':';
      switch (field.kind) {
        case Kind::kField:
          mask.append_field(out, field.index);
          break;
        case Kind::kKey:
          mask.append_key(out, field.name, field.value);
          break;
        case Kind::kPlain:
          weir::append_json(out, field.value);
          break;
      }
    }
  }

 private:
  enum class Kind { kField, kKey, kPlain };
  struct Field {
    std::string_view name;
    Value value;
    Kind kind = Kind::kPlain;
    std::size_t index = 0;
  };

  void add(std::string_view name, const Value& value, Kind kind, std::size_t index) {
    const bool taken =
        name == "ts" || name == "type" ||
        std::any_of(fields_.begin(), fields_.end(), [&](const Field& f) { return f.name == name; });
    if (!taken) fields_.push_back({name, value, kind, index});
  }

  std::vector<Field> fields_;
};

}  // namespace

Event make_alert_event(const Alert& alert, TypeId type, bool kept_back, ValueArena& arena) {
  const FieldPlan& plan = alert.program->plan;
  const TypePlan& type_plan = plan.type(type);
  const AlertFields fields(alert, kept_back);

  Event event;
  event.type = type;
  event.origin = EventOrigin::kAlert;
  event.ts = alert.detected_at;
  event.type_name = type_plan.name;
  event.plan = &type_plan;
  event.format = &synthetic_format();
  event.slots = make_slots(plan, type_plan, arena,
                           [&](std::string_view field) { return fields.find(field); });
  event.name = arena.copy(alert.id);

  std::string record;
  begin_record(record, type_plan.name, alert.detected_at);
  fields.append_json(record, Mask(alert));
  record += '}';
  event.raw = arena.copy(record);
  return event;
}

}  // namespace weir::runtime
