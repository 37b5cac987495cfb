// What the compiler refuses or warns of in patterns, streams and windows (language contract,
// sections 3 and 7): the code, the text under the carets, and beside each case one that is nearly
// the same and right.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/compiler/compile.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::compiler {
namespace {

/// "E0301 x | W0301 logout": what is reported, and the text under its carets.
std::string reported(const std::string& text, const CompileOptions& options = {}) {
  auto file = std::make_shared<lang::SourceFile>();
  file->path = "rules.yaml";
  file->text = text;
  lang::Diagnostics diagnostics;
  const auto documents = lang::read_rule_file(file, diagnostics);
  std::vector<const lang::RuleDocument*> all;
  for (const lang::RuleDocument& document : documents) all.push_back(&document);
  const auto program = compile(all, options, diagnostics);
  CHECK((program == nullptr) == diagnostics.has_errors());
  std::string out;
  for (const lang::Diagnostic& d : diagnostics.sorted()) {
    if (!out.empty()) out += " | ";
    out += std::string(lang::info(d.code).name) + " ";
    out += d.place.snippet->text.substr(d.place.span.begin, d.place.span.end - d.place.span.begin);
  }
  return out;
}

std::string rule_of(const std::string& pattern) {
  return "rules:\n  - id: r\n    pattern: |\n      " + pattern + "\n";
}

struct Case {
  std::string pattern;
  std::string expected;
};

void check_patterns(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.pattern);
    CHECK(reported(rule_of(c.pattern)) == c.expected);
  }
}

TEST_CASE("names") {
  check_patterns({
      {"SEQ(a AS x, b AS x) WITHIN 1m", "E0301 x"},
      {"SEQ(a, b AS a) WITHIN 1m", "E0301 a"},
      {"SEQ(a AS b, b) WITHIN 1m", "E0301 b"},
      {"AND(a AS x, b AS x) WITHIN 1m", "E0301 x"},
      {"SEQ(OR(SEQ(a AS x, b), SEQ(c, d)), e AS x) WITHIN 1m", "E0301 x"},
      {"SEQ(OR(SEQ(a AS x, b AS x), c)) WITHIN 1m", "E0301 x"},
      {"SEQ(a, a_2, a) WITHIN 1m", "E0301 a"},
      {"OR(SEQ(a AS x, b), SEQ(c AS x, d)) WITHIN 1m", ""},
      {"SEQ(e, OR(a AS x, b AS x)) WITHIN 1m", ""},
      {"SEQ(a, a, a) WITHIN 1m", ""},
      {"OR(a AS f, b) AS x", "E0302 f"},
      {"SEQ(e, OR(a, (b AS f WHERE v > 1)) AS x) WITHIN 1m", "E0302 f"},
      {"OR(a AS f, b AS o)", ""},
      {"OR(a, b) AS x", ""},
      {"SEQ(a, b+ AS x, c) WITHIN 1m AFTER MATCH SKIP TO LAST y", "E0314 y"},
      {"SEQ(a, NOT c, b) WITHIN 1m AFTER MATCH SKIP TO FIRST c", "E0314 c"},
      {"SEQ(a, b+, c) WITHIN 1m AFTER MATCH SKIP TO FIRST b", ""},
  });
}

TEST_CASE("a match binds an event") {
  check_patterns({
      {"SEQ(NOT a WITHIN 1m)", "E0303 SEQ(NOT a WITHIN 1m)"},
      {"NOT a WITHIN 1m", "E0303 NOT a WITHIN 1m"},
      {"(NOT a WITHIN 1m)", "E0303 NOT a WITHIN 1m"},
      {"SEQ(NOT a, NOT b WITHIN 1s) WITHIN 1m", "E0303 SEQ(NOT a, NOT b WITHIN 1s) WITHIN 1m"},
      {"SEQ(a, NOT a WITHIN 1m)", ""},
      {"SEQ(a?, b?) WITHIN 1m", "W0302 b?"},
  });
}

