// Faults of tests that show without running them; and all that `weir check` looks at.
#include <fmt/core.h>

#include <algorithm>

#include "formats.hpp"
#include "test_events.hpp"
#include "test_plan.hpp"

namespace weir::cli {
namespace {

using lang::Code;

class ExpectationCheck {
 public:
  ExpectationCheck(const TestScope& scope, lang::Diagnostics& diagnostics)
      : scope_(scope), diagnostics_(diagnostics) {}

  void check(const lang::Expectation& expected) {
    rules_.clear();
    std::vector<std::string> ids;
    for (const nfa::RuleId r : scope_.only) {
      const nfa::Rule& rule = scope_.program->rules[r];
      ids.push_back(rule.id);
      if (!expected.rule || expected.rule->value == rule.id) rules_.push_back(&rule);
    }
    if (expected.rule && rules_.empty()) {
      report(Code::E0601, expected.rule->place,
             fmt::format("the test does not run a rule `{}`", expected.rule->value),
             expected.rule->value, ids);
      return;
    }
    if (rules_.empty()) return;
    if (expected.match) check_match(*expected.match);
    if (expected.fields) check_fields(*expected.fields);
    if (expected.key) check_key(*expected.key);
  }

 private:
  /// A name is at fault where none of the rules that may be meant has it.
  void check_names(const lang::TestValue& values, const std::vector<std::string>& known,
                   const char* what) {
    for (const auto& [name, value] : values.entries) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      report(Code::E0603, value.key_place,
             rules_.size() == 1
                 ? fmt::format("rule `{}` has no {} `{}`", rules_.front()->id, what, name)
                 : fmt::format("none of the rules has a {} `{}`", what, name),
             name, known);
    }
  }

  void check_match(const lang::TestValue& match) {
    std::vector<std::string> known;
    for (const nfa::Rule* rule : rules_) {
      for (const nfa::BoundName& name : rule->automaton.names) known.push_back(name.text);
    }
    check_names(match, known, "step named");
  }

  void check_fields(const lang::TestValue& fields) {
    std::vector<std::string> known;
    for (const nfa::Rule* rule : rules_) {
      for (const auto& [name, expr] : rule->alert.fields) known.push_back(name);
    }
    check_names(fields, known, "alert field");
  }

  void check_key(const lang::TestValue& key) {
    std::vector<std::string> known;
    for (const nfa::Rule* rule : rules_) {
      const auto& names = scope_.program->keys[rule->key].names;
      known.insert(known.end(), names.begin(), names.end());
    }
    // account: {id: 7} stands for account.id.
    for (const std::string& name : std::vector<std::string>(known)) {
      if (const auto dot = name.find('.'); dot != std::string::npos) {
        known.push_back(name.substr(0, dot));
      }
    }
    check_names(key, known, "key field");
  }

  void report(Code code, const lang::Place& place, std::string message, const std::string& word,
              const std::vector<std::string>& known) {
    auto& d = diagnostics_.report(code, place, std::move(message));
    const std::string near = lang::nearest(word, known);
    if (!near.empty()) {
      d.help = fmt::format("did you mean `{}`?", near);
    } else if (!known.empty()) {
      std::string list;
      for (const std::string& name : known)
        list += fmt::format("{}`{}`", list.empty() ? "" : ", ", name);
      d.notes.push_back("there is " + list);
    }
  }

  const TestScope& scope_;
  lang::Diagnostics& diagnostics_;
  std::vector<const nfa::Rule*> rules_;
};

}  // namespace

void check_test(const lang::TestDef& test, const TestScope& scope, lang::Diagnostics& diagnostics) {
  if (scope.program == nullptr || !test.expect) return;
  ExpectationCheck check(scope, diagnostics);
  for (const lang::Expectation& expected : *test.expect) check.check(expected);
}

void check_documents(const RuleSet& rules, const Schema* schema, lang::Diagnostics& diagnostics) {
  const auto program = compile_rules(rules.all(), schema, diagnostics);
  check_formats(rules, diagnostics);
  // Tests of rules that are at fault would only say so again.
  if (program == nullptr) return;
  lang::Diagnostics again;  // of the rules: given above
  TestPlan plan(rules, schema, again);
  for (const lang::RuleDocument& document : rules.documents) {
    for (const lang::TestDef& test : document.tests) {
      const TestScope scope = plan.scope(document, test, diagnostics);
      if (scope.program == nullptr) continue;
      check_test(test, scope, diagnostics);
      TestEvents events;
      events.load(test, rules, scope.program->plan, diagnostics);
    }
  }
}

}  // namespace weir::cli
