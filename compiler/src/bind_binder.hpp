// The pass that binds one expression. bind.cpp: structure and operators; bind_path.cpp: what paths
// mean; bind_call.cpp: functions and tables; bind_aggregate.cpp: aggregates.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bind_types.hpp"

namespace weir::compiler {

/// Operators inside one another; the parser bounds parentheses, this one chains such as 1+1+1...
inline constexpr int kMaxExpressionDepth = 500;

/// An aggregate's name as written, or nothing.
std::optional<nfa::Agg> find_aggregate(std::string_view name) noexcept;

class Binder {
 public:
  Binder(const lang::SnippetPtr& snippet, const Scope& scope, BindContext& context)
      : snippet_(snippet), scope_(scope), context_(context) {}

  Typed bind(const lang::Expr& e);
  /// An error was reported.
  bool failed() const noexcept { return failed_; }

 private:
  using Ids = std::vector<nfa::ExprId>;

  // Reporting. Each returns the binding of what could not be bound.
  lang::Diagnostic& report(lang::Code code, lang::Span span, std::string message);
  Typed fail(lang::Code code, lang::Span span, std::string message, std::string help = {},
             std::string label = {});
  /// Where types are known to be wrong: an error if a schema declared one, else a warning that the
  /// expression never holds or never has a value. False for the error.
  bool report_types(bool declared, lang::Span span, std::string message, std::string label,
                    std::string help = {});
  std::string text_of(const lang::Expr& e) const;

  // bind.cpp
  Typed bind_kind(const lang::Expr& e);
  Typed junction(const lang::Expr& e);
  Typed comparison(const lang::Expr& e);
  Typed arithmetic(const lang::Expr& e);
  Typed negate(const lang::Expr& e);
  Typed logical_not(const lang::Expr& e);
  Typed in_list(const lang::Expr& e);
  Typed is_null(const lang::Expr& e);
  Typed string_test(const lang::Expr& e);
  Typed regex_test(const lang::Expr& e, const Typed& subject);
  bool check_comparable(const lang::Expr& at, const Typed& a, const lang::Expr& b_expr,
                        const Typed& b);
  void check_condition(const lang::Expr& e, const Typed& t);
  /// The node, or what it comes to where all arguments are constants.
  nfa::ExprId node(nfa::Op op, std::span<const nfa::ExprId> args);
  nfa::ExprId node(nfa::Op op, std::initializer_list<nfa::ExprId> args) {
    return node(op, std::span(args.begin(), args.size()));
  }
  Typed boolean(nfa::ExprId id) const { return {id, ValueType::kBool, false}; }
  Typed negated_if(bool negated, nfa::ExprId id);

  // bind_path.cpp
  std::optional<NameInfo> find(std::string_view name) const;
  Typed path(const lang::Expr& e);
  Typed index(const lang::Expr& e);
  Typed name_path(const lang::Expr& e, const NameInfo& name);
  Typed bare_path(const lang::Expr& e);
  Typed name_is_null(const lang::Expr& e, const NameInfo& name);
  Typed unknown_name(const lang::Expr& at, const std::string& name, std::string_view what);
  Typed bound_later(const lang::Expr& at, const NameInfo& name);
  /// Asks the plan for the field, checks it against the schema. False where the schema has no such
  /// field (reported).
  bool read_field(lang::Span span, const std::vector<TypeId>& types, const std::string& dotted,
                  FieldId& field, Typed& out);

  // bind_call.cpp
  Typed call(const lang::Expr& e);
  Typed plain_function(const lang::Expr& e);
  Typed cidr(const lang::Expr& e);
  Typed time_part(const lang::Expr& e, nfa::Op op);
  Typed lookup(const lang::Expr& e);
  Typed in_table(const lang::Expr& e);
  const TableInfo* find_table(const lang::Expr& at, lang::Span span, const std::string& name);
  bool table_key(const lang::Expr& key, const TableInfo& table, const std::string& name, Ids& ids);
  bool arity(const lang::Expr& e, std::size_t least, std::size_t most, std::string_view usage);
  bool expect_type(const lang::Expr& e, const Typed& t, std::initializer_list<ValueType> types,
                   std::string_view function);

  // bind_aggregate.cpp
  Typed aggregate(const lang::Expr& e, nfa::Agg agg);
  Typed pattern_aggregate(const lang::Expr& e, nfa::Agg agg);
  Typed window_aggregate(const lang::Expr& e, nfa::Agg agg);
  bool percent(const lang::Expr& e, double& value);
  Typed result_type(nfa::Agg agg, const lang::Expr& e, const Typed& of);

  lang::SnippetPtr snippet_;
  const Scope& scope_;
  BindContext& context_;
  int depth_ = 0;
  bool too_deep_ = false;
  bool failed_ = false;
  bool in_aggregate_ = false;  // of a window
};

}  // namespace weir::compiler
