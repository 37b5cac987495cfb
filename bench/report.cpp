#include "report.hpp"

#include <fmt/core.h>

#include <cmath>

#include "weir/event/value.hpp"

namespace weir::bench {
namespace {

std::string goal_in_words(const Result& result) {
  switch (result.goal) {
    case Goal::kNone:
      return "-";
    case Goal::kAtLeast:
      return ">= " + in_words(result.to_reach, result.figure.unit.view());
    case Goal::kAtMost:
      return "<= " + in_words(result.to_reach, result.figure.unit.view());
  }
  return {};
}

std::string verdict_in_words(const Result& result) {
  if (result.verdict == Verdict::kWrong) return "WRONG";
  if (result.gave_up) return "gave up";
  if (result.goal == Goal::kNone) return "-";
  return result.reached() ? "yes" : "no";
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null";
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string json_of(const std::string& name, const Result& r) {
  std::string out = fmt::format(
      "{{\"name\": {}, \"measures\": {}, \"figure\": {}, \"unit\": {}, \"goal\": {}, \"goal_is\": "
      "{}, "
      "\"reached\": {}",
      quoted(name), quoted(r.figure.name.view()), number(r.figure.value),
      quoted(r.figure.unit.view()), r.goal == Goal::kNone ? "null" : number(r.to_reach),
      r.goal == Goal::kNone      ? "null"
      : r.goal == Goal::kAtLeast ? "\"at least\""
                                 : "\"at most\"",
      r.reached());
  out += fmt::format(
      ", \"correct\": {}, \"expected\": {}, \"found\": {}, \"runs\": {}, \"wall_seconds\": {}, "
      "\"cpu_seconds\": {}, \"engine_bytes\": {}, \"peak_bytes\": {}",
      r.verdict == Verdict::kNotChecked ? "null"
      : r.verdict == Verdict::kRight    ? "true"
                                        : "false",
      r.expected, r.found, r.runs, number(r.wall_seconds), number(r.cpu_seconds), r.engine_bytes,
      r.peak_bytes);
  if (r.gave_up) out += ", \"gave_up\": true";
  if (!r.reason.empty()) out += ", \"reason\": " + quoted(r.reason.view());
  out += ", \"details\": {";
  for (std::size_t i = 0; i < r.detail_count; ++i) {
    const Figure& d = r.details[i];
    out +=
        fmt::format("{}{}: {}", i == 0 ? "" : ", ",
                    quoted(d.unit.empty() ? std::string(d.name.view())
                                          : fmt::format("{} ({})", d.name.view(), d.unit.view())),
                    number(d.value));
  }
  return out + "}}";
}

}  // namespace

std::string in_words(double value, std::string_view unit) {
  std::string text;
  if (unit == "x" || unit == "") {
    text = value >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
  } else if (std::abs(value) >= 1e6) {
    text = fmt::format("{:.3g} M", value / 1e6);
  } else if (std::abs(value) >= 1e4) {
    text = fmt::format("{:.3g} k", value / 1e3);
  } else {
    text = fmt::format("{:.3g}", value);
  }
  return unit.empty() ? text : fmt::format("{} {}", text, unit);
}

std::string text_header() {
  return fmt::format("{:<28} {:>20} {:>20} {:>8} {:>8} {:>8} {:>8}\n", "scenario", "figure", "goal",
                     "reached", "CPU s", "wall s", "MiB");
}

std::string text_row(const std::string& name, const Result& r) {
  std::string row =
      fmt::format("{:<28} {:>20} {:>20} {:>8} {:>8.3f} {:>8.3f} {:>8}\n", name,
                  in_words(r.figure.value, r.figure.unit.view()), goal_in_words(r),
                  verdict_in_words(r), r.cpu_seconds, r.wall_seconds, r.engine_bytes >> 20);
  std::string details;
  for (std::size_t i = 0; i < r.detail_count; ++i) {
    details += fmt::format("{}{} {}", i == 0 ? "    " : ", ", r.details[i].name.view(),
                           in_words(r.details[i].value, r.details[i].unit.view()));
  }
  if (!details.empty()) row += details + "\n";
  if (!r.reason.empty()) row += fmt::format("    {}\n", r.reason.view());
  return row;
}

std::string markdown(const Results& results) {
  std::string out =
      "| scenario | figure | to reach | reached | CPU s | MiB |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const auto& [name, r] : results) {
    out += fmt::format("| {} | {} | {} | {} | {:.2f} | {} |\n", name,
                       in_words(r.figure.value, r.figure.unit.view()), goal_in_words(r),
                       verdict_in_words(r), r.cpu_seconds, r.engine_bytes >> 20);
  }
  return out;
}

std::string json(const Results& results, const Context& context) {
  std::string out =
      fmt::format("{{\"scale\": {}, \"runs\": {}, \"run_seconds\": {}, \"scenarios\": [\n",
                  number(context.scale), context.runs, number(context.run_seconds));
  for (std::size_t i = 0; i < results.size(); ++i) {
    out += json_of(results[i].first, results[i].second) + (i + 1 < results.size() ? ",\n" : "\n");
  }
  return out + "]}\n";
}

}  // namespace weir::bench
