// Functions and tables.
#include <algorithm>
#include <array>
#include <limits>

#include "bind_binder.hpp"
#include "bind_zones.hpp"

namespace weir::compiler {

using lang::Code;
using lang::Expr;
using lang::ExprKind;
using nfa::ExprId;
using nfa::kNoExpr;
using nfa::Op;

namespace {

constexpr std::size_t kMany = std::numeric_limits<std::size_t>::max();

/// Functions whose arguments are values and nothing else.
struct Function {
  std::string_view name;
  Op op;
  std::size_t least;
  std::size_t most;
  std::string_view usage;
  std::optional<ValueType> result;
};

constexpr std::array<Function, 7> kFunctions{{
    {"lower", Op::kLower, 1, 1, "lower(text)", ValueType::kString},
    {"upper", Op::kUpper, 1, 1, "upper(text)", ValueType::kString},
    {"length", Op::kLength, 1, 1, "length(text)", ValueType::kInt},
    {"abs", Op::kAbs, 1, 1, "abs(number)", std::nullopt},
    {"round", Op::kRound, 1, 2, "round(number) or round(number, digits)", std::nullopt},
    {"coalesce", Op::kCoalesce, 1, kMany, "coalesce(a, b)", std::nullopt},
    {"distance_km", Op::kDistanceKm, 4, 4, "distance_km(lat1, lon1, lat2, lon2)",
     ValueType::kFloat},
}};

const Function* find_function(std::string_view name) noexcept {
  const auto it = std::find_if(kFunctions.begin(), kFunctions.end(),
                               [&](const Function& f) { return f.name == name; });
  return it == kFunctions.end() ? nullptr : it;
}

const std::vector<std::string>& function_names() {
  static const std::vector<std::string> names{
      "count",  "sum",    "avg",     "min",      "max",           "stddev",
      "median", "first",  "last",    "distinct", "percentile",    "lower",
      "upper",  "length", "abs",     "round",    "coalesce",      "distance_km",
      "hour",   "cidr",   "weekday", "lookup",   "count_distinct"};
  return names;
}

std::string did_you_mean(const std::string& word) {
  return word.empty() ? std::string() : "did you mean \"" + word + "\"?";
}

const Value* string_literal(const Expr& e) noexcept {
  if (e.kind != ExprKind::kLiteral) return nullptr;
  const Value& v = e.literal.get();
  return v.type() == ValueType::kString ? &v : nullptr;
}

std::string joined(const std::vector<std::string>& path) {
  std::string dotted;
  for (const std::string& segment : path) dotted += (dotted.empty() ? "" : ".") + segment;
  return dotted;
}

std::string count_of(std::size_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

}  // namespace

Typed Binder::call(const Expr& e) {
  if (const auto agg = find_aggregate(e.text)) return aggregate(e, *agg);
  if (e.text == "lookup") return lookup(e);
  const bool known = find_function(e.text) != nullptr || e.text == "cidr" || e.text == "hour" ||
                     e.text == "weekday";
  if (!known) {
    const lang::Span span = e.op_span.end > e.op_span.begin ? e.op_span : e.span;
    return fail(Code::E0406, span, "no function is called `" + e.text + "`",
                did_you_mean(lang::nearest(e.text, function_names())));
  }
  if (!e.path.empty()) {
    return fail(Code::E0407, e.span, "the result of " + e.text + "() has no fields");
  }
  if (e.text == "cidr") return cidr(e);
  if (e.text == "hour") return time_part(e, Op::kHour);
  if (e.text == "weekday") return time_part(e, Op::kWeekday);
  return plain_function(e);
}

bool Binder::arity(const Expr& e, std::size_t least, std::size_t most, std::string_view usage) {
  const std::size_t n = e.args.size();
  if (n >= least && n <= most) return true;
  std::string wanted = count_of(least, "argument");
  if (most == kMany) {
    wanted = "at least " + wanted;
  } else if (most != least) {
    wanted = std::to_string(least) + " or " + count_of(most, "argument");
  }
  fail(Code::E0407, e.span, e.text + "() takes " + wanted + ", not " + std::to_string(n),
       "write " + std::string(usage));
  return false;
}

bool Binder::expect_type(const Expr& e, const Typed& t, std::initializer_list<ValueType> types,
                         std::string_view function) {
  if (!t.type || *t.type == ValueType::kNull) return true;
  const bool fits = std::any_of(types.begin(), types.end(),
                                [&](ValueType type) { return comparable(type, *t.type); });
  if (fits) return true;
  return report_types(t.declared, e.span,
                      std::string(function) + "() of " + with_article(*t.type) + " has no value",
                      "");
}

Typed Binder::plain_function(const Expr& e) {
  using enum ValueType;
  const Function& f = *find_function(e.text);
  if (!arity(e, f.least, f.most, f.usage)) return {};
  Ids ids;
  Typed result;
  bool ok = true;
  std::optional<ValueType> common;
  bool one_type = true;
  for (std::size_t i = 0; i < e.args.size(); ++i) {
    const Typed t = bind(*e.args[i]);
    ids.push_back(t.id);
    if (!t.ok()) {
      ok = false;
      continue;
    }
    switch (f.op) {
      case Op::kLower:
      case Op::kUpper:
        ok = expect_type(*e.args[i], t, {kString}, f.name) && ok;
        break;
      case Op::kLength:
        ok = expect_type(*e.args[i], t, {kString, kList}, f.name) && ok;
        break;
      case Op::kAbs:
        ok = expect_type(*e.args[i], t, {kInt, kDuration}, f.name) && ok;
        break;
      case Op::kRound:
      case Op::kDistanceKm:
        ok = expect_type(*e.args[i], t, {kInt}, f.name) && ok;
        break;
      default:
        break;
    }
    result.declared = result.declared || t.declared;
    if (i == 0) common = t.type;
    one_type = one_type && t.type == common;
  }
  if (!ok) return {};
  result.id = node(f.op, ids);
  result.type = f.result;
  if (f.op == Op::kAbs || (f.op == Op::kCoalesce && one_type)) result.type = common;
  if (f.op == Op::kRound) result.type = ids.size() == 1 ? kInt : kFloat;
  return result;
}

Typed Binder::cidr(const Expr& e) {
  if (!arity(e, 2, 2, "cidr(ip, \"10.0.0.0/8\")")) return {};
  const Typed subject = bind(*e.args[0]);
  const Value* network = string_literal(*e.args[1]);
  if (network == nullptr) {
    return fail(Code::E0407, e.args[1]->span, "cidr() takes its network in quotes",
                "write cidr(ip, \"10.0.0.0/8\")");
  }
  if (!subject.ok() || !expect_type(*e.args[0], subject, {ValueType::kString}, "cidr")) return {};
  std::string error;
  const ExprId id = context_.pool.cidr(subject.id, network->as_string(), error);
  if (id == kNoExpr) return fail(Code::E0409, e.args[1]->span, std::move(error));
  return boolean(id);
}

Typed Binder::time_part(const Expr& e, Op op) {
  if (!arity(e, 1, 2, e.text + "(ts) or " + e.text + "(ts, \"Europe/Berlin\")")) return {};
  const Typed time = bind(*e.args[0]);
  const bool ok = time.ok() && expect_type(*e.args[0], time, {ValueType::kTimestamp}, e.text);
  std::string_view zone = "UTC";
  if (e.args.size() == 2) {
    const Value* named = string_literal(*e.args[1]);
    if (named == nullptr) {
      return fail(Code::E0407, e.args[1]->span, e.text + "() takes a zone's name in quotes",
                  "write " + e.text + "(ts, \"Europe/Berlin\")");
    }
    zone = named->as_string();
  }
  if (!ok) return {};
  std::string error;
  const ExprId id = context_.pool.zoned(op, time.id, zone, error);
  if (id == kNoExpr) {
    return fail(Code::E0409, e.args[1]->span, std::move(error),
                did_you_mean(lang::nearest(zone, zone_names())));
  }
  return {id, ValueType::kInt, false};
}

const TableInfo* Binder::find_table(const Expr& at, lang::Span span, const std::string& name) {
  const auto it = context_.tables.find(name);
  if (it != context_.tables.end()) return &it->second;
  std::vector<std::string> known;
  for (const auto& [table, info] : context_.tables) known.push_back(table);
  std::sort(known.begin(), known.end());
  std::string help = did_you_mean(lang::nearest(name, known));
  if (help.empty() && known.empty()) help = "tables are declared under `tables:` of the same file";
  fail(Code::E0413, span.end > span.begin ? span : at.span, "no table is called `" + name + "`",
       std::move(help));
  return nullptr;
}

bool Binder::table_key(const Expr& key, const TableInfo& table, const std::string& name, Ids& ids) {
  std::vector<const Expr*> columns;
  if (key.kind == ExprKind::kTuple) {
    for (const auto& column : key.args) columns.push_back(column.get());
  } else {
    columns.push_back(&key);
  }
  bool ok = true;
  for (const Expr* column : columns) {
    const Typed t = bind(*column);
    ok = ok && t.ok();
    ids.push_back(t.id);
  }
  if (table.table == nullptr || table.table->key_columns() == columns.size()) return ok;
  fail(Code::E0415, key.span,
       "the key of table `" + name + "` has " + count_of(table.table->key_columns(), "column") +
           ", not " + std::to_string(columns.size()),
       table.table->key_columns() > 1 ? "give them in parentheses: (a, b)" : "");
  return false;
}

Typed Binder::lookup(const Expr& e) {
  if (!arity(e, 2, 2, "lookup(table, key).column")) return {};
  const Expr& table_expr = *e.args[0];
  const Value* quoted = string_literal(table_expr);
  if (quoted == nullptr && table_expr.kind != ExprKind::kPath) {
    return fail(Code::E0407, table_expr.span, "lookup() takes a table's name first",
                "write lookup(table, key).column");
  }
  const std::string name =
      quoted != nullptr ? std::string(quoted->as_string()) : joined(table_expr.path);
  const TableInfo* table = find_table(table_expr, table_expr.span, name);
  if (e.path.empty()) {
    return fail(Code::E0414, e.span, "lookup() finds a row; which column of it is not said",
                "write lookup(" + name + ", key).column");
  }
  const std::string column = joined(e.path);
  Ids ids;
  if (table == nullptr || !table_key(*e.args[1], *table, name, ids)) return {};
  if (table->table != nullptr && !table->table->has_column(column)) {
    return fail(Code::E0414, e.span, "table `" + name + "` has no column `" + column + "`",
                did_you_mean(lang::nearest(column, table->table->column_names())));
  }
  Typed result;
  result.id = context_.pool.node(Op::kLookup, ids, table->id, Value::string(column));
  return result;
}

// `k not in table(t)` is false for null, as `not in` is everywhere; `not (k in table(t))` is true.
Typed Binder::in_table(const Expr& e) {
  // The table's name is the last thing in the expression.
  lang::Span span = e.op_span;
  const std::size_t at = snippet_->text.rfind(e.text, e.span.end);
  if (at != std::string::npos && at >= e.op_span.end) {
    const auto begin = static_cast<std::uint32_t>(at);
    span = {begin, begin + static_cast<std::uint32_t>(e.text.size())};
  }
  const TableInfo* table = find_table(e, span, e.text);
  Ids ids;
  if (table == nullptr || !table_key(*e.args[0], *table, e.text, ids)) return {};
  const ExprId found = context_.pool.node(Op::kInTable, ids, table->id);
  if (!e.negated) return boolean(found);
  Ids all{node(Op::kNot, {found})};
  for (const ExprId key : ids) all.push_back(node(Op::kNot, {node(Op::kIsNull, {key})}));
  return boolean(node(Op::kAnd, all));
}

}  // namespace weir::compiler
