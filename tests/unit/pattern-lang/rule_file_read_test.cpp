// What rule files say: every key, and YAML in all its dress.
#include <doctest/doctest.h>

#include "rule_file_helpers.hpp"
#include "weir/pattern-lang/print.hpp"

using namespace weir::lang;
using weir::lang::testing::all_of;
using weir::lang::testing::read;
using weir::lang::testing::Reading;
using weir::lang::testing::slurp;
using weir::lang::testing::where;
using weir::lang::testing::yaml_files;

namespace {

const char* const kEverything = R"yaml(events:
  login_failed: {from: auth, where: outcome == "failure"}
  login:
    from: [auth, sso]
formats:
  sshd:
    base: syslog
    on: message
    lines:
      - {type: ssh_failed, match: 'port (?<port>\d+)', types: {port: int}}
  plain: {base: text}
tables:
  cards: {csv: data/cards.csv, key: card, types: {pin: string}}
  routes: {ndjson: /abs/routes.ndjson, key: [from, to]}
derive:
  - id: latency
    description: per service
    from: http
    where: path startswith "/api"
    key: service
    window: sliding 5m every 10s
    values:
      n: count()
      p99: percentile(ms, 99)
rules:
  - id: account-takeover
    title: A burst
    description: |
      Two
      lines.
    author: me
    severity: high
    status: test
    enabled: false
    tags: [fraud, "no"]
    references: https://example.org/a
    falsepositives:
      - forgetful people
    key: {auth: user, sso: [account.owner]}
    from: [auth, sso]
    pattern: SEQ(login_failed{3,} AS f, login AS t) WITHIN 10m
    where: count(f) < 100
    alert:
      stream: loud
      message: "{{{t.user}}} after {count(f)}"
      fields: {amount: t.amount, port: "max(f.port)"
}
      cooldown: 1h
      max_per: 100/1h
      evidence: {first: 3, last: 0}
      mask: [card, account.owner]
    tests:
      - name: under the rule
        events: 0s a
        expect: []
tests:
  - name: of the file
    rules: [account-takeover, other]
    log: logs/a.log
    format: sshd
    year: 2026
    close: false
    expect_count: 2
)yaml";

const RuleDocument& only(const Reading& reading) {
  REQUIRE(reading.documents.size() == 1);
  return reading.documents.front();
}

}  // namespace

TEST_CASE("events, formats, tables") {
  const auto reading = read(kEverything);
  CAPTURE(all_of(reading.found));
  CHECK(reading.found.empty());
  const RuleDocument& document = only(reading);
  CHECK(document.file == reading.file);
  CHECK(document.index == 0);

  REQUIRE(document.events.size() == 2);
  CHECK(document.events[0].name.value == "login_failed");
  CHECK(document.events[0].from.at(0).value == "auth");
  REQUIRE(document.events[0].where.root);
  CHECK(print_expression(*document.events[0].where.root) == "outcome == \"failure\"");
  CHECK(document.events[1].from.size() == 2);
  CHECK_FALSE(document.events[1].where.root);

  REQUIRE(document.formats.size() == 2);
  const Format& format = document.formats[0];
  CHECK(format.name.value == "sshd");
  CHECK(format.base == FormatBase::kSyslog);
  CHECK(format.on.value == "message");
  REQUIRE(format.lines.size() == 1);
  CHECK(format.lines[0].type.value == "ssh_failed");
  CHECK(format.lines[0].match.value == "port (?<port>\\d+)");
  CHECK(format.lines[0].types.at(0).first.value == "port");
  CHECK(format.lines[0].types.at(0).second.value == "int");
  CHECK(document.formats[1].base == FormatBase::kText);
  CHECK(document.formats[1].on.empty());

  REQUIRE(document.tables.size() == 2);
  CHECK_FALSE(document.tables[0].ndjson);
  CHECK(document.tables[0].path.value == "data/cards.csv");
  CHECK(document.tables[0].full_path == "rules/data/cards.csv");
  CHECK(document.tables[0].key.at(0).value == "card");
  CHECK(document.tables[0].types.at(0).second.value == "string");
  CHECK(document.tables[1].ndjson);
  CHECK(document.tables[1].full_path == "/abs/routes.ndjson");
  CHECK(document.tables[1].key.size() == 2);
}

TEST_CASE("derived streams") {
  const auto reading = read(kEverything);
  REQUIRE(only(reading).derives.size() == 1);
  const Derive& derive = only(reading).derives[0];
  CHECK(derive.id.value == "latency");
  CHECK(derive.description.value == "per service");
  CHECK(derive.from.at(0).value == "http");
  CHECK(derive.where.root);
  CHECK(derive.key.fields.at(0).value == "service");
  CHECK(derive.window.kind == WindowKind::kSliding);
  CHECK(derive.window.size.ns == 5 * weir::kNsPerMinute);
  CHECK(derive.window.every.ns == 10 * weir::kNsPerSecond);
  REQUIRE(derive.values.size() == 2);
  CHECK(derive.values[1].first.value == "p99");
  CHECK(print_expression(*derive.values[1].second.root) == "percentile(ms, 99)");

  const auto window = [](const std::string& text) {
    const auto other =
        read("derive: [{id: d, from: a, values: {n: count()}, window: " + text + "}]\n");
    CAPTURE(all_of(other.found));
    REQUIRE(other.found.empty());
    return only(other).derives.at(0).window;
  };
  CHECK(window("tumbling 1m").kind == WindowKind::kTumbling);
  CHECK(window("tumbling 1m").every.ns == weir::kNsPerMinute);
  CHECK(window("\"session   gap 1h30m\"").kind == WindowKind::kSession);
  CHECK(window("session gap 1h30m").size.ns == 90 * weir::kNsPerMinute);
}

