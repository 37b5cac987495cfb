// Predicates of one event in a flat form: instructions that test one thing of the event and say
// where to go on, as in the filter machine of BPF (McCanne & Jacobson, "The BSD Packet Filter",
// 1993). `and`, `or` and `not` are jumps and cost nothing; most predicates are one instruction.
//
// Each instruction answers exactly as expr_eval.cpp does; what has no instruction is evaluated by
// ExprPool::eval.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "weir/nfa/expr.hpp"

namespace weir::nfa {

/// Which outcomes of a comparison satisfy it; a bit each.
enum Outcome : std::uint8_t { kLess = 1, kEqual = 2, kGreater = 4 };

/// The outcomes that satisfy kEq .. kGe; 0 for other operations.
std::uint8_t outcomes(Op op) noexcept;

struct FlatTest {
  enum class Kind : std::uint8_t {
    kInteger,     // a number against an integer
    kReal,        // a number against a float
    kString,      // a string against a string
    kPlain,       // a boolean, timestamp or duration against another
    kOneOf,       // in; index: of the set
    kNull,        // is_null
    kTrue,        // is true itself
    kContains,    // a text, or an item of a list
    kStartswith,  // the text
    kEndswith,
    kLike,
    kMatches,  // index: its ExprId
    kHas,      // contains where the member is no string: index: of the ExprId; lists alone
    kEval,     // index: an ExprId, evaluated as a whole
    kNever,    // nothing satisfies it
  };
  Kind kind = Kind::kNever;
  std::uint8_t accepts = 0;           // of comparisons: Outcomes
  ValueType type = ValueType::kNull;  // kPlain
  std::uint32_t subject = 0;          // FieldId; or kDerived and a place in FlatTests::derived()
  std::uint32_t if_true = 0;          // the next instruction, or kHolds, kFails
  std::uint32_t if_false = 0;
  union {
    std::int64_t integer = 0;
    double real;
    const char* chars;  // lives in the pool
    std::uint32_t index;
  };
  std::uint32_t size = 0;  // of chars
  /// kContains, kLike, kMatches: in the pool's StringSets, or StringSets::kNone.
  std::uint32_t pattern = 0xffffffff;

  std::string_view text() const noexcept { return {chars, size}; }
};

/// A set of constants, asked by hash. Nulls are never in it.
class ConstantSet {
 public:
  /// What `values` point to outlives the set.
  explicit ConstantSet(std::vector<Value> values);
  /// equals() some constant of the set.
  bool contains(const Value& v) const noexcept;

 private:
  std::vector<Value> slots_;  // open addressing, a power of two; null where free
};

class FlatTests {
 public:
  static constexpr std::uint32_t kHolds = 0xffffffff;
  static constexpr std::uint32_t kFails = 0xfffffffe;
  static constexpr std::uint32_t kNone = 0xfffffffd;
  static constexpr std::uint32_t kDerived = 0x80000000;

  /// Of every one-event node of the pool that can be true. The pool outlives it and does not grow.
  /// `strings` may be null.
  FlatTests(const ExprPool& pool, const StringSets* strings);

  /// The first instruction; kNone where the predicate has no flat form.
  std::uint32_t entry(ExprId id) const noexcept { return entries_[id]; }
  const FlatTest& at(std::uint32_t instruction) const noexcept { return code_[instruction]; }
  const ConstantSet& set(std::uint32_t index) const noexcept { return sets_[index]; }
  /// Subjects that are no field: lower(x), length(x) ... Each is evaluated once per event.
  std::span<const ExprId> derived() const noexcept { return derived_; }
  /// The place of a subject in derived(); kNone where it is not one of them.
  std::uint32_t derived_place(ExprId id) const noexcept;
  std::size_t memory() const noexcept;

 private:
  class Emitter;
  std::vector<std::uint32_t> entries_;  // by ExprId
  std::vector<FlatTest> code_;
  std::vector<ConstantSet> sets_;
  std::vector<ExprId> derived_;  // ascending
};

}  // namespace weir::nfa
