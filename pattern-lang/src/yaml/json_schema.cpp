#include "weir/pattern-lang/json_schema.hpp"

#include <string_view>

#include "weir/event/value.hpp"
#include "yaml/keys.hpp"

namespace weir::lang {
namespace {

using yaml::KeySpec;
using yaml::MappingSpec;

// Shapes that several keys share; the tables in keys.cpp refer to them.
constexpr std::string_view kSharedDefs = R"(
    "strings": {
      "description": "One text, or a list of them.",
      "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
    },
    "expression": {
      "description": "An expression; put it in quotes where YAML would read something else.",
      "type": ["string", "number", "boolean"]
    },
    "duration": {
      "description": "A whole number and a unit, or a sum: 250ms 10s 5m 2h 7d 1w 1h30m.",
      "type": "string",
      "pattern": "^([0-9]+(ms|s|m|h|d|w))+$"
    },
    "size": {
      "description": "A whole number and a unit: 512B, 64KiB, 16MiB, 2GiB, or kB, MB, GB.",
      "type": "string",
      "pattern": "^[0-9]+(B|[kMGT]B|[KMGT]iB)$"
    },
    "types": {
      "description": "Names to types.",
      "type": "object",
      "additionalProperties": {"enum": ["int", "float", "bool", "string", "timestamp"]}
    },
    "key": {
      "description": "A field, a list of fields, or a map from event type to field(s).",
      "anyOf": [
        {"$ref": "#/$defs/strings"},
        {"type": "object", "additionalProperties": {"$ref": "#/$defs/strings"}, "minProperties": 1}
      ]
    })";

constexpr std::string_view kAlertSchema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Weir alert",
  "description": "One match, as weir writes it: one JSON object a line.",
  "type": "object",
  "required": ["id", "rule", "severity", "stream", "key", "detected_at", "start", "end", "match"],
  "properties": {
    "id": {"type": "string", "pattern": "^[0-9a-f]+$", "description": "The same log gives the same ids."},
    "rule": {"type": "string", "description": "The id of the rule."},
    "severity": {"enum": ["info", "low", "medium", "high", "critical"], "description": "The rule's."},
    "stream": {"type": "string", "description": "The output stream that it goes to."},
    "key": {"type": "object", "description": "The key fields of the partition, by name; {} without key."},
    "detected_at": {"$ref": "#/$defs/time", "description": "Event time of the completing event, or the deadline."},
    "start": {"$ref": "#/$defs/time", "description": "Event time of the first event of the match."},
    "end": {"$ref": "#/$defs/time", "description": "Event time of the last event of the match."},
    "message": {"type": "string", "description": "The rule's message, filled in."},
    "tags": {"type": "array", "items": {"type": "string"}, "description": "The rule's."},
    "fields": {"type": "object", "description": "The rule's alert fields."},
    "match": {
      "type": "object",
      "description": "What each name is bound to: an event, a loop's list of events, or null.",
      "additionalProperties": {
        "anyOf": [
          {"$ref": "#/$defs/event"},
          {"type": "array", "items": {"$ref": "#/$defs/event"}},
          {"type": "null"}
        ]
      }
    },
    "match_counts": {
      "type": "object",
      "description": "How many events a loop bound, where `match` leaves some out.",
      "additionalProperties": {"type": "integer", "minimum": 1}
    },
    "suppressed": {"type": "integer", "minimum": 1, "description": "Alerts that cooldown or max_per kept back before this one."}
  },
  "$defs": {
    "time": {"type": "string", "format": "date-time"},
    "event": {
      "type": "object",
      "required": ["type", "ts"],
      "description": "The record as it was received, with its type and time.",
      "properties": {
        "type": {"type": "string"},
        "ts": {"$ref": "#/$defs/time"},
        "raw": {"type": "string", "description": "The record's text, where it could not be read in full."}
      }
    }
  }
}
)";

void append_keys(std::string& out, std::span<const KeySpec> keys, std::string_view indent) {
  out.append(indent) += "\"type\": \"object\",\n";
  std::string required;
  for (const KeySpec& key : keys) {
    if (!key.required) continue;
    if (!required.empty()) required += ", ";
    append_json_string(required, key.name);
  }
  if (!required.empty()) out.append(indent).append("\"required\": [").append(required) += "],\n";
  out.append(indent) += "\"properties\": {\n";
  for (std::size_t i = 0; i < keys.size(); ++i) {
    out.append(indent).append("  ");
    append_json_string(out, keys[i].name);
    out += ": {\"description\": ";
    append_json_string(out, keys[i].description);
    out.append(", ").append(keys[i].schema).append(i + 1 < keys.size() ? "},\n" : "}\n");
  }
  out.append(indent) += "},\n";
  out.append(indent) += "\"additionalProperties\": false";
}

// A schema whose top level has `keys`, with every mapping of `specs` under $defs.
std::string schema(std::string_view title, std::string_view description,
                   std::span<const KeySpec> keys, std::span<const MappingSpec* const> specs) {
  std::string out =
      "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": ";
  append_json_string(out, title);
  out += ",\n  \"description\": ";
  append_json_string(out, description);
  out += ",\n";
  append_keys(out, keys, "  ");
  out.append(",\n  \"$defs\": {").append(kSharedDefs);
  for (const MappingSpec* spec : specs) {
    out += ",\n    ";
    append_json_string(out, spec->name);
    out += ": {\n";
    append_keys(out, spec->keys, "      ");
    out += "\n    }";
  }
  return out + "\n  }\n}\n";
}

}  // namespace

std::string mapping_json_schema(std::string_view title, std::string_view description,
                                const MappingSpec& top, std::span<const MappingSpec* const> specs) {
  std::vector<const MappingSpec*> below;
  for (const MappingSpec* spec : specs) {
    if (spec != &top) below.push_back(spec);
  }
  return schema(title, description, top.keys, below);
}

std::string rules_json_schema() {
  return mapping_json_schema("Weir rule file",
                             "Rules, what they are written over, and their tests.", yaml::kFileSpec,
                             yaml::all_specs());
}

std::string tests_json_schema() {
  KeySpec tests;
  for (const KeySpec& key : yaml::kFileSpec.keys) {
    if (key.name == "tests") tests = key;
  }
  tests.required = true;
  const MappingSpec* const specs[] = {&yaml::kTestSpec, &yaml::kExpectationSpec};
  return schema("Weir test file", "Tests of rules that stand in other files.", {&tests, 1}, specs);
}

std::string alert_json_schema() {
  return std::string(kAlertSchema);
}

std::vector<std::pair<std::string, std::vector<std::string>>> known_keys() {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  for (const MappingSpec* spec : yaml::all_specs()) {
    auto& [name, keys] = out.emplace_back(std::string(spec->name), std::vector<std::string>());
    for (const KeySpec& key : spec->keys) keys.emplace_back(key.name);
  }
  return out;
}

}  // namespace weir::lang
