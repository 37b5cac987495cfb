#include "alert_text.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "json_tree.hpp"
#include "output.hpp"

namespace weir::cli {
namespace {

constexpr std::size_t kMaxRuleColumns = 32;

Style style_of(nfa::AlertSeverity severity) {
  switch (severity) {
    case nfa::AlertSeverity::kCritical:
      return Style::kBoldRed;
    case nfa::AlertSeverity::kHigh:
      return Style::kRed;
    case nfa::AlertSeverity::kMedium:
      return Style::kYellow;
    case nfa::AlertSeverity::kLow:
      return Style::kCyan;
    case nfa::AlertSeverity::kInfo:
      return Style::kDim;
  }
  return Style::kPlain;
}

}  // namespace

std::string show_time(Timestamp time) {
  std::string text = format_iso8601(time);  // 2026-01-01T00:02:00.000Z
  if (text.ends_with(".000Z")) text.resize(text.size() - 5);
  if (text.ends_with('Z')) text.pop_back();
  if (const std::size_t t = text.find('T'); t != std::string::npos) text[t] = ' ';
  return text;
}

AlertText::AlertText(const nfa::Program& program, bool color, bool events)
    : color_(color), events_(events) {
  for (const nfa::Rule& rule : program.rules) {
    rule_width_ = std::max(rule_width_, display_width(rule.id));
  }
  rule_width_ = std::min(rule_width_, kMaxRuleColumns);
}

void AlertText::append(std::string& out, const runtime::Alert& alert) const {
  const nfa::Rule& rule = *alert.rule;
  const runtime::AlertWords words = runtime::alert_words(alert);
  out += fmt::format("{}  {}  {}", paint(color_, Style::kDim, show_time(alert.detected_at)),
                     paint(color_, style_of(rule.severity), pad(to_string(rule.severity), 8)),
                     paint(color_, Style::kBold, pad(rule.id, rule_width_)));
  if (!words.key.empty()) out += "  " + printable(words.key);
  const std::string message = printable(words.message.empty() ? rule.title : words.message);
  if (!message.empty()) out += "  " + message;
  std::string aside;
  if (alert.stream != "alerts") aside = fmt::format("to {}", alert.stream);
  if (alert.suppressed > 0) {
    aside += fmt::format("{}{} held back before it", aside.empty() ? "" : ", ",
                         with_commas(alert.suppressed));
  }
  if (!aside.empty()) out += "  " + paint(color_, Style::kDim, "(" + aside + ")");
  out += '\n';
  if (events_) append_events(out, alert);
}

/// Read from the alert record, so that what a rule masks is masked here too.
void AlertText::append_events(std::string& out, const runtime::Alert& alert) const {
  std::string json;
  runtime::append_alert_json(json, alert);
  const auto record = parse_json(json);
  const Tree* match = record ? find_path(*record, "match") : nullptr;
  if (match == nullptr) return;
  std::size_t width = 0;
  for (const auto& [name, events] : match->entries) width = std::max(width, display_width(name));
  for (const auto& [name, events] : match->entries) {
    const Tree* counts = find_path(*record, "match_counts");
    const Tree* count = counts == nullptr ? nullptr : find_path(*counts, name);
    std::vector<const Tree*> list;
    if (events.kind == Tree::Kind::kMap) list.push_back(&events);
    for (const Tree& item : events.items) list.push_back(&item);
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Tree* type = find_path(*list[i], "type");
      const Tree* ts = find_path(*list[i], "ts");
      const auto time = ts == nullptr ? std::nullopt : parse_iso8601(ts->text);
      const std::string line =
          fmt::format("    {}  {}  {} {}", pad(i == 0 ? name : "", width),
                      time ? show_time(*time) : std::string("-"), type == nullptr ? "" : type->text,
                      show_fields(*list[i]));
      out += paint(color_, Style::kDim, printable(line)) + "\n";
    }
    if (count != nullptr && static_cast<std::size_t>(count->integer) > list.size()) {
      out += paint(color_, Style::kDim,
                   fmt::format("    {}  {} of {} shown", pad("", width), list.size(),
                               with_commas(static_cast<std::uint64_t>(count->integer)))) +
             "\n";
    }
  }
}

}  // namespace weir::cli
