// A match as it is listed: events with the names that they are bound to.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/expr.hpp"

namespace weir::nfa {

struct BoundEvent {
  NameId name = 0;
  const Event* event = nullptr;
};

/// Takes the matches of one rule and partition that complete at one instant, the most preferred
/// first.
class MatchListing {
 public:
  static constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

  virtual ~MatchListing() = default;
  /// `bound` is in order of event; valid during the call.
  virtual void on_match(std::span<const BoundEvent> bound) = 0;
  /// So many matches are wanted, the first ones; of the others on_more() tells the number.
  virtual std::uint64_t wanted() const { return kAll; }
  /// Matches that were counted and not listed.
  virtual void on_more(std::uint64_t) {}
};

/// A match's events as expressions read them. Loops' iterations are not told apart: for what stands
/// outside of the pattern (alerts).
class MatchView final : public BoundEvents {
 public:
  explicit MatchView(std::span<const BoundEvent> bound) : bound_(bound) {}

  const Event* last(NameId name, RegId scope) const override;
  std::span<const Event* const> all(NameId name, RegId scope, ValueArena& scratch) const override;

 private:
  std::span<const BoundEvent> bound_;
};

}  // namespace weir::nfa
