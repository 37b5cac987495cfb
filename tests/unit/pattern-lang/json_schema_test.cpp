// The schemas are JSON, and know the keys that the reader knows.
#include "weir/pattern-lang/json_schema.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "rule_file_helpers.hpp"

using namespace weir::lang;

namespace {

/// Just enough JSON: objects by key, everything else skipped; `ok` false where it is no JSON.
struct Json {
  std::map<std::string, Json> members;
  std::vector<std::string> strings;  // of an array
  bool ok = true;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Json document() {
    Json out = value();
    blanks();
    out.ok = out.ok && ok_ && at_ == text_.size();
    return out;
  }

 private:
  void blanks() {
    while (at_ < text_.size() && std::string_view(" \n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }
  char peek() {
    blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  void eat(char c) {
    ok_ = ok_ && peek() == c;
    ++at_;
  }
  std::string string() {
    std::string out;
    eat('"');
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\') ++at_;
      out += text_[at_++];
    }
    eat('"');
    return out;
  }
  Json value() {
    Json out;
    const char c = peek();
    if (!ok_) return out;
    if (c == '{') {
      eat('{');
      while (ok_ && peek() != '}') {
        const std::string key = string();
        eat(':');
        ok_ = ok_ && out.members.emplace(key, value()).second;
        if (peek() != '}') eat(',');
      }
      eat('}');
    } else if (c == '[') {
      eat('[');
      while (ok_ && peek() != ']') {
        if (peek() == '"') {
          out.strings.push_back(string());
        } else {
          value();
        }
        if (peek() != ']') eat(',');
      }
      eat(']');
    } else if (c == '"') {
      out.strings.push_back(string());
    } else {
      const std::size_t end = text_.find_first_of(",]} \n", at_);
      const std::string_view word = text_.substr(at_, end - at_);
      const bool number = word.find_first_not_of("0123456789") == std::string_view::npos;
      ok_ = ok_ && !word.empty() && (number || word == "true" || word == "false");
      at_ = std::min(end, text_.size());
    }
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

Json parse(const std::string& text) {
  return Parser(text).document();
}

std::set<std::string> names(const Json& object) {
  std::set<std::string> out;
  for (const auto& [name, value] : object.members) out.insert(name);
  return out;
}

std::set<std::string> references(const std::string& text) {
  std::set<std::string> out;
  constexpr std::string_view kMark = "\"#/$defs/";
  for (std::size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + 1)) {
    const std::size_t begin = at + kMark.size();
    out.insert(text.substr(begin, text.find('"', begin) - begin));
  }
  return out;
}

}  // namespace

TEST_CASE("the schema of rule files has the reader's keys, mapping by mapping") {
  const Json schema = parse(rules_json_schema());
  REQUIRE(schema.ok);
  for (const auto& [mapping, keys] : known_keys()) {
    CAPTURE(mapping);
    const Json& object =
        mapping == "file" ? schema : schema.members.at("$defs").members.at(mapping);
    CHECK(names(object.members.at("properties")) ==
          std::set<std::string>(keys.begin(), keys.end()));
    for (const auto& [name, property] : object.members.at("properties").members) {
      CAPTURE(name);
      CHECK(property.members.at("description").strings.at(0).size() > 5);
      CHECK(property.members.size() > 1);
    }
    CHECK(object.members.count("additionalProperties") == 1);
  }
}

TEST_CASE("what the schema requires is what the reader misses") {
  const Json schema = parse(rules_json_schema());
  const auto& required =
      schema.members.at("$defs").members.at("rule").members.at("required").strings;
  CHECK(required == std::vector<std::string>{"id", "pattern"});
  const auto reading = testing::read("rules:\n  - {}\n");
  REQUIRE(reading.found.size() == required.size());
  for (const Diagnostic& d : reading.found) CHECK(d.code == Code::E0203);
}

TEST_CASE("every schema is JSON whose references lead somewhere") {
  for (const std::string& text : {rules_json_schema(), tests_json_schema(), alert_json_schema()}) {
    CAPTURE(text);
    const Json schema = parse(text);
    REQUIRE(schema.ok);
    CHECK(schema.members.at("$schema").strings.at(0) ==
          "https://json-schema.org/draft/2020-12/schema");
    const std::set<std::string> defined = names(schema.members.at("$defs"));
    for (const std::string& name : references(text)) {
      CAPTURE(name);
      CHECK(defined.count(name) == 1);
    }
  }
}

TEST_CASE("the schema of test files wants tests") {
  const Json schema = parse(tests_json_schema());
  CHECK(names(schema.members.at("properties")) == std::set<std::string>{"tests"});
  CHECK(schema.members.at("required").strings == std::vector<std::string>{"tests"});
}

TEST_CASE("the schema of alerts has the fields of an alert") {
  const Json schema = parse(alert_json_schema());
  const std::set<std::string> expected{"id",          "rule",  "severity",     "stream",    "key",
                                       "detected_at", "start", "end",          "message",   "tags",
                                       "fields",      "match", "match_counts", "suppressed"};
  CHECK(names(schema.members.at("properties")) == expected);
}
