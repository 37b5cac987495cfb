// tests: of a file or of a rule (language contract, section 6).
#include <fmt/format.h>

#include <charconv>

#include "yaml/document_reader.hpp"
#include "yaml/values.hpp"

namespace weir::lang::yaml {
namespace {

bool digits(std::string_view s) noexcept {
  return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<Value> core_int(std::string_view s) {
  std::int64_t number = 0;
  int base = 10;
  if (s.starts_with("0o") || s.starts_with("0x")) {
    base = s[1] == 'o' ? 8 : 16;
    s.remove_prefix(2);
    if (s.empty() || s[0] == '-') return std::nullopt;
  } else if (s.starts_with('+')) {
    s.remove_prefix(1);
    if (!digits(s)) return std::nullopt;
  }
  const auto [at, error] = std::from_chars(s.data(), s.data() + s.size(), number, base);
  if (at != s.data() + s.size() || error != std::errc{}) return std::nullopt;
  return Value::integer(number);
}

// [-+]? ( . [0-9]+ | [0-9]+ ( . [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?, .inf, .nan
std::optional<Value> core_float(std::string_view s) {
  const bool negative = s.starts_with('-');
  if (negative || s.starts_with('+')) s.remove_prefix(1);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (s == ".inf" || s == ".Inf" || s == ".INF")
    return Value::real(negative ? -kInfinity : kInfinity);
  if (s == ".nan" || s == ".NaN" || s == ".NAN") return Value::null();
  std::string_view mantissa = s;
  if (const std::size_t e = s.find_first_of("eE"); e != std::string_view::npos) {
    mantissa = s.substr(0, e);
    std::string_view exponent = s.substr(e + 1);
    if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
    if (!digits(exponent)) return std::nullopt;
  }
  const std::size_t dot = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, dot);
  const std::string_view part =
      dot == std::string_view::npos ? std::string_view() : mantissa.substr(dot + 1);
  if ((!whole.empty() && !digits(whole)) || (!part.empty() && !digits(part))) return std::nullopt;
  if (whole.empty() && part.empty()) return std::nullopt;
  double number = 0;
  const auto [at, error] = std::from_chars(s.data(), s.data() + s.size(), number);
  if (error == std::errc::result_out_of_range) {
    // from_chars leaves the number alone: too large, or too close to zero.
    const std::size_t e = s.find_first_of("eE");
    const bool tiny = e != std::string_view::npos && s.substr(e + 1).starts_with('-');
    number = tiny ? 0.0 : kInfinity;
  } else if (error != std::errc{} || at != s.data() + s.size()) {
    return std::nullopt;
  }
  return Value::real(negative ? -number : number);
}

// YAML 1.2, 10.3.2, of a bare scalar.
OwnedValue core_value(std::string_view s) {
  if (s == "true" || s == "True" || s == "TRUE") return OwnedValue(Value::boolean(true));
  if (s == "false" || s == "False" || s == "FALSE") return OwnedValue(Value::boolean(false));
  if (auto number = core_int(s)) return OwnedValue(*number);
  if (auto number = core_float(s)) return OwnedValue(*number);
  return OwnedValue(Value::string(s));
}

void warn_of_readers(SourceReader& source, const Node& node) {
  const std::string& value = node.value;
  if (octal_looking(value)) {
    source
        .report(
            Code::W0202, node,
            fmt::format("`{}` is a number, which some YAML readers take to the base of 8", value))
        .help = fmt::format("write \"{}\" for text, or the number without leading zeros", value);
  } else if (sexagesimal(value)) {
    source
        .report(
            Code::W0202, node,
            fmt::format("`{}` is text here, and a number to the base of 60 for some YAML readers",
                        value))
        .help = fmt::format("write \"{}\"", value);
  } else if (boolean_word(value) && core_value(value).get().type() == ValueType::kString) {
    source
        .report(Code::W0202, node,
                fmt::format("`{}` is text here, and a boolean for some YAML readers", value))
        .help = fmt::format("write \"{}\" for text, or true or false", value);
  }
}

std::optional<TestValue> read_named_values(SourceReader& source, const Node& node,
                                           std::string_view what) {
  if (node.kind == Kind::kMap) return read_test_value(source, node);
  source.report(Code::E0205, node, fmt::format("{} is {}, not a mapping", what, kind_name(node)))
      .help = fmt::format("write {{name: value}}");
  return std::nullopt;
}

std::optional<Text> read_at(SourceReader& source, const Node& node) {
  if (node.kind != Kind::kScalar) {
    source.report(Code::E0205, node, fmt::format("`at` is {}, not a time", kind_name(node)));
    return std::nullopt;
  }
  const std::string& value = node.value;
  if (parse_duration(value) || parse_iso8601(value)) return source.text(node);
  Diagnostic& d =
      source.report(Code::E0216, node, fmt::format("`at` is `{}`, which is no time", value));
  d.help = "write a duration from the test's start (1m30s) or an ISO 8601 timestamp";
  if (digits(value)) {
    d.message = fmt::format("`at` is {}, without a unit", value);
    d.help = fmt::format("write {}s for seconds", value);
  } else if (value.starts_with('+')) {
    d.help =
        "only event lines have times relative to the line before; write it from the test's start";
  } else if (sexagesimal(value)) {
    const std::size_t colon = value.find(':');
    d.help =
        fmt::format("write {0}m{1}s or {0}h{1}m", value.substr(0, colon), value.substr(colon + 1));
  }
  return std::nullopt;
}

Expectation read_expectation(SourceReader& source, const Node& node) {
  static constexpr std::string_view kSeverities[] = {"info", "low", "medium", "high", "critical"};
  Expectation out;
  out.place = source.place(node);
  const MapReader map(source, node, kExpectationSpec, "an expected alert");
  const auto text = [&](std::string_view key, std::optional<Text>& to) {
    if (const Node* value = map.find(key)) to = read_text(source, *value, fmt::format("`{}`", key));
  };
  const auto values = [&](std::string_view key, std::optional<TestValue>& to) {
    if (const Node* value = map.find(key)) {
      to = read_named_values(source, *value, fmt::format("`{}`", key));
    }
  };
  text("rule", out.rule);
  text("stream", out.stream);
  values("key", out.key);
  values("match", out.match);
  values("fields", out.fields);
  if (const Node* value = map.find("at")) out.at = read_at(source, *value);
  if (const Node* value = map.find("suppressed")) {
    out.suppressed = read_number(source, *value, "`suppressed`", 0, UINT64_MAX);
  }
  if (const Node* value = map.find("message")) {
    if (value->kind == Kind::kScalar) {
      out.message = source.text(*value);
    } else {
      text("message", out.message);
    }
  }
  if (const Node* value = map.find("severity")) {
    if (read_word(source, *value, "`severity`", kSeverities)) out.severity = source.text(*value);
  }
  return out;
}

class TestReader {
 public:
  TestReader(SourceReader& source, const Node& node, const MapReader& map)
      : source_(source), map_(map) {
    out_.place = source.place(node);
  }

