// Lists the matches of one completion, the most preferred first, and prunes as AFTER MATCH says.
#pragma once

#include <vector>

#include "weir/nfa/match.hpp"
#include "weir/nfa/sequence_matcher.hpp"

namespace weir::nfa {

/// A walk over the paths that end at the completion, forward from each first event. Scratch memory
/// is kept from one use to the next.
class SequenceListing {
 public:
  explicit SequenceListing(SequenceMatcher& matcher) : matcher_(matcher) {}

  void run(const SequencePlan& plan, const SequenceRings& state,
           const SequenceCompletion& completion, const Event* event, const EventTests& tests,
           MatchListing& listing);

 private:
  /// A node on the path under way.
  struct Pick {
    std::uint32_t step = 0;
    std::uint32_t index = 0;
  };

  void find_usable();
  bool in_time(std::uint32_t step, std::int64_t ts) const;
  std::uint32_t first_after(std::uint32_t step, std::uint32_t index) const;
  void enter(std::uint32_t step, std::uint32_t index);
  void enter_row(std::uint32_t step, std::uint32_t index);
  void enter_any(std::uint32_t step, std::uint32_t index);
  void go_on(std::uint32_t step, std::uint32_t index);
  void emit();
  void report();
  bool where_holds();
  void cut_before(std::uint64_t seq);
  void push(std::uint32_t step, std::uint32_t index, const SequenceNode& node);
  void pop() { path_.pop_back(), picks_.pop_back(); }
  void consume();
  std::uint64_t count_all();
  void count_single(std::uint32_t step);

  const SequenceNode& node(std::uint32_t step, std::uint32_t index) const noexcept {
    return matcher_.node(state_.rings[step], index);
  }

  SequenceMatcher& matcher_;
  const SequencePlan* plan_ = nullptr;
  SequenceRings state_ = {};
  SequenceCompletion completion_;
  const Event* event_ = nullptr;
  const EventTests* tests_ = nullptr;
  MatchListing* listing_ = nullptr;
  std::uint32_t end_step_ = 0;         // the kept step that the completion names nodes of
  std::vector<std::uint32_t> usable_;  // by step: nodes from this index on come too late
  std::vector<BoundEvent> path_;
  std::vector<Pick> picks_;
  std::vector<Pick> used_;  // CONSUME: of the match that was reported
  std::uint32_t start_ = 0;
  std::uint32_t cut_ = 0;   // first events before it begin no match any more
  std::uint64_t left_ = 0;  // matches still wanted
  bool countable_ = false;  // those not wanted are counted, not listed
  bool leave_start_ = false;
  bool done_ = false;
  ValueArena values_;                // where_holds()
  std::vector<std::uint64_t> sums_;  // count_all()
  std::vector<std::uint64_t> next_sums_;
  std::vector<std::uint64_t> entered_;
};

}  // namespace weir::nfa
