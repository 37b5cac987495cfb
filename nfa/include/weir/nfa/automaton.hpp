// The automaton of one pattern: nodes that threads stand on, and what guards them.
//
// A pattern becomes nodes in one array that all rules share (states are indices). A *thread* stands
// on a node that waits (kWait, kAnd, kPause) and moves over the others at once (its closure), in
// the order of preference, the way a Pike VM adds threads; what distinguishes two runs in one state
// are the events bound and a few registers. The contract of what a match is: docs/language.md,
// section 4.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/expr.hpp"

namespace weir::nfa {

using NodeId = std::uint32_t;
using RuleId = std::uint32_t;    // order of the rules in the files
using DeriveId = std::uint32_t;  // order of the definitions
using KeySpecId = std::uint32_t;
using GuardId = std::uint32_t;
inline constexpr NodeId kNoNode = 0xffffffff;
inline constexpr NameId kNoName = 0xffff;
inline constexpr std::uint32_t kNoLimit = 0xffffffff;
inline constexpr KeySpecId kNoKey = 0;  // the spec of rules without a key: one partition

enum class Contiguity : std::uint8_t {
  kSkipTillNext,
  kAny,
  kNext
};  // the larger beats the smaller

/// How the runs are found that an event may satisfy a test of: those that a condition over what is
/// bound leaves. Tests that ask the same of an event share one.
struct Lookup {
  enum Form : std::uint8_t {
    kAll,    // no condition helps
    kEqual,  // `candidate` == `bound`
    kLess,   // `candidate` < `bound`
    kLessEqual,
    kGreater,
    kGreaterEqual,
  };
  bool any_type = false;
  TypeId type = kOtherType;
  std::vector<ExprId> one_event;  // an event of which one is false satisfies no such test
  Form form = kAll;
  ExprId candidate = kNoExpr;  // of the event alone
  ExprId bound = kNoExpr;      // of what the run has bound alone
  friend bool operator==(const Lookup&, const Lookup&) = default;
};

inline constexpr std::uint16_t kNoLookup = 0xffff;

/// One way to satisfy an element: a type, conditions on the event alone, conditions on what is
/// bound.
struct Test {
  bool any_type = false;
  TypeId type = kOtherType;
  std::vector<ExprId> one_event;     // all must hold; answered once per event for all rules
  std::vector<ExprId> bound;         // all must hold
  NameId name = kNoName;             // what the event is bound to; kNoName under NOT and UNTIL
  std::uint8_t member = 0;           // of an AND: which member it fills
  std::optional<Duration> within;    // of a member of an AND
  std::uint16_t lookup = kNoLookup;  // into Automaton::lookups; leading NOTs have none
};

/// A loop or group around a node whose keyword may govern the node: it does while nothing is bound
/// since `mark` (thread register that holds the number of events bound then).
struct KeywordScope {
  RegId mark = kNoReg;
  Contiguity contiguity = Contiguity::kSkipTillNext;
  bool only_later = false;  // between iterations: only where `count` is not 0
  bool only_first = false;  // before the step: only where `count` is 0
  RegId count = kNoReg;
};

/// A loop with UNTIL around a node.
struct UntilScope {
  std::uint32_t until = 0;  // index into Automaton::untils
  RegId count = kNoReg;     // a step's loop: it has an event where this is not 0
  RegId entry = kNoReg;     // a group's loop: where more is bound than at its entry
};

/// A group with a WITHIN around a node: its events lie within `duration` of its first.
struct WindowScope {
  RegId first_ts = kNoReg;  // kNoTime before the first
  Duration duration;
};
inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

enum class NodeKind : std::uint8_t {
  kWait,       // one event: the first of `tests` that it satisfies; then `next`
  kAnd,        // every one of `tests`, in any order (register `count` holds the members filled)
  kSplit,      // `targets` in order of preference
  kLoopEnter,  // begins a loop: clears its registers; then `next`, its kLoopTest
  kLoopTest,   // iterate (`body`) or leave (`next`), by count, bounds and greed
  kLoopEnd,  // an iteration is complete: WHERE, count; then the kLoopTest `body`. An iteration that
             // binds nothing leaves the loop
  kGroupEnter,  // begins a group that is no loop but has a keyword, a WITHIN or a WHERE
  kGroupEnd,    // its WHERE
  kGuard,       // a NOT, or a row of them, without WITHIN: pending until the next event is taken
  kPause,       // a row of NOTs of which at least one has a WITHIN
  kAccept,
};

struct Guard {
  std::vector<Test> tests;         // of an OR, several; any one violates
  bool next = false;               // NEXT NOT: held against one event only
  std::optional<Duration> within;  // its own deadline
  bool scoped = false;             // stands in a repeated group and reads what is bound
};

enum class Greed : std::uint8_t { kGreedy, kReluctant, kPossessive };

struct Node {
  NodeKind kind = NodeKind::kAccept;
  NodeId next = kNoNode;
  NodeId body = kNoNode;
  std::vector<NodeId> targets;
  std::vector<Test> tests;
  std::vector<GuardId> guards;                     // kGuard, kPause: into Automaton::guards
  Contiguity keyword = Contiguity::kSkipTillNext;  // the node's own
  std::optional<Duration> within;                  // kWait: from the event or instant before it
  std::vector<KeywordScope> keywords;
  std::vector<UntilScope> untils;  // innermost first
  std::vector<WindowScope> windows;
  // Loops:
  std::uint32_t min = 1;
  std::uint32_t max = 1;  // kNoLimit: none; kAnd: its number of members
  Greed greed = Greed::kGreedy;
  RegId count = kNoReg;       // iterations complete, up to where more makes no difference
  RegId entry = kNoReg;       // events bound when the loop or group was entered
  RegId iter = kNoReg;        // events bound when the iteration began
  RegId first_ts = kNoReg;    // of a group with WITHIN
  std::vector<ExprId> where;  // kLoopEnd, kGroupEnd: held when an iteration is complete
  // For people: `SEQ` step text and how far along the pattern it stands.
  std::string label;
  std::uint32_t progress = 0;
};

/// The nodes that `start` leads to, itself included, ascending; `past_waits`: also those behind
/// nodes that wait for an event.
std::vector<NodeId> reached(const std::vector<Node>& nodes, NodeId start, bool past_waits = true);

enum class AfterMatch : std::uint8_t {
  kConsume,
  kSkipPastLast,
  kSkipToNext,
  kSkipToFirst,
  kSkipToLast,
  kKeep,
};

struct BoundName {
  std::string text;
  bool list = false;  // bound by a loop of more than one iteration, or in a repeated group
};

/// A silence asked for before the match begins: no such event in the `within` before its first
/// event.
struct LeadingNot {
  std::vector<Test> tests;
  Duration within;
};

struct Automaton {
  NodeId start = kNoNode;
  std::uint32_t registers = 0;
  std::vector<BoundName> names;  // by NameId
  std::vector<Guard> guards;
  std::vector<std::vector<Test>> untils;
  std::vector<Test> until;         // of the pattern
  std::optional<Duration> within;  // of the pattern
  std::vector<ExprId> where;       // of the pattern, held when a match is complete
  std::vector<LeadingNot> leading;
  /// The longest that one event may be of use by any WITHIN; none where the pattern has no WITHIN.
  /// A key that falls silent is looked at when it has passed.
  std::optional<Duration> longest_wait;
  AfterMatch after = AfterMatch::kConsume;
  NameId after_name = kNoName;
  /// Two runs may come to wait at one place with the same events bound, or one match be found
  /// twice: only then is it looked for.
  bool ambiguous = true;
  /// Aggregates whose value is kept from event to event, see compiler/src/running.hpp.
  std::vector<ExprId> running;
  /// Of all tests that an open run may meet.
  std::vector<Lookup> lookups;
  /// It has possessive loops: what is complete behind one may wait for the end of the log.
  bool possessive = false;
};

}  // namespace weir::nfa
