#include "yaml/keys.hpp"

namespace weir::lang::yaml {
namespace {

// Fragments that several keys share.
#define WEIR_TEXT R"("type": "string")"
#define WEIR_STRINGS R"("$ref": "#/$defs/strings")"
#define WEIR_EXPRESSION R"("$ref": "#/$defs/expression")"
#define WEIR_DURATION R"("$ref": "#/$defs/duration")"
#define WEIR_KEY R"("$ref": "#/$defs/key")"
#define WEIR_TYPES \
  R"("type": "object", "additionalProperties": {"enum": ["int", "float", "bool", "string", ) \
  R"("timestamp"]})"
#define WEIR_SEVERITY R"("enum": ["info", "low", "medium", "high", "critical"])"

constexpr KeySpec kFileKeys[] = {
    {"events", false, "Named event classes, the alphabet that patterns are written in.",
     R"("type": "object", "additionalProperties": {"$ref": "#/$defs/event_class"})"},
    {"formats", false, "How lines of text become events; known to all files loaded together.",
     R"("type": "object", "additionalProperties": {"$ref": "#/$defs/format"})"},
    {"tables", false, "Reference data, read by lookup(...) and `in table(...)`.",
     R"("type": "object", "additionalProperties": {"$ref": "#/$defs/table"})"},
    {"derive", false, "Windowed aggregates, themselves events.",
     R"("type": "array", "items": {"$ref": "#/$defs/derive"})"},
    {"rules", false, "The rules.", R"("type": "array", "items": {"$ref": "#/$defs/rule"})"},
    {"tests", false, "Tests of the rules.",
     R"("type": "array", "items": {"$ref": "#/$defs/test"})"},
};

constexpr KeySpec kEventClassKeys[] = {
    {"from", true, "The event type, or types, of the class.", WEIR_STRINGS},
    {"where", false, "What holds of its events.", WEIR_EXPRESSION},
};

constexpr KeySpec kFormatKeys[] = {
    {"base", true, "What reads the line first; gives the time and its own fields.",
     R"("enum": ["syslog", "access-log", "text", "json"])"},
    {"on", false, "The field that the expressions read; default: message, of text the line.",
     WEIR_TEXT},
    {"lines", false, "Expressions, in order; the first that matches gives the type.",
     R"("type": "array", "items": {"$ref": "#/$defs/format_line"})"},
};

constexpr KeySpec kFormatLineKeys[] = {
    {"type", true, "The type of the events.", WEIR_TEXT},
    {"match", true, "A regular expression; its named groups are the fields.", WEIR_TEXT},
    {"types", false, "Types of groups; without one a field is a string.", WEIR_TYPES},
};

constexpr KeySpec kTableKeys[] = {
    {"csv", false, "Path of a CSV file, relative to this file.", WEIR_TEXT},
    {"ndjson", false, "Path of an NDJSON file, relative to this file.", WEIR_TEXT},
    {"key", true, "The key column, or columns.", WEIR_STRINGS},
    {"types", false, "Types of columns.", WEIR_TYPES},
};

constexpr KeySpec kDeriveKeys[] = {
    {"id", true, "The type of the events that it emits.", WEIR_TEXT},
    {"description", false, "What it is, in plain words.", WEIR_TEXT},
    {"from", true, "The event type or class, or several, that it reads.", WEIR_STRINGS},
    {"where", false, "Which of their events count.", WEIR_EXPRESSION},
    {"key", false, "One window for each value of these fields.", WEIR_KEY},
    {"window", true, "`tumbling d`, `sliding d every s` or `session gap d`.", WEIR_TEXT},
    {"values", true, "What the emitted event holds: expressions over aggregates.",
     R"("type": "object", "additionalProperties": {"$ref": "#/$defs/expression"})"},
};

constexpr KeySpec kRuleKeys[] = {
    {"id", true, "Unique, in kebab-case.",
     R"("type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$")"},
    {"title", false, "One line for people.", WEIR_TEXT},
    {"description", false, "What it finds and why that matters, in plain words.", WEIR_TEXT},
    {"author", false, "Who wrote it.", WEIR_TEXT},
    {"severity", false, "How bad a match is; default: medium.", WEIR_SEVERITY},
    {"status", false, "Alerts of a rule in `test` go to the stream `shadow`; default: stable.",
     R"("enum": ["stable", "experimental", "test", "deprecated"])"},
    {"enabled", false, "Default: true.", R"("type": "boolean")"},
    {"tags", false, "Words to find it by.", WEIR_STRINGS},
    {"references", false, "Where to read more.", WEIR_STRINGS},
    {"falsepositives", false, "What else can cause a match.", WEIR_STRINGS},
    {"key", false, "The fields that split its input into partitions.", WEIR_KEY},
    {"from", false, "The event types that it sees; default: those that the pattern names.",
     WEIR_STRINGS},
    {"pattern", true, "What to look for.", WEIR_TEXT},
    {"where", false, "The same as a WHERE after the pattern.", WEIR_EXPRESSION},
    {"alert", false, "What a match gives.", R"("$ref": "#/$defs/alert")"},
    {"tests", false, "Tests of this rule.",
     R"("type": "array", "items": {"$ref": "#/$defs/test"})"},
};

constexpr KeySpec kAlertKeys[] = {
    {"stream", false, "The output stream; default: alerts.", WEIR_TEXT},
    {"message", false, "Text with {expressions}; {{ and }} are braces.", WEIR_TEXT},
    {"fields", false, "Fields of the alert: expressions over what the pattern binds.",
     R"("type": "object", "additionalProperties": {"$ref": "#/$defs/expression"})"},
    {"cooldown", false, "No alert within this long after the last one sent for the key.",
     WEIR_DURATION},
    {"max_per", false, "No span of this length holds more alerts of the rule: `100/1h`.",
     R"("type": "string", "pattern": "^ *[0-9]+ */ *([0-9]+(ms|s|m|h|d|w))+ *$")"},
    {"evidence", false, "How many of a loop's events the alert shows.",
     R"("$ref": "#/$defs/evidence")"},
    {"mask", false, "Fields, by dotted path, that the alert shows hashed.", WEIR_STRINGS},
};

constexpr KeySpec kEvidenceKeys[] = {
    {"first", false, "Of the loop's first events; default: 20.",
     R"("type": "integer", "minimum": 0, "maximum": 1000000)"},
    {"last", false, "Of its last events; default: 20.",
     R"("type": "integer", "minimum": 0, "maximum": 1000000)"},
};

constexpr KeySpec kTestKeys[] = {
    {"name", true, "What the test shows.", WEIR_TEXT},
    {"rules", false, "The rules that run; default: all of the file.", WEIR_STRINGS},
    {"events", false, "Event lines: time, type, field=value pairs.", WEIR_TEXT},
    {"log", false, "Path of a log instead, relative to this file.", WEIR_TEXT},
    {"format", false, "The format that the lines have.", WEIR_TEXT},
    {"year", false, "The year of lines that have none.",
     R"("type": "integer", "minimum": 1678, "maximum": 2261)"},
    {"close", false, "False: the log stays open at its end; default: true.",
     R"("type": "boolean")"},
    {"expect", false, "The alerts, in order, all of them; [] says there are none.",
     R"("type": "array", "items": {"$ref": "#/$defs/expectation"})"},
    {"expect_count", false, "How many alerts.", R"("type": "integer", "minimum": 0)"},
};

constexpr KeySpec kExpectationKeys[] = {
    {"rule", false, "The rule that gives the alert.", WEIR_TEXT},
    {"at", false, "When it was detected: `2m`, or an ISO 8601 timestamp.", WEIR_TEXT},
    {"stream", false, "The stream that it goes to.", WEIR_TEXT},
    {"suppressed", false, "How many alerts were kept back before it.",
     R"("type": "integer", "minimum": 0)"},
    {"key", false, "The alert's key.", R"("type": "object")"},
    {"match", false, "Names to their event, or list of events: the fields listed are equal.",
     R"("type": "object")"},
    {"fields", false, "The alert's fields.", R"("type": "object")"},
    {"message", false, "The alert's message.", WEIR_TEXT},
    {"severity", false, "The alert's severity.", WEIR_SEVERITY},
};

#undef WEIR_TEXT
#undef WEIR_STRINGS
#undef WEIR_EXPRESSION
#undef WEIR_DURATION
#undef WEIR_KEY
#undef WEIR_TYPES
#undef WEIR_SEVERITY

}  // namespace

const MappingSpec kFileSpec{"file", "a rule file", kFileKeys};
const MappingSpec kEventClassSpec{"event_class", "an event class", kEventClassKeys};
const MappingSpec kFormatSpec{"format", "a format", kFormatKeys};
const MappingSpec kFormatLineSpec{"format_line", "a line of a format", kFormatLineKeys};
const MappingSpec kTableSpec{"table", "a table", kTableKeys};
const MappingSpec kDeriveSpec{"derive", "a derived stream", kDeriveKeys};
const MappingSpec kRuleSpec{"rule", "a rule", kRuleKeys};
const MappingSpec kAlertSpec{"alert", "`alert`", kAlertKeys};
const MappingSpec kEvidenceSpec{"evidence", "`evidence`", kEvidenceKeys};
const MappingSpec kTestSpec{"test", "a test", kTestKeys};
const MappingSpec kExpectationSpec{"expectation", "an expected alert", kExpectationKeys};

std::span<const MappingSpec* const> all_specs() noexcept {
  static constexpr const MappingSpec* kAll[] = {
      &kFileSpec,     &kEventClassSpec, &kFormatSpec,      &kFormatLineSpec,
      &kTableSpec,    &kDeriveSpec,     &kRuleSpec,        &kAlertSpec,
      &kEvidenceSpec, &kTestSpec,       &kExpectationSpec,
  };
  return kAll;
}

}  // namespace weir::lang::yaml
