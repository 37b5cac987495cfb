// Aggregates: over what a name has bound, or over the events of a window.
#include <algorithm>
#include <array>
#include <utility>

#include "bind_binder.hpp"

namespace weir::compiler {

using lang::Code;
using lang::Expr;
using lang::ExprKind;
using nfa::Agg;
using nfa::ExprId;
using nfa::kNoExpr;

namespace {

constexpr std::array<std::pair<std::string_view, Agg>, 12> kAggregates{{
    {"count", Agg::kCount},
    {"sum", Agg::kSum},
    {"avg", Agg::kAvg},
    {"min", Agg::kMin},
    {"max", Agg::kMax},
    {"stddev", Agg::kStddev},
    {"median", Agg::kMedian},
    {"percentile", Agg::kPercentile},
    {"first", Agg::kFirst},
    {"last", Agg::kLast},
    {"distinct", Agg::kDistinct},
    {"count_distinct", Agg::kCountDistinct},
}};

/// Sets a flag for as long as it lives.
class Raised {
 public:
  explicit Raised(bool& flag) : flag_(flag) { flag_ = true; }
  ~Raised() { flag_ = false; }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;

 private:
  bool& flag_;
};

}  // namespace

std::optional<Agg> find_aggregate(std::string_view name) noexcept {
  for (const auto& [text, agg] : kAggregates) {
    if (text == name) return agg;
  }
  return std::nullopt;
}

Typed Binder::aggregate(const Expr& e, Agg agg) {
  if (!e.path.empty()) {
    return fail(Code::E0407, e.span, "the result of " + e.text + "() has no fields",
                "put the path inside: " + e.text + "(name.field)");
  }
  return scope_.window_aggs != nullptr ? window_aggregate(e, agg) : pattern_aggregate(e, agg);
}

Typed Binder::pattern_aggregate(const Expr& e, Agg agg) {
  const bool with_percent = agg == Agg::kPercentile;
  const std::string usage = agg == Agg::kCount ? "count(name) or count(name.field)"
                            : with_percent     ? "percentile(name.field, 95)"
                                               : e.text + "(name.field)";
  const std::size_t wanted = with_percent ? 2 : 1;
  if (!arity(e, wanted, wanted, usage)) return {};
  const Expr& of = *e.args[0];
  if (of.kind != ExprKind::kPath) {
    return fail(Code::E0407, of.span, e.text + "() takes a name of the pattern and a field of it",
                "write " + usage);
  }
  const auto name = find(of.path[0]);
  if (!name) return unknown_name(of, of.path[0], e.text + "()");
  if (name->kind == NameInfo::Kind::kLater) return bound_later(of, *name);
  if (of.path.size() == 1 && agg != Agg::kCount) {
    return fail(Code::E0407, of.span, e.text + "() needs a field of `" + of.path[0] + "`",
                "write " + e.text + "(" + of.path[0] + ".amount)");
  }
  const bool candidate = name->kind == NameInfo::Kind::kCandidate;
  Ids args;
  Typed element;
  if (of.path.size() > 1) {
    std::string dotted = of.path[1];
    for (std::size_t i = 2; i < of.path.size(); ++i) dotted += '.' + of.path[i];
    FieldId field = 0;
    if (!read_field(of.span, candidate ? scope_.candidate_types : name->types, dotted, field,
                    element)) {
      return {};
    }
    args.push_back(context_.pool.field(field));
  }
  if (with_percent) {
    double value = 0;
    if (!percent(*e.args[1], value)) return {};
    args.push_back(context_.pool.constant(Value::real(value)));
  }
  Typed result = result_type(agg, e, element);
  if (result.declared && !result.type && element.type) return {};
  result.id = candidate ? context_.pool.aggregate(agg, nfa::kCandidateName, nfa::kNoReg, args)
                        : context_.pool.aggregate(agg, name->name, name->scope, args);
  return result;
}

Typed Binder::window_aggregate(const Expr& e, Agg agg) {
  if (in_aggregate_) {
    return fail(
        Code::E0416, e.span, "an aggregate inside an aggregate",
        "a window holds events, not values of values; derive a second stream from this one");
  }
  const bool with_percent = agg == Agg::kPercentile;
  const std::size_t least = agg == Agg::kCount ? 0 : (with_percent ? 2 : 1);
  const std::size_t most = agg == Agg::kCount ? 1 : least + 1;
  const std::string usage = agg == Agg::kCount ? "count() or count(condition)"
                            : with_percent
                                ? "percentile(field, 95) or percentile(field, 95, condition)"
                                : e.text + "(field) or " + e.text + "(field, condition)";
  if (!arity(e, least, most, usage)) return {};
  const Raised inside(in_aggregate_);
  Scope::WindowAgg made;
  made.agg = agg;
  Typed element;
  bool ok = true;
  if (agg != Agg::kCount) {
    element = bind(*e.args[0]);
    made.arg = element.id;
    ok = element.ok();
  }
  if (with_percent) ok = percent(*e.args[1], made.percent) && ok;
  if (e.args.size() == most) {
    const Typed condition = bind(*e.args[most - 1]);
    check_condition(*e.args[most - 1], condition);
    made.cond = condition.id;
    ok = ok && condition.ok();
  }
  if (!ok) return {};
  Typed result = result_type(agg, e, element);
  if (result.declared && !result.type && element.type) return {};
  auto& all = *scope_.window_aggs;
  auto at = std::find(all.begin(), all.end(), made);
  if (at == all.end()) at = all.insert(at, made);
  result.id = context_.pool.agg_result(static_cast<std::uint32_t>(at - all.begin()));
  return result;
}

bool Binder::percent(const Expr& e, double& value) {
  const Typed t = bind(e);
  if (!t.ok()) return false;
  const nfa::ExprNode& n = context_.pool.at(t.id);
  if (n.op != nfa::Op::kConst || !n.value.is_number()) {
    fail(Code::E0407, e.span, "percentile() takes a number from 0 to 100, such as 95");
    return false;
  }
  value = n.value.number();
  if (value >= 0 && value <= 100) return true;
  fail(Code::E0409, e.span, "`" + text_of(e) + "` is no percentage: percentiles go from 0 to 100");
  return false;
}

// A result that is declared, without a type while the element has one, was refused (and reported).
Typed Binder::result_type(Agg agg, const Expr& e, const Typed& of) {
  Typed result;
  result.declared = of.declared;
  switch (agg) {
    case Agg::kCount:
    case Agg::kCountDistinct:
      return {kNoExpr, ValueType::kInt, false};
    case Agg::kDistinct:
      return {kNoExpr, ValueType::kList, false};
    case Agg::kMin:
    case Agg::kMax:
    case Agg::kFirst:
    case Agg::kLast:
      result.type = of.type;
      return result;
    case Agg::kSum:
    case Agg::kAvg:
    case Agg::kStddev:
    case Agg::kMedian:
    case Agg::kPercentile:
      break;
  }
  if (!of.type) return result;
  const bool number = *of.type == ValueType::kInt || *of.type == ValueType::kFloat;
  const bool position = agg == Agg::kMedian || agg == Agg::kPercentile;
  if (number || *of.type == ValueType::kDuration ||
      (position && *of.type == ValueType::kTimestamp)) {
    result.type = of.type;
    if (agg == Agg::kAvg && number) result.type = ValueType::kFloat;
    return result;
  }
  if (*of.type == ValueType::kNull) return {};
  // A warning leaves a result whose type is not known.
  result.declared = !report_types(of.declared, e.span,
                                  e.text + "() of " + with_article(*of.type) + " has no value", "");
  return result;
}

}  // namespace weir::compiler
