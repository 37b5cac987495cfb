// JSON Schema (2020-12) of what people write and read: rule files, test files, alerts.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/pattern-lang/mapping_spec.hpp"

namespace weir::lang {

/// Of a rule file: for editors, which complete and check YAML against it. Made from the table of
/// keys that the reader itself goes by; the reader checks more than a schema can say.
std::string rules_json_schema();

/// Of a file that holds tests alone.
std::string tests_json_schema();

/// Of any kind of file whose keys are in such a table: `top` is its mapping, `specs` all that its
/// keys refer to as #/$defs/NAME. There are also #/$defs/strings, duration and size.
std::string mapping_json_schema(std::string_view title, std::string_view description,
                                const MappingSpec& top,
                                std::span<const MappingSpec* const> specs);

/// Of one alert, as `weir` writes it.
std::string alert_json_schema();

/// Every mapping of a rule file, by its name in the schemas ("file", "rule", "alert", ...), and its
/// keys.
std::vector<std::pair<std::string, std::vector<std::string>>> known_keys();

}  // namespace weir::lang
