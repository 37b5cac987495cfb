// What a test expected, held against what came (language contract, section 6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "json_tree.hpp"
#include "weir/pattern-lang/rule_file.hpp"
#include "weir/runtime/alert.hpp"

namespace weir::cli {

/// An event bound in a match: its whole record.
struct GotEvent {
  std::string type;
  Timestamp ts;
  std::string json;
};

struct GotBinding {
  std::string name;
  bool list = false;
  std::vector<GotEvent> events;
};

/// An alert, kept after the engine has gone.
struct GotAlert {
  std::string rule;
  std::string stream;
  std::string severity;
  std::string message;
  Timestamp at;
  std::uint64_t suppressed = 0;
  Tree key;
  Tree fields;
  std::vector<GotBinding> match;

  static GotAlert of(const runtime::Alert& alert);
};

/// One thing that is not as expected.
struct Difference {
  std::string path;  // "at", "match.f[1].ip"
  std::string expected;
  std::string got;
};

/// Empty: the alert is what was expected. `rule` holds where the expectation names none: any rule.
std::vector<Difference> compare(const lang::Expectation& expected, const GotAlert& got);

/// One line of the comparison of two lists of alerts.
struct Aligned {
  std::optional<std::size_t> expected;  // index; none: unexpected
  std::optional<std::size_t> got;       // index; none: missing
  std::vector<Difference> differences;  // of a pair
};

/// Pairs expectations with alerts, in order, so that the least is left over. O(n * m), bounded:
/// very long lists that differ much are paired one by one.
std::vector<Aligned> align(const std::vector<lang::Expectation>& expected,
                           const std::vector<GotAlert>& got);

/// An expected value as the test wrote it, on one line.
std::string show(const lang::TestValue& value);

}  // namespace weir::cli