  TestDef read() {
    if (const Node* node = map_.find("name")) {
      if (auto name = read_text(source_, *node, "`name`")) out_.name = std::move(*name);
      out_.place = source_.place(*node);
    }
    if (const Node* node = map_.find("rules")) out_.rules = read_names(source_, *node, "`rules`");
    input();
    if (const Node* node = map_.find("close")) {
      out_.close = read_bool(source_, *node, "`close`").value_or(true);
    }
    expected();
    return std::move(out_);
  }

 private:
  void input() {
    if (const Node* node = map_.find("events")) {
      out_.has_events = true;
      if (node->kind == Kind::kScalar) {
        out_.events = source_.text(*node);
      } else {
        source_
            .report(Code::E0205, *node, fmt::format("`events` is {}, not text", kind_name(*node)))
            .help = "write `events: |` and the lines below it, indented";
      }
    }
    if (const Node* node = map_.find("log")) {
      if (auto log = read_text(source_, *node, "`log`")) {
        out_.full_log_path = joined_path(source_, log->value);
        out_.log = std::move(*log);
      }
    }
    if (map_.meant("events") == map_.meant("log")) {
      report(map_.has("log") ? "the test has both `events` and `log`"
                             : "the test has neither `events` nor `log`",
             "give it one of them");
    }
    if (const Node* node = map_.find("format")) {
      if (auto format = read_text(source_, *node, "`format`")) out_.format = std::move(*format);
    }
    if (const Node* node = map_.find("year")) {
      // What a 64-bit timestamp reaches in full.
      const auto year = read_number(source_, *node, "`year`", 1678, 2261);
      if (year) out_.year = static_cast<int>(*year);
      if (!map_.meant("format")) {
        source_.report(Code::E0228, *node, "`year` is for lines of a `format`").help =
            "event lines have times of their own: delete it, or add `format:`";
      }
    }
  }

