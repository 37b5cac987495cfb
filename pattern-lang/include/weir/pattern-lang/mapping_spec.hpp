// What keys a mapping may have: one table for each kind of file, from which the reader knows what
// it may meet, and the JSON Schema is made.
#pragma once

#include <span>
#include <string_view>

namespace weir::lang {

struct KeySpec {
  std::string_view name;
  bool required = false;
  std::string_view description;
  /// JSON Schema of the value, without braces: `"type": "string"`.
  std::string_view schema;
  /// Words that other tools have for it, blanks between, where edit distance does not help.
  std::string_view also_called = {};
};

struct MappingSpec {
  std::string_view name;   // "rule": its name under $defs
  std::string_view title;  // "a rule", for people
  std::span<const KeySpec> keys;
};

}  // namespace weir::lang
