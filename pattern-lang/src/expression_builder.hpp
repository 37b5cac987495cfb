// What the expression grammar's semantic actions talk to: a stack of operands that operators fold.
#pragma once

#include <vector>

#include "lexical_token.hpp"

namespace weir::lang {

/// What a grammar's expectation points can find missing; explain_fault() says it to people.
enum class Fault : char {
  kOperand = 1,   // an expression, or an operator's operand
  kConditionEnd,  // no second comparison
  kRightParen,
  kListOrTable,  // after `in`
  kListEnd,
  kTableName,
  kNull,      // after `is`
  kField,     // after a dot
  kIndex,     // a whole number after [
  kIndexEnd,  // ]
  kNoIndexHere,
  kExpressionEnd,
  kElement,
  kGroupParen,     // ( after SEQ, OR, AND
  kGroupMember,    // one at least
  kStepEnd,        // a comma or the group's end
  kBound,          // of a quantifier
  kQuantifierEnd,  // }
  kAsName,
  kCondition,  // an expression after WHERE
  kUntilElement,
  kDuration,
  kClause,     // no stray text between clauses
  kMatchWord,  // AFTER MATCH
  kAfterForm,
  kSkipForm,
  kSkipName,
  kPatternEnd,
};

class ExpressionBuilder {
 public:
  explicit ExpressionBuilder(Reporter& reporter) : reporter_(reporter) {}

  // Actions. `at` is the place after what was parsed.
  void literal(At at);
  void regex(At at);
  void path_head(At at);
  void path_member(At at);
  void index(At at);
  void op(At at) { operators_.push_back(at - 1); }
  void fold_binary();
  void fold_not();
  void fold_negate();
  void list_begin(At at);
  void paren_end(At at);
  void call_begin(At at);
  void call_end(At at);
  void fold_in(At at);
  void fold_in_table(At at);
  void fold_is_null(At at);
  void test_list(At at);
  void fold_test(At at);

  /// The finished expression; the stacks are empty then.
  ExprPtr take_expression();
  Reporter& reporter() noexcept { return reporter_; }

 protected:
  void clear_expression();

  Reporter& reporter_;

 private:
  ExprPtr& top() { return operands_.back(); }
  ExprPtr pop();
  const Token* pop_operator();
  std::vector<ExprPtr> pop_from(std::size_t begin);
  void push(ExprPtr e) { operands_.push_back(std::move(e)); }
  void check_tuples(const Expr& e);
  void misplaced_tuple(const Expr& e);

  struct List {
    std::size_t begin;  // its first operand
    const Token* open;
  };
  std::vector<ExprPtr> operands_;
  std::vector<const Token*> operators_;
  std::vector<List> lists_;
};

}  // namespace weir::lang