TEST_CASE("absence at the end") {
  check_patterns({
      {"SEQ(a, NOT b)", "E0304 NOT b"},
      {"SEQ(a, NEXT NOT b)", "E0304 NEXT NOT b"},
      {"SEQ(a, NOT b, NOT c)", "E0304 NOT b, NOT c"},
      {"SEQ(a, SEQ(b, NOT c)){2}", "E0304 NOT c"},
      {"SEQ(a, NOT b) WITHIN 1m", ""},
      {"SEQ(a, NOT b WITHIN 1m)", ""},
      {"SEQ(a, NOT b, NOT c WITHIN 1m)", ""},
      {"SEQ(a, NEXT NOT b, NOT c WITHIN 1m)", ""},
  });
}

TEST_CASE("what follows a NOT") {
  check_patterns({
      {"SEQ(a, NOT b, c?) WITHIN 1m", "E0305 NOT b"},
      {"SEQ(a, NOT b, OR(c?, SEQ(d, e))) WITHIN 1m", "E0305 NOT b"},
      {"SEQ(SEQ(a, NOT b), c*) WITHIN 1m", "E0305 NOT b"},
      {"SEQ(a, NOT b, c?, d) WITHIN 1m", ""},
      {"SEQ(SEQ(a, NOT b), c) WITHIN 1m", ""},
      {"SEQ(a, NOT b, c?, NOT d WITHIN 5s) WITHIN 1m", ""},
      {"SEQ(a, NOT b WITHIN 10s, c?+) WITHIN 1m", ""},
  });
}

TEST_CASE("a NOT that looks back") {
  check_patterns({
      {"SEQ(NOT a, b) WITHIN 1m", "E0306 NOT a"},
      {"SEQ(NOT a WITHIN 1m, NOT b, c)", "E0306 NOT b"},
      {"SEQ(NEXT NOT a, b) WITHIN 1m", "E0307 NEXT NOT a"},
      {"SEQ(SEQ(NOT a WITHIN 1m, b), c) WITHIN 1h", "E0307 NOT a WITHIN 1m"},
      {"SEQ(NOT a WITHIN 1m, b){2} WITHIN 1h", "E0309 NOT a WITHIN 1m"},
      {"SEQ(NOT a, b){2} WITHIN 1h", ""},
      {"OR(NOT a WITHIN 1m, b)", "E0307 NOT a WITHIN 1m"},
      {"SEQ(NOT a WITHIN 1m, b?, c*) WITHIN 1h", "E0308 NOT a WITHIN 1m"},
      {"SEQ(NOT a WITHIN 1m, b?, c) WITHIN 1h", ""},
      {"SEQ(NOT a WITHIN 1m, NOT b WITHIN 1h, c)", ""},
      {"SEQ(SEQ(b, NOT a WITHIN 1m), c) WITHIN 1h", ""},
  });
}

TEST_CASE("a time that counts from the event before") {
  check_patterns({
      {"SEQ(a?, NOT b WITHIN 10s, c) WITHIN 1m", "E0309 NOT b WITHIN 10s"},
      {"SEQ(OR(a, SEQ(b?, c?)), NOT d WITHIN 10s, e) WITHIN 1m", "E0309 NOT d WITHIN 10s"},
      {"SEQ(a?, OR(b WITHIN 1s, NOT b WITHIN 1s), c) WITHIN 1m", "E0309 NOT b WITHIN 1s"},
      {"SEQ(a?, NOT b, c) WITHIN 1m", ""},
      {"SEQ(a?, x, NOT b WITHIN 10s, c) WITHIN 1m", ""},
  });
}

