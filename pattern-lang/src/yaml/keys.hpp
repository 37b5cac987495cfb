// The keys of every mapping in rule files: one table, from which the reader knows what it may meet
// and the JSON Schema is made.
#pragma once

#include <span>
#include <string_view>

namespace weir::lang::yaml {

struct KeySpec {
  std::string_view name;
  bool required = false;
  std::string_view description;
  /// JSON Schema of the value, without braces: `"type": "string"`.
  std::string_view schema;
};

struct MappingSpec {
  std::string_view name;   // "rule": its name under $defs
  std::string_view title;  // "a rule", for people
  std::span<const KeySpec> keys;
};

extern const MappingSpec kFileSpec;
extern const MappingSpec kEventClassSpec;
extern const MappingSpec kFormatSpec;
extern const MappingSpec kFormatLineSpec;
extern const MappingSpec kTableSpec;
extern const MappingSpec kDeriveSpec;
extern const MappingSpec kRuleSpec;
extern const MappingSpec kAlertSpec;
extern const MappingSpec kEvidenceSpec;
extern const MappingSpec kTestSpec;
extern const MappingSpec kExpectationSpec;

/// All of the above.
std::span<const MappingSpec* const> all_specs() noexcept;

}  // namespace weir::lang::yaml
