// Every way in which a rule file is refused: code, place, what to type.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "rule_file_helpers.hpp"

using namespace weir::lang;
using weir::lang::testing::all_of;
using weir::lang::testing::read;
using weir::lang::testing::where;

namespace {

struct Trap {
  std::string yaml;
  std::string where;  // "line:column-end CODE" of the first diagnostic
  std::string says;   // part of its message
  std::string help;   // part of what it says to type
};

// Shorthands for what a trap does not turn on.
#define RULE "rules:\n  - id: x\n    pattern: a\n"
#define TEST "tests:\n  - {name: t, events: 0s a, "
#define DERIVE "derive:\n  - {id: d, from: a, values: {n: count()}, "

const Trap kTraps[] = {
    // Not YAML.
    {"rules:\n  - id: x\n    title: this: that\n", "3:16-17 E0201", "`:`", "in quotes"},
    {"rules:\n  - id: x\n   pattern: a\n", "3:4-5 E0201", "no `- item`", "indentation"},
    {"rules:\n  - id: x\n    pattern: \"rule:x\" AS b\n", "3:23-24 E0201", "no `key: value`",
     "quotes that end too early"},
    {"rules:\n  - id: x\n    pattern: *\n", "3:15-15 E0201", "alias", "\"*\""},
    {"rules:\n  - id: x\n    pattern: *foo\n", "3:14-15 E0201", "alias", "in quotes"},
    {"rules:\n  - id: x\n    title: &\n", "3:13-13 E0201", "anchor", "in quotes"},
    {"rules:\n  - id: x\n    title: @home\n", "3:12-13 E0201", "`@`", "in quotes"},
    {"rules:\n  - id: x\n    title: `home`\n", "3:12-13 E0201", "```", "in quotes"},
    {"rules:\n  - id: x\n    title: 'open\n", "3:12-13 E0201", "never closed", "doubled"},
    {"rules:\n  - id: x\n    title: \"open\n\n", "3:12-13 E0201", "never closed", "\\\""},
    {"rules:\n  - id: x\n    title: \"\\d+\"\n", "3:13-15 E0201", "backslash", "single quotes"},
    {"rules:\n  - id: x\n    title: \"\\ud800\"\n", "3:13-19 E0201", "no character", "itself"},
    {"rules:\n  - id: x\n    pattern: | SEQ(a, b)\n", "3:16-17 E0201", "line of `|`", "next line"},
    {"rules: [\n", "1:8-9 E0201", "never closed", "missing `]`"},
    {"rules: [{id: x\n---\nrules: []\n", "1:9-10 E0201", "never closed", "missing `}`"},
    {"rules: [a b: c d]: e]\n", "1:18-19 E0201", "`:`", "in quotes"},
    {"rules: {a: f[0].x}\n", "1:13-14 E0201", "`{` is not closed", "in quotes"},
    {"rules: ]\n", "1:8-9 E0201", "nothing opened", "in quotes"},
    {"rules: - id: x\n", "1:8-9 E0201", "list item", "line of its own"},
    {"rules: []\n...\nrules: []\n\"x\" \"y\"\n", "4:1-2 E0201", "`key: value`", "check"},
    {"rules: []\n...\n{}\n{}\n", "4:1-2 E0201", "after the end of the document", "`---`"},
    {"%YAML 3.0\n---\nrules: []\n", "1:1-2 E0201", "version", ""},
    // Keys.
    {RULE "    sevrity: low\n", "4:5-12 E0202", "unknown key `sevrity` in rule `x`",
     "\"severity\""},
    {RULE "    cooldown: 1h\n", "4:5-13 E0202", "unknown key `cooldown`", "a key of `alert`"},
    {RULE "    alert: {cool_down: 1h}\n", "4:13-22 E0202", "in `alert` of rule `x`",
     "\"cooldown\""},
    {RULE "    alert: {evidence: {lst: 1}}\n", "4:24-27 E0202", "in `evidence`", "\"last\""},
    {"event: {}\n", "1:1-6 E0202", "in the file", "\"events\""},
    {"events: {a: {from: b, when: c}}\n", "1:23-27 E0202", "event class `a`", "\"where\""},
    {"formats: {f: {base: text, line: []}}\n", "1:27-31 E0202", "format `f`", "\"lines\""},
    {"formats: {f: {base: text, lines: [{type: a, regex: b}]}}\n", "1:45-50 E0202",
     "line 1 of format `f`", "\"match\""},
    {"tables: {t: {cvs: a, key: b}}\n", "1:14-17 E0202", "table `t`", "\"csv\""},
    {DERIVE "windows: tumbling 1m}\n", "2:44-51 E0202", "derived stream `d`", "\"window\""},
    {TEST "expects: []}\n", "2:29-36 E0202", "test `t`", "\"expect\""},
    {TEST "expect: [{ta: 1s}]}\n", "2:39-41 E0202", "expected alert", "\"at\""},
    {"rules:\n  - id: x\n", "2:9-10 E0203", "rule `x` has no `pattern`", "`pattern:`"},
    {"rules:\n  - pattern: a\n", "2:5-6 E0203", "rule 1 has no `id`", "`id:`"},
    {"events: {a: {}}\n", "1:13-14 E0203", "no `from`", "`from:`"},
    {"tables: {t: {csv: a}}\n", "1:13-14 E0203", "no `key`", "`key:`"},
    {TEST "expect: []}\n  - {events: 0s a, expect: []}\n", "3:5-6 E0203", "test 2 has no `name`",
     "`name:`"},
    {RULE "    id: y\n", "4:5-7 E0204", "`id` stands twice in rule `x`", "delete one"},
    {"events:\n  a: {from: b}\n  a: {from: c}\n", "3:3-4 E0204", "`a` stands twice", "delete one"},
    {"tables: {t: {csv: a, key: b}, t: {csv: a, key: b}}\n", "1:31-32 E0204", "`t` stands twice",
     ""},
    {"formats: {f: {base: text}, f: {base: text}}\n", "1:28-29 E0204", "`f` stands twice", ""},
    {"rules:\n  - <<: {id: x}\n    pattern: a\n", "2:5-7 E0223", "merge keys",
     "write the keys out"},
    {"? [a]\n: b\n", "1:3-4 E0232", "a list as a key", "in quotes"},
    {"~: b\n", "1:1-2 E0232", "nothing as a key", "in quotes"},
    // Kinds of values.
    {"rules: 5\n", "1:8-9 E0205", "`rules` is text, not a list", "`- `"},
    {"rules:\n", "1:1-6 E0205", "`rules` has no value", "[]"},
    {"rules:\n  - foo\n", "2:5-8 E0205", "rule 1 is text, not a mapping", "key: value"},
    {"rules:\n  -\n", "2:4-4 E0205", "rule 1 is nothing", ""},
    {RULE "    title: [a]\n", "4:12-13 E0205", "`title` is a list, not text", "in quotes"},
    {RULE "    alert: {message: {t}}\n", "4:22-23 E0205", "mapping", "in quotes"},
    {"rules:\n  - id: x\n    pattern:\n", "3:5-12 E0205", "`pattern` has no value", "give it one"},
    {"events: []\n", "1:9-10 E0205", "`events` is a list, not a mapping", ""},
    {RULE "    alert: {cooldown: [1m]}\n", "4:23-24 E0205", "`cooldown` is a list", "250ms"},
    {RULE "    key: []\n", "4:10-11 E0205", "empty list", ""},
    {"tests:\n  - {name: t, events: [a], expect: []}\n", "2:23-24 E0205", "`events` is a list",
     "events: |"},
    {TEST "expect: {rule: x}}\n", "2:37-38 E0205", "`expect` is a mapping", "`- `"},
    {TEST "expect: [{match: a}]}\n", "2:46-47 E0205", "`match` is text", "{name: value}"},
    {"- id: x\n", "1:1-2 E0225", "this document is a list", "`rules:`"},
    {"hello\n", "1:1-6 E0225", "this document is text", "keys events"},
    // Words, ids, names.
    {RULE "    severity: hihg\n", "4:15-19 E0206", "`severity` is `hihg`", "\"high\""},
    {RULE "    severity: urgent\n", "4:15-21 E0206", "`urgent`",
     "info, low, medium, high, critical"},
    {RULE "    status: tset\n", "4:13-17 E0206", "`status`", "\"test\""},
    {"formats: {f: {base: syslg}}\n", "1:21-26 E0206", "`base`", "\"syslog\""},
    {"tables: {t: {csv: a, key: b, types: {c: integer}}}\n", "1:41-48 E0206", "the type of `c`",
     "int"},
    {RULE "  - id: x\n    pattern: b\n", "4:9-10 E0207", "two rules have the id `x`", "another id"},
    {"derive:\n  - {id: d, from: a, window: tumbling 1m, values: {n: count()}}\n"
     "  - {id: d, from: a, window: tumbling 1m, values: {n: count()}}\n",
     "3:10-11 E0208", "two derived streams", "another id"},
    {"rules:\n  - id: Card_Testing\n    pattern: a\n", "2:9-21 E0209", "kebab-case",
     "write card-testing"},
    {"rules:\n  - id: cardTesting2\n    pattern: a\n", "2:9-21 E0209", "kebab-case",
     "card-testing2"},
    {"events: {within: {from: a}}\n", "1:10-16 E0230", "keyword", "another name"},
    {"events: {a-b: {from: a}}\n", "1:10-13 E0230", "`a-b`", "letters"},
    {"tables: {1t: {csv: a, key: b}}\n", "1:10-12 E0230", "`1t`", "letters"},
    {RULE "    key: user, ip\n", "4:10-18 E0230", "comma", "[user, ip]"},
    {RULE "    from: \"\"\n", "4:11-13 E0230", "empty", ""},
    {RULE "    key: {a: [b], c: [d, e]}\n", "4:19-20 E0229", "2 fields", "same order"},
    {"tables: {t: {key: b}}\n", "1:10-11 E0231", "no file", "csv: path"},
    {"tables: {t: {csv: a, ndjson: b, key: c}}\n", "1:10-11 E0231", "two files", "one of"},
    // Durations, limits, windows, numbers.
    {RULE "    alert: {cooldown: 60}\n", "4:23-25 E0210", "60, without a unit", "write 60s"},
    {RULE "    alert: {cooldown: 12:30}\n", "4:23-28 E0210", "base of 60", "12m30s or 12h30m"},
    {RULE "    alert: {cooldown: 1:02:03}\n", "4:23-30 E0210", "base of 60", "1h02m03s"},
    {RULE "    alert: {cooldown: 1.5h}\n", "4:23-27 E0210", "no duration", "1h30m"},
    {RULE "    alert: {cooldown: 5 m}\n", "4:23-26 E0210", "no duration", "250ms"},
    {RULE "    alert: {max_per: 100}\n", "4:22-25 E0211", "no limit", "100/1h"},
    {RULE "    alert: {max_per: 100/h}\n", "4:22-27 E0211", "without a number", "100/1h"},
    {RULE "    alert: {max_per: 0/1h}\n", "4:22-26 E0211", "at least 1", "100/1h"},
    {RULE "    alert: {max_per: 5/60}\n", "4:22-26 E0210", "60, without a unit", "write 60s"},
    {DERIVE "window: 5m}\n", "2:52-54 E0212", "`5m` is no window", "tumbling 1m"},
    {DERIVE "window: session 30s}\n", "2:52-63 E0212", "no window", "session gap 30s"},
    {DERIVE "window: sliding 5m}\n", "2:52-62 E0212", "no window", "sliding 5m every"},
    {DERIVE "window: tumblin 5m}\n", "2:52-62 E0212", "no window", "\"tumbling\""},
    {DERIVE "window: tumbling 0s}\n", "2:52-63 E0210", "zero", ""},
    {DERIVE "window: tumbling 60}\n", "2:52-63 E0210", "without a unit", "60s"},
    {RULE "    alert: {evidence: {first: many}}\n", "4:31-35 E0213", "not a whole number",
     "0 to 1000000"},
    {RULE "    alert: {evidence: {first: 9999999}}\n", "4:31-38 E0213", "out of its range",
     "1000000"},
    {RULE "    alert: {evidence: {first: \"9\"}}\n", "4:31-34 E0213", "text, not a number", ""},
    {TEST "expect_count: 010}\n", "2:43-46 E0213", "base of 8", "write 10"},
    {TEST "format: f, year: 26, expect: []}\n", "2:46-48 E0213", "range", "1678"},
    {TEST "expect: [{at: 5}]}\n", "2:43-44 E0216", "5, without a unit", "5s"},
    {TEST "expect: [{at: 12:30}]}\n", "2:43-48 E0216", "no time", "12m30s or 12h30m"},
    {TEST "expect: [{at: +5s}]}\n", "2:43-46 E0216", "no time", "test's start"},
    // The Norway problem.
    {RULE "    enabled: yes\n", "4:14-17 E0214", "`yes`, neither true nor false", "write true"},
    {RULE "    enabled: Off\n", "4:14-17 E0214", "`Off`", "write false"},
    {RULE "    enabled: \"true\"\n", "4:14-20 E0214", "`true`", "without quotes"},
    {RULE "    enabled: 1\n", "4:14-15 E0214", "`1`", "true or false"},
    {TEST "close: no, expect: []}\n", "2:36-38 E0214", "`close` is `no`", "write false"},
    {RULE "    tags: [no]\n", "4:12-14 E0215", "bare `no` in `tags`", "\"no\""},
    {RULE "    alert: {stream: on}\n", "4:21-23 E0215", "bare `on` in `stream`", "\"on\""},
    {RULE "    title: true\n", "4:12-16 E0215", "bare `true`", "\"true\""},
    {TEST "expect: [{match: {a: {ok: no}}}]}\n", "2:55-57 W0202", "boolean", "\"no\""},
    {TEST "expect: [{match: {a: {ok: 12:30}}}]}\n", "2:55-60 W0202", "base of 60", "\"12:30\""},
    {TEST "expect: [{match: {a: {ok: 0042}}}]}\n", "2:55-59 W0202", "base of 8", "\"0042\""},
    // Bytes and limits.
    {"rules:\n\t- id: x\n", "2:1-2 E0217", "tab", "blanks"},
    {"rules:\n  - id: x\n\tpattern: a\n", "3:1-2 E0217", "tab", "blanks"},
    {"rules:\n  - id: x\n    pattern: |\n\ta\n", "4:1-2 E0217", "tab", "blanks"},
    {"rules:\n  - id: \xE9\n", "2:9-10 E0218", "0xE9", "UTF-8"},
    {"rules: \xC0\xAF\n", "1:8-9 E0218", "0xC0", "UTF-8"},
    {"\xFF\xFEr\n", "1:1-1 E0218", "UTF-16", "UTF-8"},
    {"rules:\n  - id: x\x01\n", "2:10-11 E0219", "0x01", "\\x01"},
    {"rules: &a\n  - *a\n", "2:5-7 E0221", "inside the node", "write the value out"},
    {"rules: !list []\n", "1:8-13 E0224", "tags", "leave it out"},
    {"rules:\n  - id: !!str x\n    pattern: a\n", "2:9-14 E0224", "tags", "quotes"},
    // Commas between braces.
    {"derive:\n  - {id: d, from: a, window: tumbling 1m, values: {p: percentile(x, 95), n: "
     "count()}}\n",
     "2:55-72 E0226", "the value of `p`", "p: 'percentile(x, 95)'"},
    {"rules:\n  - {id: x, pattern: SEQ(a, b)}\n", "2:22-31 E0226", "`pattern`",
     "pattern: 'SEQ(a, b)'"},
    {"events: {a: {from: b, where: cidr(ip, \"10.0.0.0/8\")}}\n", "1:51-52 E0201", "`{`",
     "in quotes"},
    // Messages.
    {RULE "    alert:\n      message: \"{t.user\"\n", "5:17-18 E0227", "not closed", "{{"},
    {RULE "    alert:\n      message: a } b\n", "5:18-19 E0227", "closes nothing", "}}"},
    {RULE "    alert:\n      message: a {} b\n", "5:18-20 E0227", "nothing stands", "{{}}"},
    // Tests.
    {"tests:\n  - {name: t, expect: []}\n", "2:12-13 E0228", "neither `events` nor `log`",
     "one of them"},
    {TEST "log: a, expect: []}\n", "2:12-13 E0228", "both", "one of them"},
    {TEST "close: true}\n", "2:12-13 E0228", "expects nothing", "expect: []"},
    {TEST "expect: [], expect_count: 1}\n", "2:12-13 E0228", "both", "one of them"},
    {TEST "year: 2026, expect: []}\n", "2:35-39 E0228", "`format`", "format:"},
    // Nothing there.
    {"", "1:1-1 W0201", "the file is empty", "rules:"},
    {"# a comment\n", "1:1-1 W0201", "the file is empty", "rules:"},
    {"rules: []\n---\n", "2:1-1 W0201", "this document is empty", "delete its `---`"},
};

std::string repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// What would be too long to write into the table.
std::vector<std::pair<std::string, std::string>> large_traps() {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (const char* step : {"ba", "cb", "dc", "ed", "fe", "gf"}) {
    const std::string name(1, step[0]);
    bomb += name + ": &" + name + " [" + repeat("*" + std::string(1, step[1]) + ",", 10) + "]\n";
  }
  return {
      {repeat("[", 100'000), "64 lists and mappings"},
      {repeat("{a: ", 100'000), "64 lists and mappings"},
      {repeat("- ", 100'000), "64 lists and mappings"},
      {repeat("? ", 100'000), "64 lists and mappings"},
      {"rules: " + repeat("[\n", 100'000), "64 lists and mappings"},
      {repeat("x", 9 * 1024 * 1024), "the file has"},
      {"title: " + repeat("x", 2 * 1024 * 1024) + "\n", "a line of"},
      {"title: |\n" + repeat("  0123456789abcdef\n", 400'000), "a value of"},
      {repeat("- a\n", 300'000), "250000 values"},
      {repeat("---\nrules: []\n", 10'001), "10000 documents"},
      {bomb, "written out"},
      {"a: &a |\n" + repeat(" 0123456789abcdef\n", 60'000) + "b: [" + repeat("*a,", 20) + "]\n",
       "written out"},
  };
}

}  // namespace

TEST_CASE("every trap has its code, its place and says what to type") {
  for (const Trap& trap : kTraps) {
    CAPTURE(trap.yaml);
    const auto reading = read(trap.yaml);
    REQUIRE_FALSE(reading.found.empty());
    CAPTURE(all_of(reading.found));
    const Diagnostic& first = reading.found.front();
    CHECK(where(first) == trap.where);
    CHECK(first.message.find(trap.says) != std::string::npos);
    CHECK(first.help.find(trap.help) != std::string::npos);
    // A rule, a test or a value that is wrong in one way is told so once.
    CHECK(reading.found.size() == 1);
  }
}

TEST_CASE("what is too large, too deep or too many is refused with the limit's name") {
  for (const auto& [text, says] : large_traps()) {
    CAPTURE(says);
    const auto reading = read(text);
    REQUIRE_FALSE(reading.found.empty());
    bool said = false;
    for (const Diagnostic& d : reading.found) {
      said = said || d.message.find(says) != std::string::npos;
    }
    CHECK(said);
  }
}

TEST_CASE("NUL") {
  const auto reading = read(std::string("rules: \0\n", 9));
  REQUIRE(reading.found.size() == 1);
  CHECK(where(reading.found[0]) == "1:8-9 E0219");
  CHECK(reading.found[0].message == "a NUL byte in the file");
}

TEST_CASE("every code of YAML and rule files is met by some trap") {
  std::set<std::string_view> met;
  for (const Trap& trap : kTraps) {
    for (const Diagnostic& d : read(trap.yaml).found) met.insert(info(d.code).name);
  }
  for (const auto& [text, says] : large_traps()) {
    for (const Diagnostic& d : read(text).found) met.insert(info(d.code).name);
  }
  for (const CodeInfo& code : all_codes()) {
    if (!code.name.starts_with("E02") && !code.name.starts_with("W02")) continue;
    // The formatter's own error has no input that is known to cause it.
    if (code.code == Code::E0299) continue;
    CAPTURE(code.name);
    CHECK(met.count(code.name) == 1);
    CHECK(code.text.size() > 40);
  }
}

TEST_CASE("a file that is wrong all over says so in bounded space") {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "---\nrules:\n" + repeat("  - {id: X}\n", 100);
  const auto reading = read(text);
  CHECK(reading.found.size() == 1000);
  CHECK(reading.documents.size() < 200);
}

TEST_CASE("errors of one rule, or one document, do not hide those of others") {
  const auto reading = read(
      "rules:\n"
      "  - id: one\n"
      "    pattern: SEQ(a, b\n"
      "  - id: Two\n"
      "    pattern: a\n"
      "  - id: three\n"
      "    pattern: a\n"
      "    severity: hihg\n"
      "---\n"
      "rules: [\n"
      "---\n"
      "rules:\n"
      "  - id: four\n"
      "    patern: a\n");
  CAPTURE(all_of(reading.found));
  REQUIRE(reading.found.size() == 5);
  CHECK(where(reading.found[0]).starts_with("3:17-18 E01"));
  CHECK(where(reading.found[1]) == "4:9-12 E0209");
  CHECK(where(reading.found[2]) == "8:15-19 E0206");
  CHECK(where(reading.found[3]) == "10:8-9 E0201");
  CHECK(where(reading.found[4]) == "14:5-11 E0202");
  REQUIRE(reading.documents.size() == 3);
  REQUIRE(reading.documents[0].rules.size() == 3);
  CHECK_FALSE(reading.documents[0].rules[0].pattern.has_value());
  CHECK(reading.documents[0].rules[1].pattern.has_value());
  CHECK(reading.documents[1].rules.empty());
  CHECK(reading.documents[2].index == 2);
}

TEST_CASE("repeated keys show where they stood first") {
  const auto reading = read("rules:\n  - id: x\n    pattern: a\n    id: y\n");
  REQUIRE(reading.found.size() == 1);
  REQUIRE(reading.found[0].others.size() == 1);
  Diagnostic first = reading.found[0];
  first.place = first.others[0].place;
  CHECK(where(first) == "2:5-7 E0204");
  CHECK(reading.documents[0].rules[0].id.value == "x");
}
