// CSV logs and tables: the same records however the bytes arrive, nothing lost, nothing crashes.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/log_source.hpp"
#include "weir/connectors/table.hpp"

namespace weir::connectors {
namespace {

FieldPlan make_plan() {
  FieldPlan plan;
  const TypeId type = plan.add_type("m");
  plan.read(type, plan.add_field("v"));
  plan.finish();
  return plan;
}

/// Every event and rejection with its place.
std::string read(std::string_view log, std::size_t chunk) {
  static const FieldPlan plan = make_plan();
  LogOptions options;
  options.codec.format = LogFormat::kCsv;
  options.codec.type = "m";
  std::string out;
  auto source = LogSource::make(memory_byte_stream(log, chunk), "log", 0, options, plan, out);
  if (source == nullptr) return out;
  Batch batch;
  std::uint64_t seen = 0;
  while (source->next(batch)) {
    seen += batch.events.size() + batch.rejections.size();
    for (const Event& event : batch.events) {
      out += std::to_string(event.position.offset);
      event.format->append_json(out, event);
    }
    for (const Rejection& rejection : batch.rejections) {
      out += std::to_string(rejection.position.offset) + std::string(to_string(rejection.reason));
    }
  }
  const LogTotals totals = source->totals();
  if (totals.records != seen || totals.bytes != log.size()) std::abort();
  return out;
}

}  // namespace
}  // namespace weir::connectors

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::connectors;
  if (size == 0) return 0;
  const std::string_view rows(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string log = "ts,v\n" + std::string(rows);
  // Events of one batch come before its rejections, so that only the same batches compare.
  const std::string whole = read(log, kReadBytes);
  if (whole.size() != read(log, 1 + data[0]).size()) std::abort();
  read_table(rows, {false, {"k"}, {}});
  read_table(rows, {true, {"k"}, {{"v", weir::ValueType::kInt}}});
  return 0;
}
