// The compact plan of patterns that are a sequence of single steps.
//
// Where no condition compares with bound events, all runs that wait at one step have one future, so
// the steps' events are kept and not the runs (sequence_matcher.hpp). What fits: steps of one event
// (or an OR of them) with a keyword, a WITHIN, a NOT before them or a count; pauses after a single
// event, leading NOTs before one; a silence after a single step; groups with a WITHIN and a WHERE,
// not repeated; WITHIN, WHERE and UNTIL of the pattern; every AFTER MATCH. Conditions `f == name.g`
// that tie every step to one before make the field a part of the key. Everything else is matched
// run by run (matcher.hpp).
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "weir/nfa/automaton.hpp"

namespace weir::nfa {

inline constexpr std::int64_t kNoSpan = std::numeric_limits<std::int64_t>::max();
inline constexpr std::size_t kMaxSequenceSteps = 64;

/// A NOT with a WITHIN of its own.
struct SequenceNot {
  std::vector<Test> tests;
  std::int64_t span = 0;  // ns
};

struct SequenceStep {
  std::vector<Test> tests;   // of the event alone; the first that holds gives the event its name
  std::vector<Test> guards;  // an event that satisfies any of them ends the wait for this step
  /// NOT c WITHIN d before the step: an event before its end that satisfies it takes away those
  /// that wait for this. The wait for the step begins after the longest, `pause`.
  std::vector<SequenceNot> pauses;
  std::int64_t pause = 0;                             // ns
  Contiguity contiguity = Contiguity::kSkipTillNext;  // of the step's (first) event
  Contiguity between = Contiguity::kSkipTillNext;     // of a loop's later ones
  bool reluctant = false;
  std::int64_t reach = kNoSpan;   // ns, from the event bound before it to the step's (first)
  std::int64_t within = kNoSpan;  // ns, from one of a loop to its next
  std::uint32_t min = 1;
  std::uint32_t max = 1;  // kNoLimit: none
  bool loop() const noexcept { return max > 1; }
  /// Any later event may be the loop's next: its iterations are subsequences, not rows.
  bool any_loop() const noexcept { return loop() && between == Contiguity::kAny; }
};

enum class Silence : std::uint8_t {
  kNone,
  kPattern,  // NOT c at the end: until WITHIN of the pattern is over
  kOwn,      // NOT c WITHIN d at the end
};

/// Steps that a WITHIN spans, asked along a path: what is bound of them lies within `length`.
struct SequenceSpan {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::int64_t length = 0;  // ns
};

/// Which tests of a SequenceNot, its index in the plan, an event of one type may satisfy.
struct NotRole {
  std::uint32_t place = 0;
  std::vector<std::uint8_t> tests;
};

/// What an event of one type may be to one step, as indices into its tests and NOTs.
struct SequenceRole {
  std::uint32_t step = 0;
  std::vector<std::uint8_t> tests;
  std::vector<std::uint8_t> guards;
  std::vector<NotRole> pauses;
};

struct SequenceType {
  TypeId type = kOtherType;
  std::vector<SequenceRole> roles;    // steps descend
  std::vector<std::uint8_t> silence;  // into SequencePlan::silence_tests
  std::vector<NotRole> leading;       // of SequencePlan::leading
  std::vector<std::uint8_t> until;    // into SequencePlan::until
  bool ends = false;                  // silence or until
};

struct SequencePlan {
  KeySpecId key = kNoKey;     // of its partitions
  std::uint32_t own_key = 0;  // so many of the key's values are the rule's, the rest correlate
  /// No such event in the span before the first step's. Of each the time of the last one is kept.
  std::vector<SequenceNot> leading;
  std::vector<SequenceStep> steps;
  Silence silence = Silence::kNone;
  std::int64_t silence_span = 0;    // ns, from the (only) step's event
  std::vector<Test> silence_tests;  // events that break it
  std::int64_t within = kNoSpan;    // ns, of the pattern
  std::vector<SequenceSpan> spans;  // of groups
  std::vector<Test> until;          // events that end what has begun and is not complete
  std::vector<ExprId> where;        // of the pattern: held when a match is listed
  AfterMatch after = AfterMatch::kConsume;
  NameId after_name = kNoName;
  bool strict = false;    // NEXT somewhere: every event of the input counts
  bool disjoint = false;  // no event fits two steps
  /// Of runs that wait at one step the first alone can ever be reported: all of them take the same
  /// events from there on, none ends before another, and the match takes the others along.
  bool first_alone = false;
  /// Types of the input that can do something. kOtherType stands first, where every type of the
  /// sources is read: what any of them can do.
  std::vector<SequenceType> types;

  /// Steps whose events are kept: all but a last one that completes the match.
  std::uint32_t kept() const noexcept {
    const bool keeps_last = silence != Silence::kNone || steps.back().loop();
    return static_cast<std::uint32_t>(steps.size() - (keeps_last ? 0 : 1));
  }
  /// The match is one event, and nothing is kept.
  bool single() const noexcept { return kept() == 0 && leading.empty(); }
  /// Null where an event of the type does nothing. `source`: it comes from a source, and not from a
  /// derived stream or a rule.
  const SequenceType* of(TypeId type, bool source) const noexcept {
    const SequenceType* any = nullptr;
    for (const SequenceType& t : types) {
      if (t.type == kOtherType) {
        if (source) any = &t;
      } else if (t.type == type) {
        return &t;
      }
    }
    return any;
  }
};

}  // namespace weir::nfa