  void expected() {
    if (const Node* node = map_.find("expect")) {
      auto& list = out_.expect.emplace();
      if (node->kind == Kind::kMap) {
        source_.report(Code::E0205, *node, "`expect` is a mapping, not a list").help =
            "begin each expected alert with `- `";
      } else {
        for (const Node* item : read_items(source_, *node, "`expect`")) {
          list.push_back(read_expectation(source_, *item));
        }
      }
    }
    if (const Node* node = map_.find("expect_count")) {
      out_.expect_count = read_number(source_, *node, "`expect_count`", 0, UINT64_MAX);
    }
    if (map_.meant("expect") == map_.meant("expect_count")) {
      report(
          map_.has("expect") ? "the test has both `expect` and `expect_count`"
                             : "the test expects nothing, not even no alerts",
          map_.has("expect") ? "give it one of them" : "write `expect: []` where there are none");
    }
  }

  void report(std::string message, std::string help) {
    source_.diagnostics().report(Code::E0228, out_.place, std::move(message)).help =
        std::move(help);
  }

  SourceReader& source_;
  const MapReader& map_;
  TestDef out_;
};

}  // namespace

TestValue read_test_value(SourceReader& source, const Node& node) {
  TestValue out;
  out.place = source.place(node);
  switch (node.kind) {
    case Kind::kNull:
      if (node.at.exact) out.text = std::string(source.written(node));
      break;
    case Kind::kScalar:
      out.quoted = !node.plain();
      out.text = node.value;
      out.scalar = out.quoted ? OwnedValue(Value::string(node.value)) : core_value(node.value);
      if (!out.quoted) warn_of_readers(source, node);
      break;
    case Kind::kList:
      out.kind = TestValue::Kind::kList;
      for (const Node* item : node.items) out.items.push_back(read_test_value(source, *item));
      break;
    case Kind::kMap:
      out.kind = TestValue::Kind::kMap;
      for (const TextEntry& entry : read_entries(source, node, "this mapping")) {
        if (entry.cut) continue;
        out.entries.push_back({entry.key->value, read_test_value(source, *entry.value)});
        out.entries.back().second.key_place = source.place(*entry.key);
      }
      break;
  }
  return out;
}

void read_tests(SourceReader& source, const Node& node, const Text* rule, RuleDocument& out) {
  std::size_t index = 0;
  for (const Node* item : read_items(source, node, "`tests`")) {
    std::string name = fmt::format("test {}", ++index);
    for (const Entry& entry : item->entries) {
      if (entry.key->value == "name" && entry.value->kind == Kind::kScalar) {
        name = fmt::format("test `{}`", entry.value->value);
      }
    }
    const MapReader map(source, *item, kTestSpec, std::move(name));
    if (!map.ok()) continue;
    TestDef test = TestReader(source, *item, map).read();
    if (rule != nullptr) test.rule = *rule;
    out.tests.push_back(std::move(test));
  }
}

}  // namespace weir::lang::yaml