TEST_CASE("silence as an alternative") {
  check_patterns({
      {"SEQ(a, OR(b WITHIN 1h, NOT b))", "E0310 NOT b"},
      {"SEQ(a, OR(b WITHIN 1h, SEQ(NOT b)))", "E0310 NOT b"},
      {"SEQ(a, OR(b WITHIN 1h, NOT b WITHIN 1h))", ""},
      {"SEQ(a, OR(b, NOT b WITHIN 2s)) WITHIN 1m", "W0304 b"},
      {"SEQ(a, OR(b, NOT b WITHIN 2s) WITHIN 5s)", ""},
      {"SEQ(a, OR(c, NOT b WITHIN 2s)) WITHIN 1m", ""},
      {"SEQ(a, OR(b WITHIN 2s, NOT b WITHIN 2s){2,}, c) WITHIN 1m", "W0305 NOT b WITHIN 2s"},
      {"SEQ(a, OR(b WITHIN 2s, NOT b WITHIN 2s)?, c) WITHIN 1m", ""},
  });
}

TEST_CASE("NEXT NOT and pauses") {
  check_patterns({
      {"SEQ(a, NEXT NOT b WITHIN 10s, c) WITHIN 1m", "E0311 NEXT NOT b WITHIN 10s"},
      {"SEQ(a, NEXT NOT b, NOT c WITHIN 10s, d) WITHIN 1m", "E0311 NEXT NOT b"},
      {"SEQ(a, NOT c WITHIN 10s, NEXT NOT b, d) WITHIN 1m", "E0311 NEXT NOT b"},
      {"SEQ(a, NEXT NOT b, NOT c, d) WITHIN 1m", ""},
      {"SEQ(a, NEXT NOT b WITHIN 10s)", ""},
      {"SEQ(a, NOT b WITHIN 2m, c) WITHIN 1m", "E0312 NOT b WITHIN 2m"},
      {"SEQ(a, OR(b WITHIN 1s, NOT b WITHIN 2m)) WITHIN 1m", "E0312 NOT b WITHIN 2m"},
      {"SEQ(a, NOT b WITHIN 1m, c) WITHIN 1m", ""},
      {"SEQ(a, NOT b WITHIN 2m) WITHIN 1m", ""},
  });
}

TEST_CASE("possessive groups, bounds") {
  check_patterns({
      {"SEQ(SEQ(a, NOT b WITHIN 10s)++, c) WITHIN 1m", "E0313 NOT b WITHIN 10s"},
      {"SEQ(SEQ(a, NOT b, c?)++, d) WITHIN 1m", "E0313 NOT b"},
      {"SEQ(x, OR(a WITHIN 1s, NOT a WITHIN 1s)?+, d) WITHIN 1m", "E0313 NOT a WITHIN 1s"},
      {"SEQ(SEQ(a, NOT b WITHIN 10s)+, c) WITHIN 1m", ""},
      {"SEQ(SEQ(a, NOT b, c)++, d) WITHIN 1m", ""},
  });
  std::string members = "m0";
  for (int i = 1; i < 32; ++i) members += ", m" + std::to_string(i);
  CHECK(reported(rule_of("AND(" + members + ") WITHIN 1m")).empty());
  CHECK(reported(rule_of("AND(" + members + ", m) WITHIN 1m")).starts_with("E0315 AND(m0, m1"));
  std::string loops = "l0++";
  for (int i = 1; i < 16; ++i) loops += ", l" + std::to_string(i) + "++";
  CHECK(reported(rule_of("SEQ(" + loops + ") WITHIN 1m")).empty());
  CHECK(reported(rule_of("SEQ(" + loops + ", l++) WITHIN 1m")) == "E0315 l++");
}

TEST_CASE("what nothing bounds") {
  check_patterns({
      {"SEQ(a, b)", "W0301 b"},
      {"SEQ(a, NEXT b)", ""},
      {"SEQ(a, NEXT b+, c WITHIN 5s)", "W0301 NEXT b+"},
      {"SEQ(a, NEXT b+ NEXT, c WITHIN 5s)", ""},
      {"a{3}", "W0301 a{3}"},
      {"a", ""},
      {"AND(a, b)", "W0301 AND(a, b)"},
      {"AND(a, b) WITHIN 1m", ""},
      {"SEQ(a, b WITHIN 1m)", ""},
      {"SEQ(a, SEQ(b, c) WITHIN 1m)", ""},
      {"SEQ(a, NOT b WITHIN 1m, c)", "W0301 c"},
      {"OR(a, b)", ""},
  });
}

