// Logs of text: every base, bare, with formats over it, and told by its first bytes. Nothing
// crashes, no record is lost, and what is shown of an event or a rejection is JSON.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_tree.hpp"
#include "weir/connectors/log_source.hpp"

namespace weir::connectors {
namespace {

FieldPlan make_plan() {
  FieldPlan plan;
  for (const char* type : {"syslog", "access", "text", "login", "unparsed"}) {
    for (const char* field : {"host", "program", "pid", "message", "line", "user", "port", "at",
                              "status", "bytes", "path", "client"}) {
      plan.read(plan.add_type(type), plan.add_field(field));
    }
  }
  plan.finish();
  return plan;
}

std::shared_ptr<const FormatSpec> make_spec(LogFormat base) {
  FormatSpec spec;
  spec.name = "fuzz";
  spec.base = base;
  spec.lines = {
      {"login",
       R"((?<user>\S+)@(?<at>[-0-9T:Z.]+):(?<port>\d*))",
       {{"port", ValueType::kInt}, {"at", ValueType::kTimestamp}}},
      {"text",
       R"(^(?<status>[a-z]+)=(?<bytes>[^ ]*)(?<path>/.*)?$)",
       {{"status", ValueType::kBool}, {"bytes", ValueType::kFloat}}},
  };
  return std::make_shared<const FormatSpec>(std::move(spec));
}

void check_json(const std::string& text) {
  JsonTree tree;
  if (tree.parse(text) != RejectReason::kNone) std::abort();
}

void read(std::string_view log, const CodecOptions& codec, std::size_t chunk) {
  static const FieldPlan plan = make_plan();
  LogOptions options;
  options.codec = codec;
  std::string error;
  auto source = LogSource::make(memory_byte_stream(log, chunk), "log", 0, options, plan, error);
  if (source == nullptr) return;
  Batch batch;
  std::uint64_t seen = 0;
  while (source->next(batch)) {
    seen += batch.events.size() + batch.rejections.size();
    for (const Event& event : batch.events) {
      std::string shown;
      event.format->append_json(shown, event);
      check_json(shown);
    }
    for (const Rejection& rejection : batch.rejections) {
      std::string shown;
      append_rejection(shown, "log", rejection);
      check_json(shown);
    }
  }
  const LogTotals totals = source->totals();
  if (totals.records != seen || totals.bytes != log.size()) std::abort();
}

void run(std::string_view log) {
  CodecOptions codec;
  codec.year = 2024;
  read(log, codec, kReadBytes);
  for (const LogFormat base :
       {LogFormat::kSyslog, LogFormat::kAccessLog, LogFormat::kText, LogFormat::kNdjson}) {
    codec.format = base;
    codec.spec = nullptr;
    read(log, codec, kReadBytes);
    static const std::shared_ptr<const FormatSpec> specs[] = {
        make_spec(LogFormat::kSyslog), make_spec(LogFormat::kAccessLog),
        make_spec(LogFormat::kText), make_spec(LogFormat::kNdjson)};
    for (const auto& spec : specs) {
      if (spec->base == base) codec.spec = spec;
    }
    read(log, codec, 7);
  }
}

}  // namespace
}  // namespace weir::connectors

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::connectors::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
