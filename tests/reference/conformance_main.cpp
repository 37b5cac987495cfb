// reference_conformance DIR: runs the conformance cases whose rules are plain patterns through the
// reference matcher, so that the judge of the engine is itself held to them.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "event_lines.hpp"
#include "expression.hpp"
#include "matcher.hpp"

namespace weir::reference {
namespace {

// Windows, tables, formats, chains and what holds alerts back are no matter of one pattern.
const std::set<std::string> kOtherTopics = {"derive",  "chaining", "sessions", "tables",
                                            "formats", "cooldown", "max-per"};

struct Outcome {
  int passed = 0;
  int failed = 0;
};

using lang::TestValue;

bool value_equal(const TestValue& expected, const Value& got) {
  if (expected.kind == TestValue::Kind::kList) {
    if (got.type() != ValueType::kList || got.as_list().size() != expected.items.size())
      return false;
    for (std::size_t i = 0; i < expected.items.size(); ++i) {
      if (!value_equal(expected.items[i], got.as_list()[i])) return false;
    }
    return true;
  }
  const Value& want = expected.scalar.get();
  if (want.is_null()) return got.is_null();
  return equals(want, got) || expected.text == to_text(got);
}

bool event_matches(const TestValue& expected, const RefEvent& e) {
  return std::all_of(expected.entries.begin(), expected.entries.end(), [&](const auto& entry) {
    return value_equal(entry.second, e.field(entry.first));
  });
}

bool binding_matches(const TestValue& expected, const std::vector<std::uint64_t>& seqs,
                     const Log& log) {
  if (expected.kind == TestValue::Kind::kScalar) return seqs.empty();  // null
  if (expected.kind == TestValue::Kind::kMap) {
    return seqs.size() == 1 && event_matches(expected, log.events[seqs[0]]);
  }
  if (expected.items.size() != seqs.size()) return false;
  for (std::size_t i = 0; i < seqs.size(); ++i) {
    if (!event_matches(expected.items[i], log.events[seqs[i]])) return false;
  }
  return true;
}

// What the fields of an alert see: the whole match.
class MatchScope : public Scope {
 public:
  MatchScope(const Tree& tree, const RefMatch& match, const Log& log)
      : tree_(tree), match_(match), log_(log) {}
  const RefEvent* candidate() const override { return nullptr; }
  bool is_name(std::string_view name) const override { return tree_.find_name(name) >= 0; }
  std::vector<const RefEvent*> bound(std::string_view name) const override {
    std::vector<const RefEvent*> out;
    const auto it = match_.bindings.find(std::string(name));
    if (it == match_.bindings.end()) return out;
    for (const std::uint64_t seq : it->second) out.push_back(&log_.events[seq]);
    return out;
  }

 private:
  const Tree& tree_;
  const RefMatch& match_;
  const Log& log_;
};

struct Case {
  const lang::RuleDocument& document;
  const lang::TestDef& test;
  std::vector<Tree> trees;
  std::vector<const lang::RuleDef*> rules;
  Log log;
};

bool as_expected(const lang::Expectation& expected, const RefMatch& got, const Case& c) {
  if (expected.rule && expected.rule->value != got.rule) return false;
  if (expected.at) {
    const auto at = parse_time(expected.at->value, {});
    if (!at || *at != got.detected_at) return false;
  }
  if (expected.key) {
    for (const auto& [name, value] : expected.key->entries) {
      const auto it = std::find_if(got.key.begin(), got.key.end(),
                                   [&](const auto& k) { return k.first == name; });
      if (it == got.key.end() || !value_equal(value, it->second.get())) return false;
    }
  }
  if (expected.match) {
    for (const auto& [name, value] : expected.match->entries) {
      const auto it = got.bindings.find(name);
      if (!binding_matches(
              value, it == got.bindings.end() ? std::vector<std::uint64_t>{} : it->second, c.log)) {
        return false;
      }
    }
  }
  if (expected.fields) {
    for (std::size_t r = 0; r < c.trees.size(); ++r) {
      if (c.trees[r].rule != got.rule) continue;
      const MatchScope scope(c.trees[r], got, c.log);
      Evaluator evaluator;
      for (const auto& [name, value] : expected.fields->entries) {
        for (const auto& [field, expr] : c.rules[r]->alert.fields) {
          if (field.value == name && !value_equal(value, evaluator.eval(*expr.root, scope)))
            return false;
        }
      }
    }
  }
  return true;
}

bool selected(const lang::TestDef& test, const std::string& rule) {
  if (!test.rules.empty()) {
    return std::any_of(test.rules.begin(), test.rules.end(),
                       [&](const auto& r) { return r.value == rule; });
  }
  return !test.rule || test.rule->value == rule;
}

bool run_case(const lang::RuleDocument& document, const lang::TestDef& test,
              const std::string& path) {
  Case c{document, test, {}, {}, {}};
  std::string error;
  const auto log = read_event_lines(test.events.value, error);
  if (!log) {
    std::printf("%s: %s: cannot read the line: %s\n", path.c_str(), test.name.value.c_str(),
                error.c_str());
    return false;
  }
  c.log = *log;
  c.log.close = test.close;
  for (const lang::RuleDef& rule : document.rules) {
    if (!selected(test, rule.id.value)) continue;
    c.rules.push_back(&rule);
    c.trees.push_back(make_tree(rule, document));
  }
  std::vector<const Tree*> trees;
  for (const Tree& t : c.trees) trees.push_back(&t);
  const MatchResult got = match_log(trees, c.log);
  bool ok = !got.gave_up;
  if (test.expect_count) ok = ok && got.matches.size() == *test.expect_count;
  if (test.expect) {
    ok = ok && got.matches.size() == test.expect->size();
    for (std::size_t i = 0; ok && i < got.matches.size(); ++i)
      ok = as_expected((*test.expect)[i], got.matches[i], c);
  }
  if (!ok) {
    std::printf("%s: %s\n", path.c_str(), test.name.value.c_str());
    for (const RefMatch& m : got.matches) std::printf("  got %s\n", to_string(m).c_str());
    if (got.matches.empty()) std::printf("  got nothing\n");
  }
  return ok;
}

void run_file(const std::filesystem::path& path, Outcome& outcome) {
  std::ifstream in(path, std::ios::binary);
  auto file = std::make_shared<lang::SourceFile>();
  file->path = path.string();
  file->text.assign(std::istreambuf_iterator<char>(in), {});
  lang::Diagnostics diagnostics;
  const auto documents = lang::read_rule_file(file, diagnostics);
  if (diagnostics.has_errors()) {
    for (const auto& d : diagnostics.sorted()) std::printf("%s", lang::render(d).c_str());
    ++outcome.failed;
    return;
  }
  for (const lang::RuleDocument& document : documents) {
    for (const lang::TestDef& test : document.tests) {
      ++(run_case(document, test, path.string()) ? outcome.passed : outcome.failed);
    }
  }
}

int run(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".yaml" &&
        !kOtherTopics.contains(entry.path().stem().string())) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  Outcome outcome;
  for (const auto& file : files) run_file(file, outcome);
  std::printf("%d passed, %d failed\n", outcome.passed, outcome.failed);
  return outcome.failed == 0 && outcome.passed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace weir::reference

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: reference_conformance DIR\n");
    return 3;
  }
  return weir::reference::run(argv[1]);
}