TEST_CASE("rules") {
  const auto reading = read(kEverything);
  REQUIRE(only(reading).rules.size() == 1);
  const RuleDef& rule = only(reading).rules[0];
  CHECK(rule.id.value == "account-takeover");
  CHECK(rule.title.value == "A burst");
  CHECK(rule.description.value == "Two\nlines.\n");
  CHECK(rule.author.value == "me");
  CHECK(rule.severity == RuleSeverity::kHigh);
  CHECK(to_string(rule.severity) == "high");
  CHECK(rule.status == RuleStatus::kTest);
  CHECK_FALSE(rule.enabled);
  REQUIRE(rule.tags.size() == 2);
  CHECK(rule.tags[1].value == "no");
  CHECK(rule.references.at(0).value == "https://example.org/a");
  CHECK(rule.falsepositives.at(0).value == "forgetful people");
  CHECK(rule.key.fields.empty());
  REQUIRE(rule.key.by_type.size() == 2);
  CHECK(rule.key.by_type[1].first.value == "sso");
  CHECK(rule.key.by_type[1].second.at(0).value == "account.owner");
  CHECK(rule.from.size() == 2);
  REQUIRE(rule.pattern);
  CHECK(rule.pattern->snippet->what == "pattern of rule `account-takeover`");
  CHECK(print_expression(*rule.where.root) == "count(f) < 100");
  CHECK(rule.where.snippet->what == "`where` of rule `account-takeover`");
  CHECK(line_column(reading.file->text, rule.place.snippet->file_position(rule.place.span.begin))
            .line == 26);
}

TEST_CASE("alerts") {
  const auto reading = read(kEverything);
  const AlertDef& alert = only(reading).rules.at(0).alert;
  CHECK(alert.stream.value == "loud");
  REQUIRE(alert.message.size() == 4);
  CHECK(alert.message[0].text == "{");
  CHECK(print_expression(*alert.message[1].expr.root) == "t.user");
  CHECK(alert.message[2].text == "} after ");
  CHECK(print_expression(*alert.message[3].expr.root) == "count(f)");
  REQUIRE(alert.fields.size() == 2);
  CHECK(alert.fields[1].first.value == "port");
  CHECK(print_expression(*alert.fields[1].second.root) == "max(f.port)");
  CHECK(alert.fields[1].second.snippet->what == "field `port` of rule `account-takeover`");
  CHECK(alert.cooldown->ns == weir::kNsPerHour);
  CHECK(alert.max_per->count == 100);
  CHECK(alert.max_per->span.ns == weir::kNsPerHour);
  CHECK(alert.evidence_first == 3);
  CHECK(alert.evidence_last == 0);
  CHECK(alert.mask.at(1).value == "account.owner");
}

TEST_CASE("what is left out has its default") {
  const auto reading = read("rules:\n  - id: x\n    pattern: a\n    key: [a, b.c]\n");
  REQUIRE(reading.found.empty());
  const RuleDef& rule = only(reading).rules.at(0);
  CHECK(rule.severity == RuleSeverity::kMedium);
  CHECK(rule.status == RuleStatus::kStable);
  CHECK(rule.enabled);
  CHECK(rule.from.empty());
  CHECK(rule.key.fields.at(1).value == "b.c");
  CHECK_FALSE(rule.where.root);
  CHECK(rule.alert.stream.empty());
  CHECK(rule.alert.message.empty());
  CHECK_FALSE(rule.alert.cooldown);
  CHECK_FALSE(rule.alert.max_per);
  CHECK(rule.alert.evidence_first == 20);
  CHECK(rule.alert.evidence_last == 20);
}

TEST_CASE("tests of a file and of a rule") {
  const auto reading = read(kEverything);
  REQUIRE(only(reading).tests.size() == 2);
  const TestDef& under = only(reading).tests[0];
  CHECK(under.name.value == "under the rule");
  CHECK(under.rule->value == "account-takeover");
  CHECK(under.rules.empty());
  CHECK(under.has_events);
  CHECK(under.events.value == "0s a");
  CHECK(under.close);
  REQUIRE(under.expect);
  CHECK(under.expect->empty());
  const TestDef& file = only(reading).tests[1];
  CHECK_FALSE(file.rule);
  CHECK(file.rules.at(1).value == "other");
  CHECK_FALSE(file.has_events);
  CHECK(file.log.value == "logs/a.log");
  CHECK(file.full_log_path == "rules/logs/a.log");
  CHECK(file.format.value == "sshd");
  CHECK(file.year == 2026);
  CHECK_FALSE(file.close);
  CHECK_FALSE(file.expect);
  CHECK(file.expect_count == 2);
}

