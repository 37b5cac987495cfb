#include "test_compare.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "output.hpp"
#include "test_time.hpp"

namespace weir::cli {
namespace {

using lang::TestValue;

class Comparison {
 public:
  explicit Comparison(std::vector<Difference>& out) : out_(out) {}

  /// Every member of `expected` is in `record`, and equal; what else is there is not looked at.
  void members(const TestValue& expected, const Tree& record, const std::string& path,
               const std::string& prefix = "") {
    for (const auto& [key, value] : expected.entries) {
      const std::string dotted = prefix.empty() ? key : prefix + "." + key;
      if (value.kind == TestValue::Kind::kMap) {
        members(value, record, path, dotted);
      } else {
        static const Tree kMissing;
        const Tree* got = find_path(record, dotted);
        this->value(value, got == nullptr ? kMissing : *got, join(path, dotted), got == nullptr);
      }
    }
  }

  void value(const TestValue& expected, const Tree& got, const std::string& path,
             bool missing = false) {
    if (expected.kind == TestValue::Kind::kMap && got.kind == Tree::Kind::kMap) {
      members(expected, got, path);
      return;
    }
    if (expected.kind == TestValue::Kind::kList && got.kind == Tree::Kind::kList) {
      list(expected, got, path);
      return;
    }
    if (expected.kind == TestValue::Kind::kScalar && scalar(expected, got)) return;
    differs(path, show(expected), missing ? "no such field" : show(got));
  }

  void differs(const std::string& path, std::string expected, std::string got) {
    out_.push_back({path, std::move(expected), std::move(got)});
  }

  static std::string join(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }

 private:
  void list(const TestValue& expected, const Tree& got, const std::string& path) {
    if (expected.items.size() != got.items.size()) {
      differs(path, show(expected), show(got));
      return;
    }
    for (std::size_t i = 0; i < got.items.size(); ++i) {
      value(expected.items[i], got.items[i], fmt::format("{}[{}]", path, i));
    }
  }

  static bool scalar(const TestValue& expected, const Tree& got) {
    const Value want = expected.scalar.get();
    switch (got.kind) {
      case Tree::Kind::kNull:
        return want.is_null();
      case Tree::Kind::kBool:
        return want.type() == ValueType::kBool && want.as_bool() == got.boolean;
      case Tree::Kind::kInt:
        return equals(want, Value::integer(got.integer));
      case Tree::Kind::kFloat:
        return equals(want, Value::real(got.real));
      case Tree::Kind::kString:
        return text(expected, got);
      case Tree::Kind::kList:
      case Tree::Kind::kMap:
        return false;
    }
    return false;
  }

  /// Equal as text, or as the instant or span that both are.
  static bool text(const TestValue& expected, const Tree& got) {
    if (expected.scalar.get().type() != ValueType::kString) return false;
    const std::string_view want = expected.scalar.get().as_string();
    if (want == got.text) return true;
    if (got.span) return parse_duration(want) == got.span;
    const auto time = parse_test_time(want);
    if (!time) return false;
    if (got.time) return *got.time == *time;
    // A record's own text of a time, in whatever precision it was written.
    return got.text.size() >= 10 && parse_iso8601(got.text) == time;
  }

