#include "replay_output.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "exit_codes.hpp"

namespace weir::cli {
namespace {

Style style_of(nfa::AlertSeverity severity) {
  switch (severity) {
    case nfa::AlertSeverity::kCritical:
      return Style::kBoldRed;
    case nfa::AlertSeverity::kHigh:
      return Style::kRed;
    case nfa::AlertSeverity::kMedium:
      return Style::kYellow;
    default:
      return Style::kPlain;
  }
}

void row(std::string& out, std::string_view name, const std::string& text) {
  out += fmt::format("  {:<10} {}\n", name, text);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

void alert_rows(std::string& out, const Summary& s, bool color) {
  std::uint64_t suppressed = 0;
  std::size_t width = 0;
  std::vector<nfa::RuleId> fired;
  for (nfa::RuleId r = 0; r < s.stats.rules.size(); ++r) {
    suppressed += s.stats.rules[r].suppressed;
    if (s.stats.rules[r].alerts + s.stats.rules[r].suppressed == 0) continue;
    fired.push_back(r);
    width = std::max(width, display_width(s.program->rules[r].id));
  }
  std::string total = with_commas(s.stats.alerts);
  if (suppressed > 0) total += fmt::format(", {} held back", with_commas(suppressed));
  row(out, "alerts", total);
  for (const nfa::RuleId r : fired) {
    const nfa::Rule& rule = s.program->rules[r];
    const runtime::RuleStats& stats = s.stats.rules[r];
    out += fmt::format("    {:>8}  {}  {}{}\n", with_commas(stats.alerts), pad(rule.id, width),
                       paint(color, style_of(rule.severity), to_string(rule.severity)),
                       stats.suppressed == 0
                           ? ""
                           : fmt::format("  ({} held back)", with_commas(stats.suppressed)));
  }
}

/// Events that lack a field of a rule's key take no part in it, which a misspelt key makes all.
void keyless_row(std::string& out, const Summary& s) {
  constexpr std::size_t kShown = 4;
  std::vector<std::string> rules;
  for (nfa::RuleId r = 0; r < s.stats.rules.size(); ++r) {
    const std::uint64_t events = s.stats.rules[r].without_key;
    if (events == 0) continue;
    const std::string many = rules.empty() ? counted(events, "event") : with_commas(events);
    rules.push_back(fmt::format("{} of {}", many, s.program->rules[r].id));
  }
  if (rules.empty()) return;
  if (rules.size() > kShown) {
    const std::string more = counted(rules.size() - kShown, "more rule");
    rules.resize(kShown);
    rules.push_back(more);
  }
  row(out, "no key", joined(rules));
}

void input_rows(std::string& out, const Summary& s) {
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < s.totals.by_reason.size(); ++i) {
    if (s.totals.by_reason[i] == 0) continue;
    reasons.push_back(fmt::format("{} {}", with_commas(s.totals.by_reason[i]),
                                  to_string(static_cast<connectors::RejectReason>(i))));
  }
  row(out, "rejected",
      with_commas(s.totals.rejected) + (reasons.empty() ? "" : " (" + joined(reasons) + ")"));
  row(out, "late", with_commas(s.late));
  keyless_row(out, s);
  if (s.unparsed > 0) {
    row(out, "unparsed",
        with_commas(s.unparsed) + " lines that no expression of the format matches");
  }
  if (s.totals.filtered > 0)
    row(out, "left out", with_commas(s.totals.filtered) + " outside --since, --until");
  if (s.totals.replaced_utf8 > 0) {
    row(out, "no UTF-8", counted(s.totals.replaced_utf8, "byte") + " of text, read as U+FFFD");
  }
}

}  // namespace

AlertLines::AlertLines(const nfa::Program& program, bool text, bool color, bool events)
    : text_form_(program, color, events), text_(text) {}

void AlertLines::append(std::string& out, const runtime::Alert& alert) const {
  if (text_) return text_form_.append(out, alert);
  runtime::append_alert_json(out, alert);
  out += '\n';
}

AlertWriter::AlertWriter(const AlertLines& lines, Io& io, Progress& progress)
    : lines_(lines), io_(io), progress_(progress) {}

void AlertWriter::on_alert(const runtime::Alert& alert) {
  line_.clear();
  lines_.append(line_, alert);
  on_alerts(line_, 1);
}

void AlertWriter::on_alerts(std::string_view text, std::size_t alerts) {
  count_ += alerts;
  // Both may be one terminal.
  if (io_.out.terminal()) progress_.clear();
  io_.out.write(text);
}

bool RecordFile::open(const std::string& path, std::string& error) {
  if (path.empty()) return true;
  out_ = Out::create(path, error);
  return out_ != nullptr;
}

void RecordFile::write(std::string_view line) {
  out_->write(line);
}

std::string RecordFile::finish() {
  if (out_ == nullptr) return "";
  out_->flush();
  return out_->failure();
}

void append_late(std::string& out, std::string_view log, const Event& event, Duration lateness) {
  out += "{\"source\":";
  append_json_string(out, log);
  out += fmt::format(",\"offset\":{},\"reason\":\"late\",\"detail\":\"{} late, at ",
                     event.position.offset, format_duration(lateness));
  append_iso8601(out, event.ts);
  out += "\",\"raw\":";
  append_json_string(out, event.raw);
  out += '}';
}

void print_summary(const Summary& s, Io& io) {
  const bool color = io.err.color();
  std::string out = "\n";
  if (s.interrupted)
    out += paint(color, Style::kBoldYellow, "interrupted: what was read until then") + "\n";
  std::string events = with_commas(s.events);
  if (s.first <= s.last) {
    events += fmt::format(", {} to {}", show_time(s.first), show_time(s.last));
  }
  row(out, "events", events);
  alert_rows(out, s, color);
  input_rows(out, s);
  const double seconds = std::max(s.seconds, 1e-6);
  row(out, "time",
      fmt::format("{:.2f} s, {} events/s, {}/s", s.seconds,
                  short_number(static_cast<double>(s.totals.records) / seconds),
                  short_bytes(static_cast<double>(s.totals.bytes) / seconds)));
  io.out.flush();
  io.err.write(out);
}

std::optional<int> end_replay(const Summary& summary, bool quiet,
                              std::initializer_list<RecordFile*> files, Io& io) {
  // The reader of the alerts has gone, and with it whoever would want to know.
  if (!quiet && !io.out.closed()) print_summary(summary, io);
  for (RecordFile* const file : files) {
    const std::string failure = file->finish();
    if (failure.empty()) continue;
    print_error(io, failure);
    return kUsage;
  }
  if (summary.interrupted) return kInterrupted;
  return std::nullopt;
}

}  // namespace weir::cli
