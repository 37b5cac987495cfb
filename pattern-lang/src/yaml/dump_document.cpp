// RuleDocument to text, for golden tests and for the formatter's check.
#include <fmt/format.h>

#include "weir/pattern-lang/print.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::lang {
namespace {

class Dumper {
 public:
  std::string take() { return std::move(out_); }

  void document(const RuleDocument& document) {
    for (const EventClass& events : document.events) {
      line("event", events.name.value);
      Indent in(*this);
      texts("from", events.from);
      expression("where", events.where);
    }
    for (const Format& format : document.formats) this->format(format);
    for (const TableDef& table : document.tables) this->table(table);
    for (const Derive& derive : document.derives) this->derive(derive);
    for (const RuleDef& rule : document.rules) this->rule(rule);
    for (const TestDef& test : document.tests) this->test(test);
  }

 private:
  struct Indent {
    explicit Indent(Dumper& dumper) : dumper_(dumper) { dumper_.depth_ += 2; }
    ~Indent() { dumper_.depth_ -= 2; }
    Indent(const Indent&) = delete;
    Indent& operator=(const Indent&) = delete;
    Dumper& dumper_;
  };

  void raw(std::string_view text) {
    out_.append(depth_, ' ');
    out_.append(text);
    out_ += '\n';
  }

  void line(std::string_view key, std::string_view value) {
    std::string quoted;
    append_json_string(quoted, value);
    raw(fmt::format("{} {}", key, quoted));
  }

  void text(std::string_view key, const Text& value) {
    if (value.place.snippet) line(key, value.value);
  }

  void text(std::string_view key, const std::optional<Text>& value) {
    if (value) line(key, value->value);
  }

  void texts(std::string_view key, const std::vector<Text>& values) {
    for (const Text& value : values) line(key, value.value);
  }

  void pairs(std::string_view key, const std::vector<std::pair<Text, Text>>& values) {
    for (const auto& [name, value] : values) {
      line(key, name.value);
      line("=", value.value);
    }
  }

  // The dumps of trees have lines of their own.
  void block(std::string_view text) {
    Indent in(*this);
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      raw(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  void expression(std::string_view key, const ExprText& expr) {
    if (!expr.snippet) return;
    raw(key);
    block(expr.root ? dump(*expr.root, false) : "error");
  }

  void key(const KeyDef& key) {
    texts("key", key.fields);
    for (const auto& [type, fields] : key.by_type) {
      line("key of", type.value);
      Indent in(*this);
      texts("field", fields);
    }
  }

  void format(const Format& format) {
    line("format", format.name.value);
    Indent in(*this);
    raw(fmt::format("base {}", static_cast<int>(format.base)));
    text("on", format.on);
    for (const FormatLine& item : format.lines) {
      text("type", item.type);
      text("match", item.match);
      pairs("types", item.types);
    }
  }

  void table(const TableDef& table) {
    line("table", table.name.value);
    Indent in(*this);
    line(table.ndjson ? "ndjson" : "csv", table.path.value);
    texts("key", table.key);
    pairs("types", table.types);
  }

  void derive(const Derive& derive) {
    line("derive", derive.id.value);
    Indent in(*this);
    text("description", derive.description);
    texts("from", derive.from);
    expression("where", derive.where);
    key(derive.key);
    raw(fmt::format("window {} {} every {}", static_cast<int>(derive.window.kind),
                    derive.window.size.ns, derive.window.every.ns));
    for (const auto& [name, value] : derive.values) expression(name.value, value);
  }

  void rule(const RuleDef& rule) {
    line("rule", rule.id.value);
    Indent in(*this);
    text("title", rule.title);
    text("description", rule.description);
    text("author", rule.author);
    raw(fmt::format("severity {} status {} enabled {}", to_string(rule.severity),
                    static_cast<int>(rule.status), rule.enabled));
    texts("tag", rule.tags);
    texts("reference", rule.references);
    texts("falsepositive", rule.falsepositives);
    key(rule.key);
    texts("from", rule.from);
    raw("pattern");
    block(rule.pattern ? dump(*rule.pattern, false) : "error");
    expression("where", rule.where);
    alert(rule.alert);
  }

  void alert(const AlertDef& alert) {
    text("stream", alert.stream);
    for (const MessagePart& part : alert.message) {
      if (part.expr.snippet) {
        expression("message expression", part.expr);
      } else {
        line("message", part.text);
      }
    }
    for (const auto& [name, value] : alert.fields) {
      line("field", name.value);
      expression("=", value);
    }
    if (alert.cooldown) raw(fmt::format("cooldown {}", alert.cooldown->ns));
    if (alert.max_per)
      raw(fmt::format("max_per {}/{}", alert.max_per->count, alert.max_per->span.ns));
    raw(fmt::format("evidence {} {}", alert.evidence_first, alert.evidence_last));
    texts("mask", alert.mask);
  }

  void test(const TestDef& test) {
    line("test", test.name.value);
    Indent in(*this);
    text("under", test.rule);
    texts("rule", test.rules);
    if (test.has_events) line("events", test.events.value);
    text("log", test.log);
    text("format", test.format);
    if (test.year) raw(fmt::format("year {}", *test.year));
    raw(fmt::format("close {}", test.close));
    if (test.expect_count) raw(fmt::format("expect_count {}", *test.expect_count));
    if (!test.expect) return;
    raw("expect");
    Indent deeper(*this);
    for (const Expectation& expectation : *test.expect) this->expectation(expectation);
  }

  void expectation(const Expectation& expectation) {
    raw("alert");
    Indent in(*this);
    text("rule", expectation.rule);
    text("at", expectation.at);
    text("stream", expectation.stream);
    if (expectation.suppressed) raw(fmt::format("suppressed {}", *expectation.suppressed));
    values("key", expectation.key);
    values("match", expectation.match);
    values("fields", expectation.fields);
    text("message", expectation.message);
    text("severity", expectation.severity);
  }

  void values(std::string_view key, const std::optional<TestValue>& value) {
    if (value) this->value(key, *value);
  }

  void value(std::string_view key, const TestValue& value) {
    if (value.kind == TestValue::Kind::kScalar) {
      std::string json;
      append_json(json, value.scalar.get());
      raw(fmt::format("{}: {} {}", key, type_name(value.scalar.get().type()), json));
      return;
    }
    raw(fmt::format("{}: {}", key, value.kind == TestValue::Kind::kList ? "list" : "map"));
    Indent in(*this);
    for (const TestValue& item : value.items) this->value("-", item);
    for (const auto& [name, item] : value.entries) this->value(name, item);
  }

  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string dump(const RuleDocument& document) {
  Dumper dumper;
  dumper.document(document);
  return dumper.take();
}

}  // namespace weir::lang
