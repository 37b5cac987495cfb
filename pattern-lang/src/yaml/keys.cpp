#include "yaml/keys.hpp"

namespace weir::lang::yaml {
namespace {

// Fragments that several keys share.
constexpr std::string_view kText = R"("type": "string")";
constexpr std::string_view kStrings = R"("$ref": "#/$defs/strings")";
constexpr std::string_view kExpression = R"("$ref": "#/$defs/expression")";
constexpr std::string_view kDuration = R"("$ref": "#/$defs/duration")";
constexpr std::string_view kKey = R"("$ref": "#/$defs/key")";
constexpr std::string_view kTypes = R"("$ref": "#/$defs/types")";
constexpr std::string_view kSeverity = R"("enum": ["info", "low", "medium", "high", "critical"])";

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
    {"from", true, "The event type, or types, of the class.", kStrings, "type"},
    {"where", false, "What holds of its events.", kExpression, "when condition"},
};

constexpr KeySpec kFormatKeys[] = {
    {"base", true, "What reads the line first; gives the time and its own fields.",
     R"("enum": ["syslog", "access-log", "text", "json"])"},
    {"on", false, "The field that the expressions read; default: message, of text the line.",
     kText},
    {"lines", false, "Expressions, in order; the first that matches gives the type.",
     R"("type": "array", "items": {"$ref": "#/$defs/format_line"})", "patterns"},
};

constexpr KeySpec kFormatLineKeys[] = {
    {"type", true, "The type of the events.", kText},
    {"match", true, "A regular expression; its named groups are the fields.", kText,
     "regex pattern"},
    {"types", false, "Types of groups; without one a field is a string.", kTypes},
};

constexpr KeySpec kTableKeys[] = {
    {"csv", false, "Path of a CSV file, relative to this file.", kText, "file"},
    {"ndjson", false, "Path of an NDJSON file, relative to this file.", kText},
    {"key", true, "The key column, or columns.", kStrings},
    {"types", false, "Types of columns.", kTypes},
};

constexpr KeySpec kDeriveKeys[] = {
    {"id", true, "The type of the events that it emits.", kText, "name"},
    {"description", false, "What it is, in plain words.", kText},
    {"from", true, "The event type or class, or several, that it reads.", kStrings},
    {"where", false, "Which of their events count.", kExpression, "when"},
    {"key", false, "One window for each value of these fields.", kKey, "group_by"},
    {"window", true, "`tumbling d`, `sliding d every s` or `session gap d`.", kText},
    {"values", true, "What the emitted event holds: expressions over aggregates.",
     R"("type": "object", "additionalProperties": {"$ref": "#/$defs/expression"})"},
};

constexpr KeySpec kRuleKeys[] = {
    {"id", true, "Unique, in kebab-case.",
     R"("type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$")", "name"},
    {"title", false, "One line for people.", kText},
    {"description", false, "What it finds and why that matters, in plain words.", kText},
    {"author", false, "Who wrote it.", kText},
    {"severity", false, "How bad a match is; default: medium.", kSeverity, "level"},
    {"status", false, "Alerts of a rule in `test` go to the stream `shadow`; default: stable.",
     R"("enum": ["stable", "experimental", "test", "deprecated"])"},
    {"enabled", false, "Default: true.", R"("type": "boolean")"},
    {"tags", false, "Words to find it by.", kStrings},
    {"references", false, "Where to read more.", kStrings},
    {"falsepositives", false, "What else can cause a match.", kStrings},
    {"key", false, "The fields that split its input into partitions.", kKey, "group_by by"},
    {"from", false, "The event types that it sees; default: those that the pattern names.",
     kStrings},
    {"pattern", true, "What to look for.", kText, "detection"},
    {"where", false, "The same as a WHERE after the pattern.", kExpression, "when condition"},
    {"alert", false, "What a match gives.", R"("$ref": "#/$defs/alert")"},
    {"tests", false, "Tests of this rule.",
     R"("type": "array", "items": {"$ref": "#/$defs/test"})"},
};

constexpr KeySpec kAlertKeys[] = {
    {"stream", false, "The output stream; default: alerts.", kText},
    {"message", false, "Text with {expressions}; {{ and }} are braces.", kText, "text"},
    {"fields", false, "Fields of the alert: expressions over what the pattern binds.",
     R"("type": "object", "additionalProperties": {"$ref": "#/$defs/expression"})"},
    {"cooldown", false, "No alert within this long after the last one sent for the key.", kDuration,
     "throttle"},
    {"max_per", false, "No span of this length holds more alerts of the rule: `100/1h`.",
     R"("type": "string", "pattern": "^ *[0-9]+ */ *([0-9]+(ms|s|m|h|d|w))+ *$")"},
    {"evidence", false, "How many of a loop's events the alert shows.",
     R"("$ref": "#/$defs/evidence")"},
    {"mask", false, "Fields, by dotted path, that the alert shows hashed.", kStrings},
};

constexpr KeySpec kEvidenceKeys[] = {
    {"first", false, "Of the loop's first events; default: 20.",
     R"("type": "integer", "minimum": 0, "maximum": 1000000)"},
    {"last", false, "Of its last events; default: 20.",
     R"("type": "integer", "minimum": 0, "maximum": 1000000)"},
};

constexpr KeySpec kTestKeys[] = {
    {"name", true, "What the test shows.", kText, "title"},
    {"rules", false, "The rules that run; default: all of the file.", kStrings},
    {"events", false, "Event lines: time, type, field=value pairs.", kText, "input"},
    {"log", false, "Path of a log instead, relative to this file.", kText},
    {"format", false, "The format that the lines have.", kText},
    {"year", false, "The year of lines that have none.",
     R"("type": "integer", "minimum": 1678, "maximum": 2261)"},
    {"close", false, "False: the log stays open at its end; default: true.",
     R"("type": "boolean")"},
    {"expect", false, "The alerts, in order, all of them; [] says there are none.",
     R"("type": "array", "items": {"$ref": "#/$defs/expectation"})"},
    {"expect_count", false, "How many alerts.", R"("type": "integer", "minimum": 0)"},
};

constexpr KeySpec kExpectationKeys[] = {
    {"rule", false, "The rule that gives the alert.", kText},
    {"at", false, "When it was detected: `2m`, or an ISO 8601 timestamp.", kText, "time"},
    {"stream", false, "The stream that it goes to.", kText},
    {"suppressed", false, "How many alerts were kept back before it.",
     R"("type": "integer", "minimum": 0)"},
    {"key", false, "The alert's key.", R"("type": "object")"},
    {"match", false, "Names to their event, or list of events: the fields listed are equal.",
     R"("type": "object")"},
    {"fields", false, "The alert's fields.", R"("type": "object")"},
    {"message", false, "The alert's message.", kText},
    {"severity", false, "The alert's severity.", kSeverity},
};

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
