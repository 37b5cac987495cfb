#include "mask.hpp"

#include <algorithm>

#include "mask_json.hpp"
#include "sha256.hpp"

namespace weir::runtime {
namespace {

constexpr std::string_view kPrefix = "sha256:";
constexpr std::size_t kDigits = 16;
/// Texts of this many bytes are hidden also within a longer word.
constexpr std::size_t kDistinctive = 6;

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// A byte that a word may go on with; those of letters outside ASCII are taken for such.
bool is_word(char c) noexcept {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

bool occurs_at(std::string_view text, std::size_t at, std::string_view what) noexcept {
  if (text.size() - at < what.size()) return false;
  for (std::size_t i = 0; i < what.size(); ++i) {
    if (lower(text[at + i]) != lower(what[i])) return false;
  }
  if (what.size() >= kDistinctive) return true;
  const std::size_t end = at + what.size();
  const bool joined_before = at > 0 && is_word(text[at - 1]) && is_word(what.front());
  const bool joined_after = end < text.size() && is_word(text[end]) && is_word(what.back());
  return !joined_before && !joined_after;
}

}  // namespace

std::string masked_text(std::string_view text) {
  if (is_masked_text(text)) return std::string(text);
  Sha256 hash;
  hash.update(text);
  return std::string(kPrefix) + hex_prefix(hash.digest(), kDigits);
}

bool is_masked_text(std::string_view text) {
  return text.size() == kPrefix.size() + kDigits && text.starts_with(kPrefix) &&
         text.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string_view::npos;
}

void HiddenTexts::add(const Value& v) {
  if (v.type() == ValueType::kList) {
    for (const Value& item : v.as_list()) add(item);
  } else if (!v.is_null()) {
    add(std::string_view(to_text(v)));
  }
}

void HiddenTexts::add(std::string_view text) {
  if (!text.empty() && !is_masked_text(text)) texts_.emplace(text);
}

std::string HiddenTexts::hide_in(std::string_view text) const {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto found = std::find_if(texts_.begin(), texts_.end(), [&](const std::string& what) {
      return occurs_at(text, at, what);
    });
    if (found == texts_.end()) {
      out += text[at++];
    } else {
      out += masked_text(*found);
      at += found->size();
    }
  }
  return out;
}

Mask::Mask(const Alert& alert) : alert_(alert), paths_(alert.rule->alert.mask) {
  if (paths_.empty()) return;
  for (const Binding& binding : alert.match) {
    for (const Event* event : binding.events) learn(*event);
  }
  for (const auto& [name, value] : alert.key) {
    if (names(name)) hidden_.add(value);
  }
  for (const auto& [name, value] : alert.fields) {
    if (names(name)) hidden_.add(value);
  }
}

bool Mask::names(std::string_view path) const {
  return std::any_of(paths_.begin(), paths_.end(), [&](const std::string& masked) {
    return path.starts_with(masked) && (path.size() == masked.size() || path[masked.size()] == '.');
  });
}

bool Mask::is_masked_field(FieldId field) const {
  return alert_.program != nullptr && names(alert_.program->plan.field(field).dotted);
}

void Mask::learn(const Event& event) {
  if (event.plan == nullptr) return;
  for (std::size_t i = 0; i < event.plan->fields.size(); ++i) {
    if (is_masked_field(event.plan->fields[i])) hidden_.add(event.slots[i]);
  }
  if (event.origin == EventOrigin::kAlert) learn_from_alert(event);
}

/// The rules that read an alert compare its values as they are, but its record shows them masked,
/// perhaps under names that this rule does not mask: what the two differ in stays hidden.
void Mask::learn_from_alert(const Event& event) {
  if (alert_.program == nullptr || event.raw.find(kPrefix) == std::string_view::npos) return;
  const FieldPlan& plan = alert_.program->plan;
  for_each_member(event.raw, [&](std::string_view name, std::string_view shown) {
    if (shown.find(kPrefix) == std::string_view::npos) return;
    for (std::size_t i = 0; i < event.plan->fields.size(); ++i) {
      if (plan.field(event.plan->fields[i]).dotted != name) continue;
      std::string as_is;
      weir::append_json(as_is, event.slots[i]);
      if (as_is != shown) hidden_.add(event.slots[i]);
    }
  });
}

std::string Mask::message() const {
  return hidden_.empty() ? alert_.message : hidden_.hide_in(alert_.message);
}

namespace {

/// Everything in `v` as its hash, but for nulls; lists stay lists.
void append_hidden(std::string& out, const Value& v) {
  if (v.is_null()) {
    out += "null";
  } else if (v.type() == ValueType::kList) {
    out += '[';
    for (const Value& item : v.as_list()) {
      if (out.back() != '[') out += ',';
      append_hidden(out, item);
    }
    out += ']';
  } else {
    append_json_string(out, masked_text(to_text(v)));
  }
}

}  // namespace

bool Mask::hides_key(std::string_view name, const Value& v) const {
  return active() && (names(name) || hidden_.holds(to_text(v)));
}

void Mask::append_key(std::string& out, std::string_view name, const Value& v) const {
  if (hides_key(name, v)) {
    append_hidden(out, v);
  } else {
    append_json(out, v);
  }
}

void Mask::append_field(std::string& out, std::size_t index) const {
  const auto& [name, value] = alert_.fields[index];
  if (!active()) return append_json(out, value);
  const auto& specs = alert_.rule->alert.fields;
  const auto spec = std::find_if(specs.begin(), specs.end(),
                                 [field = name](const auto& s) { return s.first == field; });
  if (names(name) || (spec != specs.end() && computed_from_masked(spec->second))) {
    append_hidden(out, value);
  } else {
    append_repeated(out, value);
  }
}

/// Hides what is the text of a masked value; numbers that merely happen to be one are told from it
/// by their expression, but for those that came in another rule's alert.
void Mask::append_repeated(std::string& out, const Value& v) const {
  constexpr std::size_t kUnlikely = 4;  // digits that a count seldom shares by chance
  if (v.type() == ValueType::kList) {
    out += '[';
    for (const Value& item : v.as_list()) {
      if (out.back() != '[') out += ',';
      append_repeated(out, item);
    }
    out += ']';
  } else if (v.type() == ValueType::kString) {
    append_json_string(out, hidden_.hide_in(v.as_string()));
  } else if (const std::string text = to_text(v); text.size() >= kUnlikely && hidden_.holds(text)) {
    append_hidden(out, v);
  } else {
    append_json(out, v);
  }
}

bool Mask::computed_from_masked(nfa::ExprId expr) const {
  return alert_.program != nullptr &&
         nfa::hands_on(alert_.program->exprs, expr,
                       [this](FieldId field) { return is_masked_field(field); });
}

void Mask::append_event(std::string& out, const Event& event) const {
  if (!active()) return event.format->append_json(out, event);
  std::string record;
  event.format->append_json(record, event);
  HiddenTexts own;
  for (std::size_t i = 0; event.plan != nullptr && i < event.plan->fields.size(); ++i) {
    if (is_masked_field(event.plan->fields[i])) own.add(event.slots[i]);
  }
  append_masked_record(
      out, record, [&](std::string_view path) { return names(path); }, own);
}

AlertWords alert_words(const Alert& alert) {
  const Mask mask(alert);
  AlertWords words;
  for (const auto& [name, value] : alert.key) {
    if (!words.key.empty()) words.key += ' ';
    const std::string text = to_text(value);
    words.key += name;
    words.key += '=';
    words.key += mask.hides_key(name, value) ? masked_text(text) : text;
  }
  words.message = mask.message();
  return words;
}

}  // namespace weir::runtime
