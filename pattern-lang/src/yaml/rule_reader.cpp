// rules: and alert:
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "yaml/document_reader.hpp"
#include "yaml/values.hpp"

namespace weir::lang::yaml {
namespace {

constexpr std::uint64_t kMaxEvidence = 1'000'000;

bool kebab_case(std::string_view id) {
  if (id.empty() || id.front() == '-' || id.back() == '-') return false;
  if (id.find("--") != std::string_view::npos) return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// What a person most likely meant: lower case, a hyphen for each run of anything else.
std::string to_kebab(std::string_view id) {
  std::string out;
  bool lower_before = false;
  for (const char c : id) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool word = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!word || (upper && lower_before)) {
      if (!out.empty() && out.back() != '-') out += '-';
    }
    if (word) out += upper ? static_cast<char>(c + ('a' - 'A')) : c;
    lower_before = word && !upper;
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

Text read_id(SourceReader& source, const Node& node) {
  auto id = read_text(source, node, "`id`");
  if (!id) return {};
  if (!kebab_case(id->value)) {
    Diagnostic& d = source.report(Code::E0209, node,
                                  fmt::format("the id `{}` is not in kebab-case", id->value));
    const std::string meant = to_kebab(id->value);
    d.help = meant.empty() ? "an id is written in a-z, 0-9 and single hyphens: card-testing"
                           : fmt::format("write {}", meant);
  }
  return std::move(*id);
}

void read_evidence(SourceReader& source, const Node& node, AlertDef& out) {
  const MapReader map(source, node, kEvidenceSpec, "`evidence`");
  const auto number = [&](std::string_view key, std::uint32_t& to) {
    const Node* value = map.find(key);
    if (value == nullptr) return;
    const auto n = read_number(source, *value, fmt::format("`{}`", key), 0, kMaxEvidence);
    if (n) to = static_cast<std::uint32_t>(*n);
  };
  number("first", out.evidence_first);
  number("last", out.evidence_last);
}

class RuleReader {
 public:
  RuleReader(SourceReader& source, const Node& node, std::string name)
      : source_(source), name_(std::move(name)), map_(source, node, kRuleSpec, name_) {
    out_.place = out_.alert.place = source.place(node);
  }

  /// The rule, whatever of it could be read; its tests go to `document`.
  RuleDef read(RuleDocument& document) {
    if (const Node* node = map_.find("id")) {
      out_.id = read_id(source_, *node);
      out_.place = source_.place(*node);
    }
    texts();
    words();
    code();
    if (const Node* node = map_.find("alert")) out_.alert = read_alert(source_, *node, name_);
    if (const Node* node = map_.find("tests")) read_tests(source_, *node, &out_.id, document);
    return std::move(out_);
  }

 private:
  void texts() {
    text("title", out_.title);
    text("description", out_.description);
    text("author", out_.author);
    list("tags", out_.tags);
    list("references", out_.references);
    list("falsepositives", out_.falsepositives);
  }

  void words() {
    static constexpr std::string_view kSeverities[] = {"info", "low", "medium", "high", "critical"};
    static constexpr std::string_view kStatuses[] = {"stable", "experimental", "test",
                                                     "deprecated"};
    if (const Node* node = map_.find("severity")) {
      if (auto i = read_word(source_, *node, "`severity`", kSeverities)) {
        out_.severity = static_cast<RuleSeverity>(*i);
      }
    }
    if (const Node* node = map_.find("status")) {
      if (auto i = read_word(source_, *node, "`status`", kStatuses)) {
        out_.status = static_cast<RuleStatus>(*i);
      }
    }
    if (const Node* node = map_.find("enabled")) {
      out_.enabled = read_bool(source_, *node, "`enabled`").value_or(true);
    }
  }

  void code() {
    if (const Node* node = map_.find("key")) out_.key = read_key(source_, *node);
    if (const Node* node = map_.find("from")) out_.from = read_names(source_, *node, "`from`");
    if (const Node* node = map_.find("pattern")) {
      out_.pattern = read_pattern(source_, *node, "pattern of " + name_);
    }
    if (const Node* node = map_.find("where")) {
      out_.where = read_expression(source_, *node, "`where`", "`where` of " + name_);
    }
  }

  void text(std::string_view key, Text& to) {
    const Node* node = map_.find(key);
    if (node == nullptr) return;
    if (auto read = read_text(source_, *node, fmt::format("`{}`", key))) to = std::move(*read);
  }

  void list(std::string_view key, std::vector<Text>& to) {
    if (const Node* node = map_.find(key))
      to = read_texts(source_, *node, fmt::format("`{}`", key));
  }

  SourceReader& source_;
  std::string name_;
  MapReader map_;
  RuleDef out_;
};

// "rule `x`", or "rule 3" where it has no id.
std::string rule_name(const Node& node, std::size_t index) {
  for (const Entry& entry : node.entries) {
    const bool id = entry.key->kind == Kind::kScalar && entry.key->value == "id";
    if (id && entry.value->kind == Kind::kScalar && !entry.value->value.empty()) {
      return fmt::format("rule `{}`", entry.value->value);
    }
  }
  return fmt::format("rule {}", index + 1);
}

}  // namespace

AlertDef read_alert(SourceReader& source, const Node& node, const std::string& rule_name) {
  AlertDef out;
  out.place = source.place(node);
  const MapReader map(source, node, kAlertSpec, "`alert` of " + rule_name);
  if (const Node* value = map.find("stream")) {
    auto stream = read_text(source, *value, "`stream`");
    if (stream && stream->value.empty()) {
      source.report(Code::E0230, *value, "the name of the stream is empty");
    } else if (stream) {
      out.stream = std::move(*stream);
    }
  }
  if (const Node* value = map.find("message")) {
    out.message = read_message(source, *value, "`message` of " + rule_name);
  }
  if (const Node* value = map.find("fields")) {
    for (const TextEntry& entry : read_entries(source, *value, "`fields`")) {
      if (entry.cut) continue;
      const std::string& name = entry.key->value;
      out.fields.emplace_back(source.text(*entry.key),
                              read_expression(source, *entry.value, fmt::format("`{}`", name),
                                              fmt::format("field `{}` of {}", name, rule_name)));
    }
  }
  if (const Node* value = map.find("cooldown")) {
    out.cooldown = read_duration(source, *value, "`cooldown`");
    out.cooldown_place = source.place(*value);
  }
  if (const Node* value = map.find("max_per")) out.max_per = read_max_per(source, *value);
  if (const Node* value = map.find("evidence")) read_evidence(source, *value, out);
  if (const Node* value = map.find("mask")) out.mask = read_names(source, *value, "`mask`");
  return out;
}

void read_rules(SourceReader& source, const Node& node, RuleDocument& out) {
  std::unordered_map<std::string, Place> seen;
  std::size_t index = 0;
  for (const Node* item : read_items(source, node, "`rules`")) {
    RuleReader reader(source, *item, rule_name(*item, index++));
    RuleDef rule = reader.read(out);
    if (item->kind != Kind::kMap) continue;
    if (!rule.id.empty()) {
      const auto [first, fresh] = seen.try_emplace(rule.id.value, rule.place);
      if (!fresh) {
        Diagnostic& d = source.diagnostics().report(
            Code::E0207, rule.place, fmt::format("two rules have the id `{}`", rule.id.value));
        d.label = "again here";
        d.others.push_back({first->second, "first here"});
        d.help = "give one of them another id";
      }
    }
    out.rules.push_back(std::move(rule));
  }
}

}  // namespace weir::lang::yaml
