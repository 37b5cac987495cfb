// What the pattern grammar's semantic actions talk to: a stack of the steps that are open.
#pragma once

#include <vector>

#include "expression_builder.hpp"

namespace weir::lang {

class PatternBuilder : public ExpressionBuilder {
 public:
  using ExpressionBuilder::ExpressionBuilder;

  // Actions. `at` is the place after what was parsed.
  void step_begin(At at);
  void keyword(At at);
  void negate(At at);
  void named(At at);
  void group_begin(At at);
  void group_end(At at);
  void quantifier(At at);
  void bounds_begin(At at);
  void lower(At at);
  void upper(At at);
  void upper_open(At at);
  void bounds_end(At at);
  void reluctant(At at);
  void possessive(At at);
  void between(At at);
  void as(At at);
  /// The step joins the group that is open around it; the outermost stays for take_pattern().
  void member_end(At at);
  void root_end(At at) { finish_step(at); }

  void where_begin(At at);
  void where_end(At at);
  void until_begin(At at);
  void until_end(At at);
  void within_begin(At at);
  void within_end(At at);
  void clause_end() { guards_.pop_back(); }

  void after_begin(At at);
  void after_consume(At at) { after(AfterKind::kConsume, at); }
  void after_keep(At at) { after(AfterKind::kKeep, at); }
  void after_past_last(At at) { after(AfterKind::kSkipPastLast, at); }
  void after_to_next(At at) { after(AfterKind::kSkipToNext, at); }
  void after_to_name(At at);

  /// A fault in the step, or in the clause, that is being read: what was built of it is dropped.
  /// Its first token is returned; X3 has moved its own place past it by then.
  At drop_step();
  At drop_clause();
  /// A stray piece between clauses is no clause, but is recovered from like one.
  void stray_begin(At at) { guard(at); }

  Pattern take_pattern();

 private:
  /// What was on the stacks when a step or clause began.
  struct Guard {
    std::size_t steps;
    std::size_t clauses;
    At begin;
  };
  void guard(At begin) { guards_.push_back({steps_.size(), clauses_.size(), begin}); }
  At unwind();
  void begin_clause(ClauseKind kind, At at);
  void finish_step(At at);
  void after(AfterKind kind, At at);
  std::uint32_t bound(const Token& number);
  Step& step() { return steps_.back(); }

  std::vector<Step> steps_;
  std::vector<Guard> guards_;
  std::vector<const Token*> clauses_;  // the keyword of each that is open
  std::optional<After> after_;
  const Token* after_token_ = nullptr;
};

/// Says what is wrong where an expectation point failed.
void explain_fault(Fault fault, At at, Reporter& reporter);

/// The checks of a pattern's shape that need no names (check_shape.cpp).
void check_shape(const Pattern& pattern, Reporter& reporter);

}  // namespace weir::lang
