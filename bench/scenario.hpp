// What a scenario is, what it is given and what it says.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace weir::bench {

/// Text of bounded length that lies where it stands; what is longer is cut.
template <std::size_t N>
class FixedText {
 public:
  FixedText() = default;
  FixedText& operator=(std::string_view text) {
    size_ = std::min(text.size(), N);
    std::copy_n(text.begin(), size_, bytes_.begin());
    return *this;
  }
  std::string_view view() const { return {bytes_.data(), size_}; }
  bool empty() const { return size_ == 0; }

 private:
  std::array<char, N> bytes_{};
  std::size_t size_ = 0;
};

struct Figure {
  FixedText<40> name;
  FixedText<32> unit;
  double value = 0;
};

enum class Goal : std::uint8_t { kNone, kAtLeast, kAtMost };
enum class Verdict : std::uint8_t { kNotChecked, kRight, kWrong };

/// What a scenario has found out. It lies in memory that the process of the scenario shares with
/// the one that reports, so that what was known survives whatever ends the former.
struct Result {
  Figure figure;
  Goal goal = Goal::kNone;
  double to_reach = 0;
  std::array<Figure, 12> details;  // beside the figure
  std::size_t detail_count = 0;

  Verdict verdict = Verdict::kNotChecked;  // is what was found what was expected?
  std::uint64_t expected = 0;
  std::uint64_t found = 0;

  int runs = 0;
  double wall_seconds = 0;  // medians of one run of the engine
  double cpu_seconds = 0;
  std::uint64_t engine_bytes = 0;  // peak memory above what the log and all else took
  std::uint64_t peak_bytes = 0;    // of the whole process

  bool gave_up = false;
  FixedText<240> reason;  // why it gave up, or what is wrong

  void set(std::string_view name, double value, std::string_view unit) {
    figure.name = name;
    figure.value = value;
    figure.unit = unit;
  }
  void at_least(double value) {
    goal = Goal::kAtLeast;
    to_reach = value;
  }
  void at_most(double value) {
    goal = Goal::kAtMost;
    to_reach = value;
  }
  void detail(std::string_view name, double value, std::string_view unit);
  /// Compares. A scenario may check several things: the first is shown, one that is wrong stays.
  void check(std::string_view what, std::uint64_t expected_value, std::uint64_t found_value);
  void give_up(std::string_view why) {
    gave_up = true;
    reason = why;
  }
  bool reached() const;
};
static_assert(std::is_trivially_copyable_v<Result>);

/// What the command line says of every scenario.
struct Context {
  double scale = 1;
  int runs = 5;
  double run_seconds = 20;                  // bound of one run of the engine; then it gives up
  std::uint64_t memory_bytes = 8ULL << 30;  // bound of the process
  std::string data_dir;                     // for logs that are written to disk

  /// `n` at this scale.
  std::size_t scaled(std::size_t n, std::size_t at_least = 1) const {
    return std::max(at_least, static_cast<std::size_t>(static_cast<double>(n) * scale));
  }
};

struct Scenario {
  std::string name;  // stable: "seq-n/12/w120/count"
  std::string what;  // one line for --list
  std::function<void(const Context&, Result&)> run;
};

using Scenarios = std::vector<Scenario>;

// One file each, under scenarios/.
void add_replay_fraud(Scenarios& to);
void add_keyed_seq(Scenarios& to);
void add_correlated(Scenarios& to);
void add_correlated_runs(Scenarios& to);
void add_absence(Scenarios& to);
void add_seq_n(Scenarios& to);
void add_kleene_n(Scenarios& to);
void add_many_rules(Scenarios& to);
void add_prefixes(Scenarios& to);
void add_many_different(Scenarios& to);
void add_strings(Scenarios& to);
void add_windows(Scenarios& to);
void add_keys(Scenarios& to);
void add_load(Scenarios& to);
void add_latency(Scenarios& to);

/// All, in the order of the table in docs/performance.md.
Scenarios all_scenarios();

}  // namespace weir::bench
