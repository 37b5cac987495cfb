// Several engines that share the work of one: what each of them owns, and where an alert of one
// stands among those of all.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <vector>

#include "weir/nfa/program.hpp"

namespace weir::runtime {

/// Engines that share the work. Every event has one mask for each.
inline constexpr std::size_t kMaxWorkers = 16;

/// Says of one source event which rules of an engine are to see it: bit k stands for the rules and
/// windows with that number in EnginePart.
using OwnerMask = std::uint64_t;

/// Bits that mean the same in every engine; those below are numbers of keys (see Split).
inline constexpr std::uint8_t kWholeBit = 63;      // rules that are this engine's for every key
inline constexpr std::uint8_t kElsewhereBit = 62;  // rules that are another's: never set
inline constexpr std::uint8_t kKeyBits = 62;

/// So many bits of Event::seq number what an engine with a part makes itself between two source
/// events (of windows and alerts); those above number the source events of all engines.
inline constexpr unsigned kNumbersBetween = 24;

/// What one engine of several owns. Events that the engine makes itself (of windows and alerts) are
/// read by rules of its own alone and need no mask.
struct EnginePart {
  std::vector<std::uint8_t> rule_bit;    // by RuleId
  std::vector<std::uint8_t> derive_bit;  // by DeriveId
};

/// Some of a Program's rules and windows: a rule by its RuleId, a window by its DeriveId plus the
/// number of rules.
struct Members {
  std::vector<bool> is_member;
  bool has(std::uint32_t number) const { return is_member[number]; }
  bool all() const {
    for (const bool member : is_member) {
      if (!member) return false;
    }
    return true;
  }
};

/// The place of an alert among all alerts of a log: what set it off, and the rule that this
/// completed. It is the order in which one engine would report (docs/language.md, section 4):
/// everything that follows from one cause and rule is of one engine, and in its order there. Equal
/// places in two engines do not occur.
struct AlertPlace {
  enum Phase : std::uint8_t { kWindow, kEvent, kDeadline, kExpiry };
  std::int64_t at = std::numeric_limits<std::int64_t>::min();
  Phase phase = kWindow;
  std::uint32_t rank = 0;   // of what falls due: closing rank or stratum
  std::uint32_t index = 0;  // of what falls due: DeriveId or RuleId
  std::uint64_t seq = 0;    // arrival of the event, or of the first of the window or run
  nfa::RuleId rule = 0;
  friend auto operator<=>(const AlertPlace&, const AlertPlace&) = default;
};

/// After everything that has the same cause.
inline AlertPlace past_cause(AlertPlace place) noexcept {
  place.rule = std::numeric_limits<nfa::RuleId>::max();
  return place;
}

}  // namespace weir::runtime
