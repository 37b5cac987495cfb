#include "expression.hpp"

#include <cctype>
#include <cmath>
#include <limits>
#include <optional>
#include <regex>
#include <string>

#include "aggregate.hpp"

namespace weir::reference {
namespace {

using lang::Expr;
using lang::ExprKind;
using lang::ExprOp;

std::string join(const std::vector<std::string>& path, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < path.size(); ++i) {
    if (i != from) out += '.';
    out += path[i];
  }
  return out;
}

// ------------------------------------------------------------------ operators

Value arithmetic_int(ExprOp op, std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  switch (op) {
    case ExprOp::kAdd:
      return __builtin_add_overflow(a, b, &r) ? Value{} : Value::integer(r);
    case ExprOp::kSub:
      return __builtin_sub_overflow(a, b, &r) ? Value{} : Value::integer(r);
    case ExprOp::kMul:
      return __builtin_mul_overflow(a, b, &r) ? Value{} : Value::integer(r);
    case ExprOp::kDiv:
      return b == 0 ? Value{} : Value::real(static_cast<double>(a) / static_cast<double>(b));
    case ExprOp::kMod:
      if (b == 0) return {};
      return Value::integer(b == -1 ? 0 : a % b);
    default:
      return {};
  }
}

Value arithmetic_float(ExprOp op, double a, double b) {
  switch (op) {
    case ExprOp::kAdd:
      return Value::real(a + b);
    case ExprOp::kSub:
      return Value::real(a - b);
    case ExprOp::kMul:
      return Value::real(a * b);
    case ExprOp::kDiv:
      return b == 0 ? Value{} : Value::real(a / b);
    case ExprOp::kMod:
      return b == 0 ? Value{} : Value::real(std::fmod(a, b));
    default:
      return {};
  }
}

// Timestamps and durations: instant - instant, instant +- span, span +- span, span * number.
Value arithmetic_time(ExprOp op, const Value& a, const Value& b) {
  const bool ta = a.type() == ValueType::kTimestamp, tb = b.type() == ValueType::kTimestamp;
  const bool da = a.type() == ValueType::kDuration, db = b.type() == ValueType::kDuration;
  const auto ns = [](const Value& v) {
    return v.type() == ValueType::kTimestamp ? v.as_timestamp().ns : v.as_duration().ns;
  };
  const auto span = [](const Value& v) {
    return v.is_null() ? Value{} : Value::duration({v.as_int()});
  };
  const auto instant = [](const Value& v) {
    return v.is_null() ? Value{} : Value::timestamp({v.as_int()});
  };
  if (ta && tb) return op == ExprOp::kSub ? span(arithmetic_int(op, ns(a), ns(b))) : Value{};
  if (ta && db && (op == ExprOp::kAdd || op == ExprOp::kSub)) {
    return instant(arithmetic_int(op, ns(a), ns(b)));
  }
  if (da && tb && op == ExprOp::kAdd) return instant(arithmetic_int(op, ns(a), ns(b)));
  if (da && db) {
    if (op == ExprOp::kAdd || op == ExprOp::kSub || op == ExprOp::kMod) {
      return span(arithmetic_int(op, ns(a), ns(b)));
    }
    return op == ExprOp::kDiv ? arithmetic_int(op, ns(a), ns(b)) : Value{};
  }
  return {};
}

Value arithmetic(ExprOp op, const Value& a, const Value& b) {
  if (a.type() == ValueType::kInt && b.type() == ValueType::kInt) {
    return arithmetic_int(op, a.as_int(), b.as_int());
  }
  if (a.is_number() && b.is_number()) return arithmetic_float(op, a.number(), b.number());
  return arithmetic_time(op, a, b);
}

// Nothing where either is null or the types are unlike: every comparison is then false, != too.
bool comparison(ExprOp op, const Value& a, const Value& b) {
  const auto order = compare(a, b);
  if (!order) return false;
  switch (op) {
    case ExprOp::kEq:
      return *order == 0;
    case ExprOp::kNe:
      return *order != 0;
    case ExprOp::kLt:
      return *order < 0;
    case ExprOp::kLe:
      return *order <= 0;
    case ExprOp::kGt:
      return *order > 0;
    case ExprOp::kGe:
      return *order >= 0;
    default:
      return false;
  }
}

bool like(std::string_view s, std::string_view pattern) {
  if (pattern.empty()) return s.empty();
  if (pattern.front() == '*') {
    for (std::size_t i = 0; i <= s.size(); ++i) {
      if (like(s.substr(i), pattern.substr(1))) return true;
    }
    return false;
  }
  if (s.empty()) return false;
  return (pattern.front() == '?' || pattern.front() == s.front()) &&
         like(s.substr(1), pattern.substr(1));
}

bool contains(const Value& v, const Value& part) {
  if (v.type() == ValueType::kList) {
    for (const Value& item : v.as_list()) {
      if (equals(item, part)) return true;
    }
    return false;
  }
  return v.type() == ValueType::kString && part.type() == ValueType::kString &&
         v.as_string().find(part.as_string()) != std::string_view::npos;
}

std::optional<std::uint32_t> ipv4(std::string_view text) {
  std::uint32_t out = 0;
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    std::uint32_t n = 0, digits = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && digits < 4) {
      n = n * 10 + static_cast<std::uint32_t>(text[at++] - '0');
      ++digits;
    }
    if (digits == 0 || n > 255 || (part < 3 && (at >= text.size() || text[at++] != '.'))) return {};
    out = out << 8 | n;
  }
  return at == text.size() ? std::optional(out) : std::nullopt;
}

