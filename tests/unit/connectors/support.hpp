// What the tests of this room share: a plan from a list of types and fields, a log from a string.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/log_source.hpp"

namespace weir::connectors::test {

struct Reads {
  std::string type;  // empty: events of every type
  std::vector<std::string> fields;
};

inline FieldPlan make_plan(const std::vector<Reads>& reads) {
  FieldPlan plan;
  for (const Reads& read : reads) {
    const TypeId type = read.type.empty() ? kOtherType : plan.add_type(read.type);
    if (read.type.empty()) plan.set_reads_other();
    for (const std::string& field : read.fields) plan.read(type, plan.add_field(field));
  }
  plan.finish();
  return plan;
}

/// A whole log, decoded: events as JSON lines of the fields in the plan, "type|ts|field=value|...".
struct Decoded {
  std::vector<std::string> events;
  std::vector<std::string> evidence;
  std::vector<std::uint64_t> offsets;
  std::vector<std::string> rejected;  // "offset reason"
  LogTotals totals;
  StreamError error;
  std::string open_error;
};

inline std::string show(const Event& event, const FieldPlan& plan) {
  std::string out(event.type_name);
  out += '|' + format_iso8601(event.ts);
  for (const FieldId field : event.plan->fields) {
    out += '|' + plan.field(field).dotted + '=';
    append_json(out, event.get(field));
  }
  return out;
}

inline Decoded decode(std::unique_ptr<ByteStream> stream, const LogOptions& options,
                      const FieldPlan& plan, const std::string& name = "log") {
  Decoded decoded;
  auto source = LogSource::make(std::move(stream), name, 0, options, plan, decoded.open_error);
  if (source == nullptr) return decoded;
  Batch batch;
  while (source->next(batch)) {
    for (const Event& event : batch.events) {
      decoded.events.push_back(show(event, plan));
      decoded.offsets.push_back(event.position.offset);
      event.format->append_json(decoded.evidence.emplace_back(), event);
    }
    for (const Rejection& rejection : batch.rejections) {
      decoded.rejected.push_back(std::to_string(rejection.position.offset) + " " +
                                 std::string(to_string(rejection.reason)));
    }
  }
  decoded.totals = source->totals();
  decoded.error = source->error();
  return decoded;
}

inline Decoded decode(std::string_view text, const LogOptions& options, const FieldPlan& plan,
                      std::size_t chunk = kReadBytes) {
  return decode(memory_byte_stream(text, chunk), options, plan);
}

inline LogOptions with_format(LogFormat format) {
  LogOptions options;
  options.codec.format = format;
  return options;
}

using Strings = std::vector<std::string>;

}  // namespace weir::connectors::test

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& lines) {
    std::string out = "[";
    for (const std::string& line : lines) out += "\n  " + line;
    return (out + "]").c_str();
  }
};
}  // namespace doctest
