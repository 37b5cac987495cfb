#include "scenario.hpp"

#include <fmt/core.h>

namespace weir::bench {

void Result::detail(std::string_view name, double value, std::string_view unit) {
  if (detail_count == details.size()) return;
  Figure& figure_at = details[detail_count++];
  figure_at.name = name;
  figure_at.value = value;
  figure_at.unit = unit;
}

void Result::check(std::string_view what, std::uint64_t expected_value, std::uint64_t found_value) {
  const bool right = expected_value == found_value;
  if (verdict == Verdict::kWrong || (verdict == Verdict::kRight && right)) return;
  expected = expected_value;
  found = found_value;
  verdict = right ? Verdict::kRight : Verdict::kWrong;
  if (!right) reason = fmt::format("{}: expected {}, found {}", what, expected, found);
}

bool Result::reached() const {
  if (verdict != Verdict::kRight || gave_up) return false;
  switch (goal) {
    case Goal::kNone:
      return true;
    case Goal::kAtLeast:
      return figure.value >= to_reach;
    case Goal::kAtMost:
      return figure.value <= to_reach;
  }
  return false;
}

Scenarios all_scenarios() {
  Scenarios all;
  add_replay_fraud(all);
  add_keyed_seq(all);
  add_correlated(all);
  add_correlated_runs(all);
  add_absence(all);
  add_seq_n(all);
  add_kleene_n(all);
  add_many_rules(all);
  add_prefixes(all);
  add_many_different(all);
  add_strings(all);
  add_windows(all);
  add_keys(all);
  add_load(all);
  add_latency(all);
  return all;
}

}  // namespace weir::bench