  std::vector<Difference>& out_;
};

Tree record_of(const GotEvent& event) {
  auto tree = parse_json(event.json);
  if (!tree) tree = Tree{};
  tree->kind = Tree::Kind::kMap;
  // The header's word counts, whatever the record calls it.
  for (auto& [key, value] : tree->entries) {
    if (key == "ts") {
      value = Tree::of(Value::timestamp(event.ts));
    }
  }
  return std::move(*tree);
}

void compare_binding(Comparison& c, const TestValue& expected, const GotBinding& got) {
  const std::string path = "match." + got.name;
  const bool list = expected.kind == TestValue::Kind::kList;
  if (expected.kind == TestValue::Kind::kScalar) {
    if (!expected.scalar.get().is_null()) {
      c.differs(path, show(expected), "an event; write {field: value} or null");
    } else if (!got.events.empty()) {
      c.differs(path, "null", counted(got.events.size(), "event"));
    }
    return;
  }
  const std::size_t want = list ? expected.items.size() : 1;
  if (want != got.events.size()) {
    c.differs(path, counted(want, "event"),
              got.events.empty() ? "null" : counted(got.events.size(), "event"));
  }
  for (std::size_t i = 0; i < std::min(want, got.events.size()); ++i) {
    const TestValue& item = list ? expected.items[i] : expected;
    const std::string at = list || got.list ? fmt::format("{}[{}]", path, i) : path;
    c.value(item, record_of(got.events[i]), at);
  }
}

void compare_match(Comparison& c, const TestValue& expected, const GotAlert& got) {
  for (const auto& [name, value] : expected.entries) {
    const auto it = std::find_if(got.match.begin(), got.match.end(),
                                 [&](const GotBinding& b) { return b.name == name; });
    if (it != got.match.end()) {
      compare_binding(c, value, *it);
    } else {
      c.differs("match." + name, show(value), "no such name in the pattern");
    }
  }
}

/// How unlike a pair is, so that the most alike are paired: 0 equal, 2 as bad as one missing and
/// one unexpected.
double unlike(const lang::Expectation& expected, const GotAlert& got,
              const std::vector<Difference>& differences) {
  if (differences.empty()) return 0;
  if (expected.rule && expected.rule->value != got.rule) return 2;
  return std::min(1.9, 1 + 0.1 * static_cast<double>(differences.size()));
}

}  // namespace

GotAlert GotAlert::of(const runtime::Alert& alert) {
  GotAlert got;
  got.rule = alert.rule->id;
  got.stream = alert.stream;
  got.severity = to_string(alert.rule->severity);
  got.message = alert.message;
  got.at = alert.detected_at;
  got.suppressed = alert.suppressed;
  got.key.kind = got.fields.kind = Tree::Kind::kMap;
  for (const auto& [name, value] : alert.key)
    got.key.entries.push_back({std::string(name), Tree::of(value)});
  for (const auto& [name, value] : alert.fields) {
    got.fields.entries.push_back({std::string(name), Tree::of(value)});
  }
  for (const runtime::Binding& binding : alert.match) {
    GotBinding b{std::string(binding.name), binding.list, {}};
    for (const Event* event : binding.events) {
      GotEvent e{std::string(event->type_name), event->ts, {}};
      if (event->format != nullptr) event->format->append_json(e.json, *event);
      b.events.push_back(std::move(e));
    }
    got.match.push_back(std::move(b));
  }
  return got;
}

std::vector<Difference> compare(const lang::Expectation& expected, const GotAlert& got) {
  std::vector<Difference> out;
  Comparison c(out);
  const auto text = [&](const char* path, const std::optional<lang::Text>& want,
                        const std::string& have) {
    if (want && want->value != have) c.differs(path, show_string(want->value), show_string(have));
  };
  text("rule", expected.rule, got.rule);
  if (expected.at) {
    const auto at = parse_test_time(expected.at->value);
    if (!at || *at != got.at) c.differs("at", expected.at->value, show_test_time(got.at));
  }
  text("stream", expected.stream, got.stream);
  text("severity", expected.severity, got.severity);
  text("message", expected.message, got.message);
  if (expected.suppressed && *expected.suppressed != got.suppressed) {
    c.differs("suppressed", std::to_string(*expected.suppressed), std::to_string(got.suppressed));
  }
  if (expected.key) c.value(*expected.key, got.key, "key");
  if (expected.fields) c.value(*expected.fields, got.fields, "fields");
  if (expected.match) compare_match(c, *expected.match, got);
  return out;
}

std::vector<Aligned> align(const std::vector<lang::Expectation>& expected,
                           const std::vector<GotAlert>& got) {
  std::vector<Aligned> out;
  std::size_t first = 0;
  while (first < expected.size() && first < got.size() &&
         compare(expected[first], got[first]).empty()) {
    out.push_back({first, first, {}});
    ++first;
  }
  const std::size_t n = expected.size() - first;
  const std::size_t m = got.size() - first;
  constexpr std::size_t kMaxCells = 40'000;
  if (n * m > kMaxCells) {
    for (std::size_t i = first; i < std::max(expected.size(), got.size()); ++i) {
      Aligned line;
      if (i < expected.size()) line.expected = i;
      if (i < got.size()) line.got = i;
      if (line.expected && line.got) line.differences = compare(expected[i], got[i]);
      out.push_back(std::move(line));
    }
    return out;
  }
  // Edit distance, from the end, so that the path is read off from the front.
  std::vector<double> cost((n + 1) * (m + 1));
  std::vector<std::vector<Difference>> pairs(n * m);
  const auto at = [&](std::size_t i, std::size_t j) -> double& { return cost[i * (m + 1) + j]; };
  const auto pair_cost = [&](std::size_t i, std::size_t j) {
    return unlike(expected[first + i], got[first + j], pairs[i * m + j]) + at(i + 1, j + 1);
  };
  for (std::size_t i = n + 1; i-- > 0;) {
    for (std::size_t j = m + 1; j-- > 0;) {
      if (i == n || j == m) {
        at(i, j) = static_cast<double>((n - i) + (m - j));
        continue;
      }
      pairs[i * m + j] = compare(expected[first + i], got[first + j]);
      at(i, j) = std::min({pair_cost(i, j), 1 + at(i + 1, j), 1 + at(i, j + 1)});
    }
  }
  for (std::size_t i = 0, j = 0; i < n || j < m;) {
    if (i < n && j < m && at(i, j) == pair_cost(i, j)) {
      out.push_back({first + i, first + j, std::move(pairs[i * m + j])});
      ++i;
      ++j;
    } else if (i < n && at(i, j) == 1 + at(i + 1, j)) {
      out.push_back({first + i++, std::nullopt, {}});
    } else {
      out.push_back({std::nullopt, first + j++, {}});
    }
  }
  return out;
}

std::string show(const lang::TestValue& value) {
  std::string out;
  switch (value.kind) {
    case TestValue::Kind::kScalar:
      return value.scalar.get().type() == ValueType::kString
                 ? show_string(value.scalar.get().as_string())
                 : to_text(value.scalar.get());
    case TestValue::Kind::kList:
      for (const TestValue& item : value.items) out += (out.empty() ? "" : ", ") + show(item);
      return "[" + out + "]";
    case TestValue::Kind::kMap:
      for (const auto& [key, item] : value.entries) {
        out += (out.empty() ? "" : ", ") + key + ": " + show(item);
      }
      return "{" + out + "}";
  }
  return out;
}

}  // namespace weir::cli