TEST_CASE("documents") {
  const auto reading = read(
      "# before\n%YAML 1.2\n---\nrules: []\n--- # with a comment\nrules:\n  - {id: x, "
      "pattern: a}\n"
      "...\n---\nrules: []\n");
  CAPTURE(all_of(reading.found));
  CHECK(reading.found.empty());
  REQUIRE(reading.documents.size() == 3);
  CHECK(reading.documents[1].index == 1);
  CHECK(reading.documents[1].rules.at(0).id.value == "x");
  // A line of three dashes inside a block is text as long as it is indented.
  CHECK(only(read("rules:\n  - id: x\n    title: |\n      ---\n    pattern: a\n")).rules.size() ==
        1);
}

TEST_CASE("byte order marks, line ends, no last line feed") {
  const std::string plain =
      "rules:\n  - id: x\n    description: |\n      one\n      two\n    zip: 1\n";
  const auto variants = [&](const std::string& line_end, const std::string& bom) {
    std::string text = bom;
    for (const char c : plain) {
      if (c == '\n') {
        text += line_end;
      } else {
        text += c;
      }
    }
    return text;
  };
  for (const char* line_end : {"\n", "\r\n", "\r"}) {
    for (const char* bom : {"", "\xEF\xBB\xBF", "\xEF\xBB\xBF\xEF\xBB\xBF"}) {
      const auto reading = read(variants(line_end, bom));
      CAPTURE(all_of(reading.found));
      REQUIRE(reading.found.size() == 2);
      CHECK(where(reading.found[1]) == "6:5-8 E0202");
      CHECK(only(reading).rules.at(0).description.value == "one\ntwo\n");
    }
  }
  const auto unfinished = read("rules:\n  - id: x\n    pattern: SEQ(a,\n      b)");
  CHECK(unfinished.found.empty());
  CHECK(only(unfinished).rules.at(0).pattern.has_value());
}

TEST_CASE("aliases stand for what they name") {
  const auto reading = read(
      "rules:\n  - {id: x, pattern: &p \"SEQ(a, b)\", tags: &t [one, two]}\n"
      "  - {id: y, pattern: *p, tags: *t}\n");
  CAPTURE(all_of(reading.found));
  CHECK(reading.found.empty());
  CHECK(only(reading).rules.at(1).tags.at(1).value == "two");
  CHECK(same(*only(reading).rules[0].pattern, *only(reading).rules[1].pattern));
}

TEST_CASE("a key that maps types to fields keeps its order") {
  const auto reading =
      read("rules:\n  - id: x\n    pattern: a\n    key:\n      z: b\n      a: c\n      m: [d]\n");
  REQUIRE(reading.found.empty());
  const auto& key = only(reading).rules.at(0).key.by_type;
  REQUIRE(key.size() == 3);
  CHECK(key[0].first.value == "z");
  CHECK(key[1].first.value == "a");
  CHECK(key[2].first.value == "m");
}

TEST_CASE("expressions in messages may hold braces and strings") {
  const auto message = [](const std::string& text) {
    const auto reading =
        read("rules:\n  - id: x\n    pattern: a\n    alert:\n      message: " + text + "\n");
    CAPTURE(all_of(reading.found));
    REQUIRE(reading.found.empty());
    return only(reading).rules.at(0).alert.message.size();
  };
  CHECK(message("'{lookup(t, \"}\").c} and {{}} and {a.x}'") == 3);
  CHECK(message("plain") == 1);
  CHECK(message("\"\"") == 0);
  CHECK(message("'{{'") == 1);
}

TEST_CASE("the conformance cases are read without a word") {
  std::size_t tests = 0;
  for (const auto& path : yaml_files("tests/conformance")) {
    CAPTURE(path.string());
    const auto reading = read(slurp(path), path.string());
    CAPTURE(all_of(reading.found));
    CHECK(reading.found.empty());
    for (const RuleDocument& document : reading.documents) {
      tests += document.tests.size();
      for (const RuleDef& rule : document.rules) CHECK(rule.pattern.has_value());
      for (const TestDef& test : document.tests) {
        CHECK(test.has_events);
        CHECK(test.expect.has_value() != test.expect_count.has_value());
      }
    }
  }
  CHECK(tests > 600);
}

TEST_CASE("rule files that must be refused for what they say as rule files") {
  const auto path = std::filesystem::path(WEIR_SOURCE_DIR) / "tests/refused/patterns.yaml";
  const auto reading = read(slurp(path), "patterns.yaml");
  const std::vector<std::string> expected{"348:5-11 E0202",  "355:7-16 E0202", "358:1-6 E0202",
                                          "366:23-27 E0202", "375:9-16 E0207", "383:17-19 E0210"};
  std::vector<std::string> found;
  for (const Diagnostic& d : reading.found) {
    const std::string at = where(d);
    if (at.find(" E02") != std::string::npos) found.push_back(at);
  }
  CHECK(found == expected);
}
