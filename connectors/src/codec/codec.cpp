#include "weir/connectors/codec.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "codec/codecs.hpp"
#include "weir/event/utf8.hpp"

namespace weir::connectors {
namespace {

struct Name {
  std::string_view name;
  LogFormat format;
};
// The first of a format's names is how it is written.
constexpr std::array<Name, 9> kNames = {{{"auto", LogFormat::kAuto},
                                         {"ndjson", LogFormat::kNdjson},
                                         {"json", LogFormat::kNdjson},
                                         {"jsonl", LogFormat::kNdjson},
                                         {"csv", LogFormat::kCsv},
                                         {"syslog", LogFormat::kSyslog},
                                         {"access-log", LogFormat::kAccessLog},
                                         {"text", LogFormat::kText},
                                         {"regex", LogFormat::kRegex}}};

}  // namespace

std::optional<LogFormat> parse_log_format(std::string_view name) noexcept {
  for (const Name& known : kNames) {
    if (known.name == name) return known.format;
  }
  return std::nullopt;
}

std::string_view to_string(LogFormat format) noexcept {
  for (const Name& known : kNames) {
    if (known.format == format) return known.name;
  }
  return "";
}

bool Codec::begin(std::string_view, std::string&) {
  return true;
}

void Codec::look_ahead(std::string_view) {}

std::unique_ptr<Codec> make_codec(const CodecOptions& options, const FieldPlan& plan,
                                  std::string& error) {
  const LogFormat format = options.spec != nullptr ? options.spec->base : options.format;
  switch (format) {
    case LogFormat::kNdjson:
      return make_json_codec(options, plan, error);
    case LogFormat::kCsv:
      return make_csv_codec(options, plan);
    case LogFormat::kSyslog:
    case LogFormat::kAccessLog:
    case LogFormat::kText:
    case LogFormat::kRegex:
      return make_line_codec(options, plan, error);
    case LogFormat::kAuto:
      break;
  }
  error = "the format is not known yet";
  return nullptr;
}

std::string_view pad_record(std::string_view record, ValueArena& arena) {
  auto* const copy = static_cast<char*>(arena.allocate(record.size() + kRecordPadding, 1));
  std::copy_n(record.data(), record.size(), copy);
  std::fill_n(copy + record.size(), kRecordPadding, '\0');
  return {copy, record.size()};
}

std::string_view repair_utf8(std::string_view text, ValueArena& arena, std::uint64_t& replaced) {
  if (simdjson::validate_utf8(text.data(), text.size())) return text;
  std::string out;
  out.reserve(text.size() + 16);
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t n = utf8::sequence_length(text.substr(i, 4));
    if (n > 0) {
      out += text.substr(i, n);
      i += n;
      continue;
    }
    out += "\xEF\xBF\xBD";
    ++replaced;
    ++i;
  }
  return arena.copy(out);
}

}  // namespace weir::connectors
