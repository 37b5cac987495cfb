// Declared types of events' fields, as `weir schema infer` prints them and `--schema` reads them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/event/value.hpp"

namespace weir {

struct FieldSchema {
  ValueType type = ValueType::kNull;  // kNull: mixed or never seen other than null
  bool optional = false;              // some events lack it
};

struct TypeSchema {
  std::map<std::string, FieldSchema, std::less<>> fields;  // by dotted path
};

/// Event types and their fields. A type that is not listed is unknown, not empty.
struct Schema {
  std::map<std::string, TypeSchema, std::less<>> types;

  const TypeSchema* find(std::string_view type) const {
    const auto it = types.find(type);
    return it == types.end() ? nullptr : &it->second;
  }
};

}  // namespace weir