TEST_CASE("a loop at the end") {
  check_patterns({
      {"SEQ(a, b{3,}) WITHIN 1m", "W0302 b{3,}"},
      {"SEQ(a, SEQ(b, c){2,4}) WITHIN 1m", "W0302 SEQ(b, c){2,4}"},
      {"SEQ(a, SEQ(b, c+)) WITHIN 1m", "W0302 c+"},
      {"SEQ(a, b{3}) WITHIN 1m", ""},
      {"SEQ(a, b{3,}+) WITHIN 1m", ""},
      {"SEQ(a, b{3,}) WITHIN 1m AFTER MATCH KEEP", ""},
      {"SEQ(a, b{3,}) WITHIN 1m AFTER MATCH CONSUME", "W0302 b{3,}"},
      {"SEQ(a, b{3,}, c) WITHIN 1m", ""},
  });
}

TEST_CASE("steps that nothing reaches") {
  check_patterns({
      {"SEQ(a, OR(b, b AS x WHERE v > 5)) WITHIN 1m", "W0303 b"},
      {"SEQ(a, OR(b WHERE v > 5, b AS x)) WITHIN 1m", ""},
      {"SEQ(a, OR(b WITHIN 1s, b AS x)) WITHIN 1m", ""},
      {"SEQ(a++, a AS x)", "W0301 a++ | W0303 a AS x"},
      {"SEQ(a++ UNTIL u, a AS x) WITHIN 1m", ""},
      {"SEQ(a{2,3}+, a AS x) WITHIN 1m", ""},
  });
  CHECK(reported("rules:\n  - id: r\n    from: [a, c]\n    pattern: SEQ(a, b) WITHIN 1m\n") ==
        "W0303 b");
  CHECK(
      reported("rules:\n  - id: r\n    from: [a, b]\n    pattern: SEQ(a, b) WITHIN 1m\n").empty());
  CHECK(reported("rules:\n  - id: r\n    from: \"*\"\n    pattern: SEQ(a, b) WITHIN 1m\n").empty());
  // What a class is made of counts.
  const std::string classes = "events:\n  odd: {from: [b, d]}\n";
  CHECK(reported(classes +
                 "rules:\n  - id: r\n    from: [a, d]\n    pattern: SEQ(a, odd) WITHIN 1m\n")
            .empty());
  CHECK(reported(classes +
                 "rules:\n  - id: r\n    from: [a, c]\n    pattern: SEQ(a, odd) WITHIN 1m\n") ==
        "W0303 odd");
}

TEST_CASE("ids and names that all files share") {
  const std::string rule = "rules:\n  - id: r\n    pattern: a\n";
  CHECK(reported(rule + "---\n" + rule) == "E0316 r");
  CHECK(reported(rule + "---\nrules:\n  - id: s\n    pattern: a\n").empty());
  const std::string derive =
      "derive:\n  - {id: d, from: a, window: tumbling 1m, values: {n: count()}}\n";
  const std::string format =
      "formats:\n  f:\n    base: text\n    lines:\n      - {type: a, match: x}\n";
  CHECK(reported(derive + "---\n" + derive) == "E0503 d");
  CHECK(reported(format + "---\n" + format) == "E0503 f");
  CHECK(reported(derive + format + "rules:\n  - {id: d, pattern: a}\n").empty());
  CHECK(reported(derive + "rules:\n  - {id: r, pattern: a, alert: {stream: d}}\n") == "E0503 d");
  CHECK(reported(derive + "rules:\n  - {id: r, pattern: a, alert: {stream: e}}\n").empty());
}

TEST_CASE("tables that cannot be read") {
  const std::string table = "tables:\n  t: {csv: t.csv, key: k}\n";
  CompileOptions options;
  options.load_table = [](const lang::TableDef&, std::vector<std::string>& errors) {
    errors.push_back("line 3: no such thing");
    return nfa::TablePtr();
  };
  CHECK(reported(table, options) == "E0501 t.csv");
  CHECK(reported("rules:\n  - {id: r, pattern: a}\n", options).empty());
}

