// What a rule file says (language contract, sections 2, 6 and 7), read from YAML: every value with
// its place, every embedded pattern and expression parsed. Nothing is resolved.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/event/time.hpp"
#include "weir/event/value.hpp"
#include "weir/pattern-lang/ast.hpp"
#include "weir/pattern-lang/diagnostic.hpp"

namespace weir::lang {

/// A rule file larger than this is refused.
inline constexpr std::size_t kMaxRuleFileBytes = 8 * 1024 * 1024;

/// A scalar with its place. `place.snippet->text` is `value`, so that {place.snippet, part} is the
/// place of a part of it, whatever quotes, escapes or indentation it was written with.
struct Text {
  std::string value;
  Place place;
  bool empty() const noexcept { return value.empty(); }
};

enum class RuleSeverity : std::uint8_t { kInfo, kLow, kMedium, kHigh, kCritical };
std::string_view to_string(RuleSeverity severity) noexcept;

/// events: login_failed: {from: auth, where: ...}
struct EventClass {
  Text name;
  std::vector<Text> from;  // one or more types
  ExprText where;          // root may be null: no condition
};

enum class FormatBase : std::uint8_t { kSyslog, kAccessLog, kText, kJson };

struct FormatLine {
  Text type;
  Text match;                                // the regular expression as written
  std::vector<std::pair<Text, Text>> types;  // group -> int | float | bool | string | timestamp
};

/// formats: sshd: {base: syslog, on: message, lines: [...]}
struct Format {
  Text name;
  FormatBase base = FormatBase::kText;
  Text on;  // may be empty: the base's default
  std::vector<FormatLine> lines;
};

/// tables: card_country: {csv: data/cards.csv, key: card, types: {...}}
struct TableDef {
  Text name;
  bool ndjson = false;
  Text path;              // as written, relative to the file
  std::string full_path;  // joined with the file's folder
  std::vector<Text> key;  // columns, one or more
  std::vector<std::pair<Text, Text>> types;
};

/// A key: one field, a list of fields, or a map from type to field(s).
struct KeyDef {
  Place place;
  std::vector<Text> fields;                                 // one field or a list
  std::vector<std::pair<Text, std::vector<Text>>> by_type;  // the map, in written order
  bool empty() const noexcept { return fields.empty() && by_type.empty(); }
};

enum class WindowKind : std::uint8_t { kTumbling, kSliding, kSession };

struct WindowDef {
  WindowKind kind = WindowKind::kTumbling;
  Duration size;   // a session's gap
  Duration every;  // sliding: the step; tumbling: the size
  Place place;
};

/// derive: a windowed aggregate.
struct Derive {
  Text id;
  std::vector<Text> from;
  ExprText where;  // root may be null
  KeyDef key;
  WindowDef window;
  std::vector<std::pair<Text, ExprText>> values;  // in written order
  Text description;
  Place place;
};

struct MaxPer {
  std::uint64_t count = 0;
  Duration span;
  Place place;
};

/// A piece of an alert's message: literal text, or {expression}.
struct MessagePart {
  std::string text;
  ExprText expr;  // root null: text
};

struct AlertDef {
  Text stream;  // empty: "alerts"
  std::vector<MessagePart> message;
  std::vector<std::pair<Text, ExprText>> fields;  // in written order
  std::optional<Duration> cooldown;
  Place cooldown_place;
  std::optional<MaxPer> max_per;
  std::uint32_t evidence_first = 20;
  std::uint32_t evidence_last = 20;
  std::vector<Text> mask;  // dotted paths
  Place place;
};

enum class RuleStatus : std::uint8_t { kStable, kExperimental, kTest, kDeprecated };

struct RuleDef {
  Text id;
  Text title;
  Text description;
  Text author;
  RuleSeverity severity = RuleSeverity::kMedium;
  RuleStatus status = RuleStatus::kStable;
  bool enabled = true;
  std::vector<Text> tags;
  std::vector<Text> references;
  std::vector<Text> falsepositives;
  KeyDef key;
  std::vector<Text> from;          // empty: what the pattern names
  std::optional<Pattern> pattern;  // none where it did not parse
  ExprText where;                  // root may be null
  AlertDef alert;
  Place place;  // of the id
};

// ---------------------------------------------------------------- tests (section 6)

struct TestEntry;

/// A value of `match:`, `key:` or `fields:` in a test: YAML turned into a tree.
struct TestValue {
  enum class Kind : std::uint8_t { kScalar, kList, kMap } kind = Kind::kScalar;
  OwnedValue scalar;  // null, bool, int, float, string, by YAML's core schema; quoted: a string
  bool quoted = false;
  std::string text;  // the scalar as written
  std::vector<TestValue> items;
  std::vector<TestEntry> entries;  // in written order
  Place place;
  Place key_place;  // of its name in the mapping around it
};

struct TestEntry {
  std::string first;
  TestValue second;
};

/// One expected alert.
struct Expectation {
  std::optional<Text> rule;
  std::optional<Text> at;  // a time as event lines write it
  std::optional<Text> stream;
  std::optional<std::uint64_t> suppressed;
  std::optional<TestValue> key;
  std::optional<TestValue> match;
  std::optional<TestValue> fields;
  std::optional<Text> message;
  std::optional<Text> severity;
  Place place;
};

struct TestDef {
  Text name;
  std::vector<Text> rules;   // empty: see TestDef::rule below
  std::optional<Text> rule;  // where it stands under a rule: that rule's id
  Text events;               // the lines; empty where `log` is given
  bool has_events = false;
  Text log;  // path as written, relative to the file
  std::string full_log_path;
  Text format;  // may be empty
  std::optional<int> year;
  bool close = true;
  std::optional<std::vector<Expectation>> expect;
  std::optional<std::uint64_t> expect_count;
  Place place;
};

/// One YAML document. Event classes, tables and tests belong to it; formats, ids of derived streams
/// and names of alert streams are known to all documents loaded together.
struct RuleDocument {
  std::shared_ptr<const SourceFile> file;
  std::uint32_t index = 0;  // of the document in its file
  std::vector<EventClass> events;
  std::vector<Format> formats;
  std::vector<TableDef> tables;
  std::vector<Derive> derives;
  std::vector<RuleDef> rules;
  std::vector<TestDef> tests;  // the file's, and those under its rules, in written order
};

/// Reads the text of one file. Errors go to `diagnostics`; what could be read is returned all the
/// same, so that one run shows every error: a document that is not YAML as an empty one, a rule
/// whose pattern did not parse without it. Time and memory are bounded by the limits here and in
/// the reader (E0220 names each). Thread-safe; never throws.
std::vector<RuleDocument> read_rule_file(std::shared_ptr<const SourceFile> file,
                                         Diagnostics& diagnostics);

/// The documents and diagnostics of read_rule_file() for one file after the other, whatever the
/// number of threads: up to `threads` are used, a file a task.
std::vector<RuleDocument> read_rule_files(std::span<const std::shared_ptr<const SourceFile>> files,
                                          Diagnostics& diagnostics, unsigned threads);

/// All that the document says, a thing a line, places left aside; deterministic. Two documents with
/// the same dump are the same rules and tests.
std::string dump(const RuleDocument& document);

}  // namespace weir::lang
