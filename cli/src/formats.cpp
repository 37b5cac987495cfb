#include "formats.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace weir::cli {
namespace {

using connectors::LogFormat;

// So many lines of a log are tried with each format.
constexpr std::size_t kTriedLines = 200;

LogFormat base_of(lang::FormatBase base) {
  switch (base) {
    case lang::FormatBase::kSyslog:
      return LogFormat::kSyslog;
    case lang::FormatBase::kAccessLog:
      return LogFormat::kAccessLog;
    case lang::FormatBase::kJson:
      return LogFormat::kNdjson;
    case lang::FormatBase::kText:
      break;
  }
  return LogFormat::kText;
}

std::shared_ptr<const connectors::FormatSpec> resolve(const lang::Format& format) {
  auto spec = std::make_shared<connectors::FormatSpec>();
  spec->name = format.name.value;
  spec->base = base_of(format.base);
  spec->on = format.on.value;
  for (const lang::FormatLine& line : format.lines) {
    connectors::FormatLine out;
    out.type = line.type.value;
    out.match = line.match.value;
    for (const auto& [group, type] : line.types) {
      const auto value = connectors::parse_group_type(type.value);
      out.types.emplace_back(group.value, value.value_or(ValueType::kString));
    }
    spec->lines.push_back(std::move(out));
  }
  return spec;
}

/// Lines of `bytes` that an expression of the format matches.
std::size_t lines_read(std::string_view bytes,
                       const std::shared_ptr<const connectors::FormatSpec>& spec,
                       connectors::CodecOptions options) {
  options.spec = spec;
  FieldPlan plan;
  plan.finish();
  std::string error;
  const auto codec = connectors::make_codec(options, plan, error);
  if (codec == nullptr) return 0;
  std::size_t read = 0;
  ValueArena arena;
  for (std::size_t tried = 0; tried < kTriedLines && !bytes.empty(); ++tried) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) break;  // the last line may be cut
    std::string record(bytes.substr(0, end));
    if (record.ends_with('\r')) record.pop_back();
    bytes.remove_prefix(end + 1);
    const std::size_t size = record.size();
    record.append(connectors::kRecordPadding, '\0');
    Event event;
    std::string detail;
    const auto fault =
        codec->decode(std::string_view(record).substr(0, size), nullptr, arena, event, detail);
    if (fault == connectors::RejectReason::kNone && event.type_name != connectors::kUnparsedType) {
      const auto is_line = [&](const auto& line) { return line.type == event.type_name; };
      if (std::any_of(spec->lines.begin(), spec->lines.end(), is_line)) ++read;
    }
    arena.reset();
  }
  return read;
}

}  // namespace

std::vector<std::shared_ptr<const connectors::FormatSpec>> formats_of(const RuleSet& rules) {
  std::vector<std::shared_ptr<const connectors::FormatSpec>> out;
  for (const lang::RuleDocument& document : rules.documents) {
    for (const lang::Format& format : document.formats) out.push_back(resolve(format));
  }
  return out;
}

bool choose_own_format(const lang::Text& name, const RuleSet& rules,
                       connectors::CodecOptions& options, std::string& error) {
  for (const lang::RuleDocument& document : rules.documents) {
    for (const lang::Format& format : document.formats) {
      if (format.name.value != name.value ||
          format.name.place.snippet->file != name.place.snippet->file) {
        continue;
      }
      options.spec = resolve(format);
      return true;
    }
  }
  return choose_format(name.value, rules, options, error);
}

bool choose_format(std::string_view name, const RuleSet& rules, connectors::CodecOptions& options,
                   std::string& error) {
  std::vector<std::string> known = {"auto",       "ndjson", "csv",  "syslog",
                                    "access-log", "text",   "regex"};
  // The rule files' own come first: whoever names one so means it.
  for (const auto& spec : formats_of(rules)) {
    if (spec->name == name) {
      options.spec = spec;
      return true;
    }
    known.push_back(spec->name);
  }
  if (const auto format = connectors::parse_log_format(name)) {
    options.format = *format;
    return true;
  }
  error = fmt::format("there is no format \"{}\"", name);
  const std::string near = lang::nearest(name, known);
  if (!near.empty()) {
    error += fmt::format("; did you mean \"{}\"?", near);
  } else {
    error += "; there are ";
    for (std::size_t i = 0; i < known.size(); ++i) error += (i == 0 ? "" : ", ") + known[i];
  }
  return false;
}

void detect_format(std::string_view first_bytes, std::string_view path, const RuleSet& rules,
                   connectors::CodecOptions& options) {
  const LogFormat base = connectors::detect_format(first_bytes, path);
  std::size_t most = 0;
  for (const auto& spec : formats_of(rules)) {
    if (spec->base != base) continue;
    const std::size_t read = lines_read(first_bytes, spec, options);
    if (read <= most) continue;
    most = read;
    options.spec = spec;
  }
  options.format = base;
}

void check_formats(const RuleSet& rules, lang::Diagnostics& diagnostics) {
  for (const lang::RuleDocument& document : rules.documents) {
    for (const lang::Format& format : document.formats) {
      for (const lang::FormatLine& line : format.lines) {
        const connectors::ExpressionInfo found = connectors::inspect_expression(line.match.value);
        if (!found.error.empty()) {
          auto& d = diagnostics.report(lang::Code::E0408, line.match.place,
                                       "this expression cannot be matched: " + found.error);
          if (found.error.starts_with("invalid")) {
            d.help = "linear-time expressions have no look-around and no back-references";
          }
          continue;
        }
        for (const auto& [group, type] : line.types) {
          if (std::find(found.groups.begin(), found.groups.end(), group.value) !=
              found.groups.end()) {
            continue;
          }
          auto& d =
              diagnostics.report(lang::Code::E0606, group.place,
                                 fmt::format("the expression has no group \"{}\"", group.value));
          const std::string near = lang::nearest(group.value, found.groups);
          if (!near.empty()) d.help = fmt::format("did you mean \"{}\"?", near);
        }
      }
    }
  }
}

}  // namespace weir::cli