bool in_cidr(std::string_view ip, std::string_view net) {
  const std::size_t slash = net.find('/');
  const auto a = ipv4(ip), b = ipv4(net.substr(0, slash));
  if (!a || !b) return false;
  const int bits =
      slash == std::string_view::npos ? 32 : std::stoi(std::string(net.substr(slash + 1)));
  if (bits < 0 || bits > 32) return false;
  const std::uint64_t mask = ~std::uint64_t{0} << (32 - bits);
  return ((*a ^ *b) & mask & 0xffffffffU) == 0;
}

// Great-circle distance by the haversine formula on a sphere of the earth's mean radius.
double distance_km(double lat1, double lon1, double lat2, double lon2) {
  const double rad = std::acos(-1.0) / 180.0;
  const double a =
      std::pow(std::sin((lat2 - lat1) * rad / 2), 2) +
      std::cos(lat1 * rad) * std::cos(lat2 * rad) * std::pow(std::sin((lon2 - lon1) * rad / 2), 2);
  return 2 * 6371.0088 * std::asin(std::min(1.0, std::sqrt(a)));
}

}  // namespace

// ------------------------------------------------------------------ evaluation

Value Evaluator::eval(const Expr& expr, const Scope& scope) {
  switch (expr.kind) {
    case ExprKind::kLiteral:
      return expr.literal.get();
    case ExprKind::kPath: {
      if (expr.path.size() > 1 && scope.is_name(expr.path[0])) {
        const auto events = scope.bound(expr.path[0]);
        return events.empty() ? Value{} : events.back()->field(join(expr.path, 1));
      }
      return scope.candidate() == nullptr ? Value{} : scope.candidate()->field(join(expr.path, 0));
    }
    case ExprKind::kIndex: {
      const auto events = scope.bound(expr.path[0]);
      const auto size = static_cast<std::int64_t>(events.size());
      const std::int64_t at = expr.index < 0 ? expr.index + size : expr.index;
      if (at < 0 || at >= size) return {};
      return events[static_cast<std::size_t>(at)]->field(join(expr.path, 1));
    }
    case ExprKind::kCall:
      return is_aggregate(expr.text) ? aggregate(expr, scope) : call(expr, scope);
    case ExprKind::kNot:
      return Value::boolean(!eval(*expr.args[0], scope).truthy());
    case ExprKind::kNegate: {
      const Value v = eval(*expr.args[0], scope);
      if (v.type() == ValueType::kInt) return arithmetic_int(ExprOp::kSub, 0, v.as_int());
      if (v.type() == ValueType::kFloat) return Value::real(-v.as_float());
      if (v.type() == ValueType::kDuration) return Value::duration({-v.as_duration().ns});
      return {};
    }
    case ExprKind::kBinary: {
      const Value a = eval(*expr.args[0], scope);
      if (expr.op == ExprOp::kAnd)
        return Value::boolean(a.truthy() && eval(*expr.args[1], scope).truthy());
      if (expr.op == ExprOp::kOr)
        return Value::boolean(a.truthy() || eval(*expr.args[1], scope).truthy());
      const Value b = eval(*expr.args[1], scope);
      if (expr.op >= ExprOp::kAdd && expr.op <= ExprOp::kMod) return arithmetic(expr.op, a, b);
      return Value::boolean(comparison(expr.op, a, b));
    }
    case ExprKind::kIn: {
      // `x not in (a, b)` is x != a and x != b: false where x is missing or of another type.
      const Value v = eval(*expr.args[0], scope);
      for (std::size_t i = 1; i < expr.args.size(); ++i) {
        const Value member = eval(*expr.args[i], scope);
        if (!expr.negated && comparison(ExprOp::kEq, v, member)) return Value::boolean(true);
        if (expr.negated && !comparison(ExprOp::kNe, v, member)) return Value::boolean(false);
      }
      return Value::boolean(expr.negated);
    }
    case ExprKind::kIsNull:
      return Value::boolean(eval(*expr.args[0], scope).is_null() != expr.negated);
    case ExprKind::kStringTest:
      return string_test(expr, scope);
    case ExprKind::kInTable:
      return Value::boolean(false);
    case ExprKind::kRegex:
    case ExprKind::kTuple:
      return {};
  }
  return {};
}

