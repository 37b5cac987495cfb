// What is known of an expression's type before any event is seen.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/compiler/bind.hpp"

namespace weir::compiler {

/// A bound expression and its type, where one is known: of literals, of `ts`, of results, of fields
/// that a schema declares.
struct Typed {
  nfa::ExprId id = nfa::kNoExpr;
  std::optional<ValueType> type;
  bool declared = false;  // a schema had a say in it: what is wrong is an error, not a warning

  bool ok() const noexcept { return id != nfa::kNoExpr; }
};

/// Values of these types have an order among them.
bool comparable(ValueType a, ValueType b) noexcept;

/// The type of `a op b`; nothing where it is not known. `fits` is cleared where no value of these
/// types has a result.
std::optional<ValueType> arithmetic_type(lang::ExprOp op, const Typed& a, const Typed& b,
                                         bool& fits) noexcept;

/// "a string", "an integer", "a list".
std::string with_article(ValueType type);

/// What a schema says of a field.
struct Declared {
  enum class Kind : std::uint8_t {
    kUnknown,  // one of the types is not in the schema, or the field's type is mixed
    kField,    // `type`
    kNoField,  // every type is in the schema, and none has it; `known`: what they have
  } kind = Kind::kUnknown;
  ValueType type = ValueType::kNull;
  std::vector<std::string> known;
  std::string type_names;  // for messages
};
Declared declared_field(const Schema* schema, const FieldPlan& plan,
                        const std::vector<TypeId>& types, std::string_view dotted);

}  // namespace weir::compiler
