// The abstract syntax of expressions and patterns (language contract, section 3).
//
// Trees own their nodes; every node has the span of the text it was read from, in the snippet that the
// root names. Nothing here is resolved: `a.b` may be a field path or a name's field, `x` an event type
// or an event class; that is the compiler's work.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/event/time.hpp"
#include "weir/event/value.hpp"
#include "weir/pattern-lang/source.hpp"

namespace weir::lang {

// ---------------------------------------------------------------- expressions

enum class ExprKind : std::uint8_t {
  kLiteral,     // literal
  kPath,        // path: a.b.c; the head may turn out to be a bound name
  kIndex,       // path[0] is the name, index the number, path[1..] the field: f[-1].x
  kCall,        // text: the function (as written); args; path: what follows, lookup(t, k).c.d
  kNot,         // args[0]
  kNegate,      // args[0]
  kBinary,      // op, args[0], args[1]
  kIn,          // args[0] in (args[1..]); negated: not in
  kInTable,     // args[0] in table(text); negated: not in
  kIsNull,      // args[0] is null; negated: is not null
  kStringTest,  // op, args[0] tested against args[1..] (any holds)
  kRegex,       // text, flags; only as an operand of `matches`
  kTuple,       // (a, b): a key of several columns; only in lookup(...) and before `in table`
};

enum class ExprOp : std::uint8_t {
  kNone,
  kOr, kAnd,
  kEq, kNe, kLt, kLe, kGt, kGe,
  kAdd, kSub, kMul, kDiv, kMod,
  kContains, kStartswith, kEndswith, kMatches, kLike,
};

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Expr {
  ExprKind kind = ExprKind::kLiteral;
  ExprOp op = ExprOp::kNone;
  bool negated = false;
  /// kStringTest, kIn: the operand was a list in parentheses, also of one member.
  bool list_form = false;
  Span span;
  Span op_span;                     // the operator, the function's name, the keyword
  OwnedValue literal;               // kLiteral: null, bool, int, float, string, duration
  std::int64_t index = 0;           // kIndex
  std::vector<std::string> path;    // kPath, kIndex, kCall
  std::string text;                 // kCall, kInTable, kRegex; kLiteral: a duration as written
  std::string flags;                // kRegex
  std::vector<ExprPtr> args;
};

/// An expression and the text that it stands in.
struct ExprText {
  SnippetPtr snippet;
  ExprPtr root;  // null where the text did not parse (a diagnostic says why)
};

// ---------------------------------------------------------------- patterns

enum class Contiguity : std::uint8_t { kSkipTillNext, kNext, kAny };
enum class Greed : std::uint8_t { kGreedy, kReluctant, kPossessive };

struct Quantifier {
  std::uint32_t min = 1;
  std::optional<std::uint32_t> max;  // none: no upper bound
  Greed greed = Greed::kGreedy;
  Contiguity between = Contiguity::kSkipTillNext;  // the keyword after it
  Span span;                                       // without that keyword
};

struct Name {
  std::string text;
  Span span;
};

enum class ElementKind : std::uint8_t {
  kType,    // name: an event class or an event type
  kQuoted,  // name: an event type
  kAny,     // *
  kSeq,     // members
  kOr,      // members
  kAnd,     // members
  kParen,   // members[0]
};

struct Step;

struct Element {
  ElementKind kind = ElementKind::kType;
  std::string name;
  std::vector<Step> members;
  Span span;
};

struct Until {
  Element element;
  ExprPtr where;  // may be null
  Span span;
};

struct Within {
  Duration duration;
  Span span;         // of the duration
  std::string text;  // as written: 90s is printed as 90s, not as 1m30s
};

enum class ClauseKind : std::uint8_t { kWhere, kUntil, kWithin };

/// [NEXT | ANY] [NOT] element [quantifier [NEXT | ANY]] [AS name] clause*
struct Step {
  Contiguity keyword = Contiguity::kSkipTillNext;
  bool negated = false;
  Element element;
  std::optional<Quantifier> quantifier;
  std::optional<Name> as;
  ExprPtr where;  // may be null
  std::optional<Until> until;
  std::optional<Within> within;
  /// The clauses in the order in which they were written; the printer keeps it.
  std::vector<ClauseKind> clause_order;
  Span span;          // all of it
  Span keyword_span;  // NEXT, ANY; empty where there is none
  Span not_span;
};

enum class AfterKind : std::uint8_t {
  kConsume,
  kSkipPastLast,
  kSkipToNext,
  kSkipToFirst,  // name
  kSkipToLast,   // name
  kKeep,
};

struct After {
  AfterKind kind = AfterKind::kConsume;
  Name name;
  Span span;
};

/// A rule's pattern. The clauses written last are root's: the compiler says which of them belong to
/// the pattern as a whole (contract, section 3).
struct Pattern {
  SnippetPtr snippet;
  Step root;
  std::optional<After> after;
};

}  // namespace weir::lang
