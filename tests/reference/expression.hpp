// The reference evaluator of expressions: the tree is walked anew for every event.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "log.hpp"
#include "weir/pattern-lang/ast.hpp"

namespace weir::reference {

/// What an expression can see.
class Scope {
 public:
  virtual ~Scope() = default;
  /// The event that bare field names read; null where there is none (they are then null).
  virtual const RefEvent* candidate() const = 0;
  /// `name` is one that the pattern binds, so that `name.field` is no nested field.
  virtual bool is_name(std::string_view name) const = 0;
  /// The events that stand under the name here, in order.
  virtual std::vector<const RefEvent*> bound(std::string_view name) const = 0;
};

/// Evaluates lang::Expr. Values returned live in the evaluator until the next holds() or clear().
/// Not covered: zones of hour() and weekday() (null with a second argument), lookup() and `in
/// table` (null and false), which plain patterns over small logs do without.
class Evaluator {
 public:
  bool holds(const lang::Expr& expr, const Scope& scope) {
    clear();
    return eval(expr, scope).truthy();
  }
  Value eval(const lang::Expr& expr, const Scope& scope);
  void clear() { arena_.reset(); }

 private:
  Value call(const lang::Expr& expr, const Scope& scope);
  Value aggregate(const lang::Expr& expr, const Scope& scope);
  Value string_test(const lang::Expr& expr, const Scope& scope);

  ValueArena arena_;
};

/// The name of one of the aggregates over a loop's name.
bool is_aggregate(std::string_view function);

/// Calls `on_name` for every bound name that the expression reads, `on_bare` for every bare field.
void visit_names(const lang::Expr& expr, const std::function<bool(std::string_view)>& is_name,
                 const std::function<void(std::string_view)>& on_name,
                 const std::function<void()>& on_bare);

/// The conjuncts of an expression, in written order.
void split_conjuncts(const lang::Expr& expr, std::vector<const lang::Expr*>& out);

}  // namespace weir::reference
