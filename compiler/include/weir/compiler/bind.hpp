// Binding of expressions: AST with names -> nodes of the Program's expression pool.
//
// What a path's head means depends on where the expression stands; the Scope says so. Types are
// checked where a schema declares them. Every fault is a diagnostic at its place.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/expr.hpp"
#include "weir/pattern-lang/ast.hpp"
#include "weir/pattern-lang/diagnostic.hpp"
#include "weir/event/schema.hpp"

namespace weir::compiler {

/// What a name of the pattern is, seen from the expression's place.
struct NameInfo {
  enum class Kind {
    kCandidate,  // the step's own name where the step is no loop: the candidate itself
    kSingle,     // one event (or none)
    kList,       // a loop's: needs an aggregate or an index
    kLater,      // bound only later in the pattern: an error
  };
  Kind kind = Kind::kSingle;
  nfa::NameId name = 0;
  nfa::RegId scope = nfa::kNoReg;
  lang::Span bound_at;               // where the pattern binds it, for labels
  std::vector<TypeId> types;         // which event types it may be, for the schema; empty: any
};

/// Where an expression stands.
struct Scope {
  /// Nothing where the pattern binds no such name (the head is then a field of the candidate).
  std::function<std::optional<NameInfo>(std::string_view name)> find;
  /// All names of the pattern, for suggestions.
  std::vector<std::string> names;
  /// Bare field names are the candidate's. Where not, a bare path is an error (pattern's WHERE over
  /// the whole match, alert fields).
  bool has_candidate = true;
  /// What the candidate may be: its fields are asked of these types in the field plan. Contains
  /// kOtherType for `*`.
  std::vector<TypeId> candidate_types;
  /// Where a bare path is an error: what the message says to write instead, e.g. "write a step's name before it: t.amount".
  std::string no_candidate_help;
  /// Window values: aggregates run over the window's events (bare names inside them are fields, the
  /// last argument may be a condition); each is appended here and read as kAggResult.
  struct WindowAgg {
    nfa::Agg agg;
    nfa::ExprId arg = nfa::kNoExpr;   // none: count()
    nfa::ExprId cond = nfa::kNoExpr;  // none: every event
    double percent = 0;
    friend bool operator==(const WindowAgg&, const WindowAgg&) = default;
  };
  std::vector<WindowAgg>* window_aggs = nullptr;
};

struct TableInfo {
  nfa::TableId id = 0;
  nfa::TablePtr table;  // null where it could not be loaded (already reported)
};

struct BindContext {
  nfa::ExprPool& pool;
  FieldPlan& plan;
  lang::Diagnostics& diagnostics;
  /// Tables of the document, by name.
  const std::unordered_map<std::string, TableInfo>& tables;
  /// May be null: no types are declared.
  const Schema* schema = nullptr;
};

/// kNoExpr where there was an error (reported). Asks the field plan for every field that is read: a
/// candidate's of `scope.candidate_types`, a name's of its types (of kOtherType where they are empty).
nfa::ExprId bind(const lang::Expr& expr, const lang::SnippetPtr& snippet, const Scope& scope,
                 BindContext& context);

/// The conjuncts of `expr`: what its outermost `and`s join.
std::vector<const lang::Expr*> conjuncts(const lang::Expr& expr);

/// What an expression mentions: heads of paths and first arguments of aggregates, with their spans.
/// `bare`: heads that `is_name` does not know.
struct Mentions {
  std::vector<std::pair<std::string, lang::Span>> names;
  std::vector<std::pair<std::string, lang::Span>> bare;
};
Mentions mentions(const lang::Expr& expr, const std::function<bool(std::string_view)>& is_name);

/// Reports conjunctions that can never hold, such as `amount > 5 and amount < 3`, as E0410.
void check_contradictions(const std::vector<const lang::Expr*>& conjuncts,
                          const lang::SnippetPtr& snippet, lang::Diagnostics& diagnostics);

}  // namespace weir::compiler