/// Two rules; the first reads `a` and writes `ones`.
std::string chain(const std::string& first_reads, const std::string& second_reads,
                  const std::string& more = {}) {
  return "rules:\n  - id: one\n    pattern: SEQ(a, " + first_reads +
         ") WITHIN 1m\n    alert: {stream: ones}\n" + more + "  - id: two\n    pattern: SEQ(b, " +
         second_reads + ") WITHIN 1m\n    alert: {stream: twos}\n";
}

TEST_CASE("cycles of streams") {
  CHECK(reported(chain("twos", "ones")) == "E0502 one");
  CHECK(reported(chain("x", "ones")).empty());
  CHECK(reported(chain("ones", "x")) == "E0502 one");
  CHECK(reported(chain("\"rule:one\"", "x")) == "E0502 one");
  CHECK(reported(chain("\"rule:two\"", "\"rule:one\"")) == "E0502 one");
  // As declared, whatever `status` says.
  CHECK(reported(chain("twos", "ones", "    status: test\n")).starts_with("E0502 one"));
  // `*` stands for the sources alone.
  CHECK(reported(chain("x", "*")).empty());
  const std::string window =
      "derive:\n  - {id: d, from: ones, window: tumbling 1m, values: {n: count()}}\n";
  CHECK(reported(window + chain("d", "x")) == "E0502 d");
  CHECK(reported(window + chain("x", "d")).empty());
}

TEST_CASE("rules that are read") {
  CHECK(reported(chain("x", "\"rule:on\"")) == "E0504 \"rule:on\"");
  CHECK(reported(chain("x", "\"rule:one\"")).empty());
  CHECK(reported("derive:\n  - {id: d, from: \"rule:none\", window: tumbling 1m, values: {n: "
                 "count()}}\n") == "E0504 rule:none");
  const std::string test = "    status: test\n";
  CHECK(reported(chain("x", "ones", test)) == "W0502 ones");
  CHECK(reported(chain("x", "shadow", test)).empty());
  CHECK(reported(chain("x", "\"rule:one\"", test)).empty());
  CHECK(reported(chain("x", "ones")).empty());
}

TEST_CASE("a pattern names so many events, and they stand for so many types") {
  const auto events = [](std::size_t n) {
    std::string out = "SEQ(a";
    for (std::size_t i = 1; i < n; ++i) out += ", a";
    return out + ") WITHIN 1m";
  };
  CHECK(reported(rule_of(events(1000))).empty());
  CHECK(reported(rule_of(events(1001))) == "E0315 a");
  CHECK(reported(rule_of(events(80'000))) == "E0315 a");
  std::string types = "a0";
  for (int i = 1; i < 1000; ++i) types += ", a" + std::to_string(i);
  const std::string of_class = "events:\n  a: {from: [" + types + "]}\n";
  CHECK(reported(of_class + rule_of(events(10))).empty());
  CHECK(reported(of_class + rule_of("SEQ(" + events(10).substr(4, 28) + ", NOT a, b) WITHIN 1m")) ==
        "E0315 a");
}

TEST_CASE("windows") {
  const auto window = [](const std::string& of, const std::string& value) {
    return "derive:\n  - id: d\n    from: a\n    key: user\n    window: " + of + "\n    values: {" +
           value + ": count()}\n";
  };
  CHECK(reported(window("tumbling 1m", "n")).empty());
  CHECK(reported(window("tumbling 1m", "user")) == "E0505 user");
  for (const std::string own : {"ts", "type", "window_start", "window_end"}) {
    CHECK(reported(window("tumbling 1m", own)) == "E0505 " + own);
  }
  CHECK(reported(window("sliding 1m every 5m", "n")) == "W0501 sliding 1m every 5m");
  CHECK(reported(window("sliding 1m every 1m", "n")).empty());
  CHECK(reported(window("sliding 5m every 1m", "n")).empty());
}

}  // namespace
}  // namespace weir::compiler
