#include "bind_types.hpp"

#include <algorithm>

namespace weir::compiler {
namespace {

bool is_number(ValueType t) noexcept {
  return t == ValueType::kInt || t == ValueType::kFloat;
}

/// A path that a declared one goes on from: `account` where `account.owner` is declared.
bool is_part_of(const TypeSchema& schema, std::string_view dotted) {
  const std::string prefix = std::string(dotted) + '.';
  const auto it = schema.fields.lower_bound(prefix);
  return it != schema.fields.end() && it->first.starts_with(prefix);
}

std::optional<ValueType> time_arithmetic(lang::ExprOp op, ValueType a, ValueType b) noexcept {
  using enum ValueType;
  using lang::ExprOp;
  const bool plus = op == ExprOp::kAdd;
  const bool minus = op == ExprOp::kSub;
  if (a == kTimestamp && b == kTimestamp && minus) return kDuration;
  if (a == kTimestamp && b == kDuration && (plus || minus)) return kTimestamp;
  if (a == kDuration && b == kTimestamp && plus) return kTimestamp;
  if (a == kDuration && b == kDuration) {
    if (plus || minus) return kDuration;
    if (op == ExprOp::kDiv) return kFloat;
  }
  if (a == kDuration && is_number(b) && (op == ExprOp::kMul || op == ExprOp::kDiv)) {
    return kDuration;
  }
  if (is_number(a) && b == kDuration && op == ExprOp::kMul) return kDuration;
  return std::nullopt;
}

}  // namespace

bool comparable(ValueType a, ValueType b) noexcept {
  return a == b || (is_number(a) && is_number(b));
}

std::optional<ValueType> arithmetic_type(lang::ExprOp op, const Typed& a, const Typed& b,
                                         bool& fits) noexcept {
  using enum ValueType;
  const auto never = [](const Typed& t) {
    return t.type && !is_number(*t.type) && *t.type != kDuration && *t.type != kTimestamp;
  };
  // Null gives null, and is no mistake of types.
  if ((a.type && *a.type == kNull) || (b.type && *b.type == kNull)) return std::nullopt;
  if (never(a) || never(b)) fits = false;
  if (!a.type || !b.type || !fits) return std::nullopt;
  if (is_number(*a.type) && is_number(*b.type)) {
    return op == lang::ExprOp::kDiv || *a.type == kFloat || *b.type == kFloat ? kFloat : kInt;
  }
  const auto type = time_arithmetic(op, *a.type, *b.type);
  if (!type) fits = false;
  return type;
}

std::string with_article(ValueType type) {
  const std::string name(type_name(type));
  if (type == ValueType::kNull) return name;
  return (type == ValueType::kInt ? "an " : "a ") + name;
}

Declared declared_field(const Schema* schema, const FieldPlan& plan,
                        const std::vector<TypeId>& types, std::string_view dotted) {
  Declared result;
  if (schema == nullptr || types.empty() || dotted == "ts" || dotted == "type") return result;
  std::optional<ValueType> found;
  bool mixed = false;
  for (const TypeId id : types) {
    const TypeSchema* type = id == kOtherType ? nullptr : schema->find(plan.type(id).name);
    if (type == nullptr) return result;
    if (!result.type_names.empty()) result.type_names += ", ";
    result.type_names += plan.type(id).name;
    for (const auto& [name, field] : type->fields) result.known.push_back(name);
    const auto it = type->fields.find(dotted);
    if (it == type->fields.end()) {
      mixed = mixed || is_part_of(*type, dotted);
      continue;
    }
    const ValueType t = it->second.type;
    mixed = mixed || t == ValueType::kNull || (found && !comparable(*found, t));
    found = t;
  }
  if (mixed) return result;
  result.kind = found ? Declared::Kind::kField : Declared::Kind::kNoField;
  if (found) result.type = *found;
  return result;
}

}  // namespace weir::compiler
