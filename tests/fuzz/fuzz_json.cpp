// JSON records: the fast reader and the slow one give the same of every input, as one record and as
// a log of lines, and what is shown of a record that reads is JSON again.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_paths.hpp"
#include "codec/json_tree.hpp"
#include "weir/connectors/log_source.hpp"

namespace weir::connectors {
namespace {

const std::vector<std::string> kPaths = {"a", "b.c", "b.d.e", "b", "x.y", "type", "ts"};

std::string show(JsonPaths& paths, std::string_view record, bool slowly) {
  ValueArena arena;
  std::string detail;
  const RejectReason fault =
      slowly ? paths.read_slowly(record, arena, detail) : paths.read(record, arena, detail);
  std::string out(to_string(fault));
  if (fault != RejectReason::kNone) return out;
  for (std::size_t i = 0; i < kPaths.size(); ++i) {
    out += ' ' + std::string(to_string(paths.found().at(i).fault)) + ':';
    append_json(out, paths.found().at(i).value);
  }
  return out;
}

FieldPlan make_plan() {
  FieldPlan plan;
  for (const char* type : {"a", "b"}) {
    for (const char* field : {"a", "b.c", "x.y"})
      plan.read(plan.add_type(type), plan.add_field(field));
  }
  plan.read(plan.add_type("b"), plan.add_field("s"));
  plan.finish();
  return plan;
}

/// All that a log's lines become, by the index of many of them or without it.
std::string read_log(std::string_view log, bool indexed) {
  static const FieldPlan plan = make_plan();
  LogOptions options;
  options.codec.format = LogFormat::kNdjson;
  options.codec.json_index = indexed;
  std::string out;
  const auto source = LogSource::make(memory_byte_stream(log), "log", 0, options, plan, out);
  if (source == nullptr) std::abort();
  Batch batch;
  while (source->next(batch)) {
    for (const Event& event : batch.events) {
      out += std::to_string(event.position.offset) + ' ' + format_iso8601(event.ts);
      for (std::size_t slot = 0; slot < event.plan->fields.size(); ++slot) {
        out += ' ';
        append_json(out, event.slots[slot]);
      }
      event.format->append_json(out, event);
    }
    for (const Rejection& rejection : batch.rejections) append_rejection(out, "log", rejection);
  }
  return out;
}

void run(std::string_view input) {
  if (read_log(input, true) != read_log(input, false)) std::abort();
  static JsonPaths paths(kPaths);
  const std::string padded = std::string(input) + std::string(kRecordPadding, '\0');
  const std::string_view record(padded.data(), input.size());
  const std::string fast = show(paths, record, false);
  if (fast != show(paths, record, true)) std::abort();

  Event event;
  event.type_name = "t";
  event.raw = record;
  std::string shown;
  json_record_format()->append_json(shown, event);
  // One level less deep inside than the record itself: it has the record's members, nothing around.
  JsonTree tree;
  if (tree.parse(shown) != RejectReason::kNone) std::abort();
}

}  // namespace
}  // namespace weir::connectors

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::connectors::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
