// The event lines of rule tests: any line reads or is refused with a place inside it; what reads
// makes an event whose record is JSON, and the fields that rules read are those that were written.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "codec/json_tree.hpp"
#include "weir/connectors/event_line.hpp"

namespace weir::connectors {
namespace {

FieldPlan make_plan() {
  FieldPlan plan;
  const TypeId type = plan.add_type("login");
  for (const char* field : {"user", "ip", "account", "account.owner", "account.owner.id"}) {
    plan.read(type, plan.add_field(field));
    plan.read(kOtherType, plan.add_field(field));
  }
  plan.set_reads_other();
  plan.finish();
  return plan;
}

/// A field reads as it was written; one below or above it is none of the fields written.
void check_fields(const EventLine& line, const Event& event, const FieldPlan& plan) {
  for (const auto& [name, value] : line.fields) {
    for (FieldId id = kTypeField + 1; id < plan.field_count(); ++id) {
      if (plan.field(id).dotted != name) continue;
      std::string written;
      std::string read;
      append_json(written, value.get());
      append_json(read, event.get(id));
      if (written != read) std::abort();
    }
  }
}

Timestamp run_line(std::string_view text, Timestamp previous) {
  static const FieldPlan plan = make_plan();
  EventLineError error;
  const EventLine line = parse_event_line(text, error);
  if (error) {
    if (error.column == 0 || error.column > text.size() + 1) std::abort();
    return previous;
  }
  const Timestamp ts = line.time.resolve(previous);
  if (line.kind == EventLine::Kind::kWatermark) return ts;
  if (line.kind == EventLine::Kind::kBlank) return previous;
  ValueArena arena;
  const Event event = make_event(line, ts, plan, arena);
  if (event.ts != ts || event.type_name != line.type) std::abort();
  check_fields(line, event, plan);
  std::string shown;
  event.format->append_json(shown, event);
  JsonTree tree;
  if (tree.parse(shown) != RejectReason::kNone) std::abort();
  return ts;
}

}  // namespace
}  // namespace weir::connectors

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  weir::Timestamp previous{};
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    previous = weir::connectors::run_line(line, previous);
    weir::connectors::take_time_spec(line);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return 0;
}