Value Evaluator::string_test(const Expr& expr, const Scope& scope) {
  const Value v = eval(*expr.args[0], scope);
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    const Expr& operand = *expr.args[i];
    if (expr.op == ExprOp::kMatches) {
      if (v.type() != ValueType::kString) continue;
      auto flags = std::regex::ECMAScript;
      if (operand.flags.find('i') != std::string::npos) flags |= std::regex::icase;
      if (std::regex_search(std::string(v.as_string()), std::regex(operand.text, flags))) {
        return Value::boolean(true);
      }
      continue;
    }
    const Value part = eval(operand, scope);
    bool holds = false;
    if (expr.op == ExprOp::kContains) {
      holds = contains(v, part);
    } else if (v.type() == ValueType::kString && part.type() == ValueType::kString) {
      const auto s = v.as_string(), p = part.as_string();
      if (expr.op == ExprOp::kStartswith) holds = s.starts_with(p);
      if (expr.op == ExprOp::kEndswith) holds = s.ends_with(p);
      if (expr.op == ExprOp::kLike) holds = like(s, p);
    }
    if (holds) return Value::boolean(true);
  }
  return Value::boolean(false);
}

Value Evaluator::call(const Expr& expr, const Scope& scope) {
  std::string name;
  for (const char c : expr.text)
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::vector<Value> args;
  for (const auto& arg : expr.args) args.push_back(eval(*arg, scope));
  if (name == "coalesce") {
    for (const Value& v : args) {
      if (!v.is_null()) return v;
    }
    return {};
  }
  for (const Value& v : args) {
    if (v.is_null()) return {};
  }
  if (args.empty()) return {};
  const Value& v = args[0];
  if (name == "lower" || name == "upper") {
    if (v.type() != ValueType::kString) return {};
    std::string s(v.as_string());
    for (char& c : s) {
      if (name == "lower" && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      if (name == "upper" && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return Value::string(arena_.copy(s));
  }
  if (name == "length") {
    if (v.type() == ValueType::kList)
      return Value::integer(static_cast<std::int64_t>(v.as_list().size()));
    if (v.type() != ValueType::kString) return {};
    return Value::integer(static_cast<std::int64_t>(v.as_string().size()));
  }
  if (name == "abs") {
    if (v.type() == ValueType::kInt)
      return v.as_int() < 0 ? arithmetic_int(ExprOp::kSub, 0, v.as_int()) : v;
    if (v.type() == ValueType::kFloat) return Value::real(std::fabs(v.as_float()));
    if (v.type() == ValueType::kDuration) return Value::duration({std::abs(v.as_duration().ns)});
    return {};
  }
  if (name == "round") {
    if (v.type() == ValueType::kInt) return v;
    if (v.type() != ValueType::kFloat || std::fabs(v.as_float()) >= 9.2e18) return {};
    return Value::integer(std::llround(v.as_float()));
  }
  if (name == "cidr" && args.size() == 2) {
    if (v.type() != ValueType::kString || args[1].type() != ValueType::kString)
      return Value::boolean(false);
    return Value::boolean(in_cidr(v.as_string(), args[1].as_string()));
  }
  if ((name == "hour" || name == "weekday") && args.size() == 1 &&
      v.type() == ValueType::kTimestamp) {
    return Value::integer(name == "hour"
                              ? static_cast<std::int64_t>(to_civil(v.as_timestamp()).hour)
                              : weekday(v.as_timestamp()));
  }
  if (name == "distance_km" && args.size() == 4) {
    for (const Value& n : args) {
      if (!n.is_number()) return {};
    }
    return Value::real(
        distance_km(v.number(), args[1].number(), args[2].number(), args[3].number()));
  }
  return {};
}

Value Evaluator::aggregate(const Expr& expr, const Scope& scope) {
  if (expr.args.empty()) return {};
  const Expr& over = *expr.args[0];
  if (over.kind != ExprKind::kPath) return {};
  const auto events = scope.bound(over.path[0]);
  if (over.path.size() == 1) {
    // count(f): the iterations themselves.
    return Value::integer(static_cast<std::int64_t>(events.size()));
  }
  const std::string field = join(over.path, 1);
  std::vector<Value> values;
  for (const RefEvent* event : events) values.push_back(event->field(field));
  const Value argument = expr.args.size() > 1 ? eval(*expr.args[1], scope) : Value{};
  return aggregate_of(expr.text, values, argument, arena_);
}

// ------------------------------------------------------------------ names

void visit_names(const Expr& expr, const std::function<bool(std::string_view)>& is_name,
                 const std::function<void(std::string_view)>& on_name,
                 const std::function<void()>& on_bare) {
  if (expr.kind == ExprKind::kPath) {
    if (expr.path.size() > 1 && is_name(expr.path[0])) {
      on_name(expr.path[0]);
    } else {
      on_bare();
    }
    return;
  }
  if (expr.kind == ExprKind::kIndex) {
    on_name(expr.path[0]);
    return;
  }
  std::size_t from = 0;
  if (expr.kind == ExprKind::kCall && is_aggregate(expr.text) && !expr.args.empty() &&
      expr.args[0]->kind == ExprKind::kPath) {
    on_name(expr.args[0]->path[0]);
    from = 1;
  }
  for (std::size_t i = from; i < expr.args.size(); ++i)
    visit_names(*expr.args[i], is_name, on_name, on_bare);
}

void split_conjuncts(const Expr& expr, std::vector<const Expr*>& out) {
  if (expr.kind == ExprKind::kBinary && expr.op == ExprOp::kAnd) {
    split_conjuncts(*expr.args[0], out);
    split_conjuncts(*expr.args[1], out);
  } else {
    out.push_back(&expr);
  }
}

}  // namespace weir::reference
