// The alert record, member by member in the order in which docs/alerts.md lists them.
#include "alert_json.hpp"

#include <cstddef>

#include "mask.hpp"

namespace weir::runtime {
namespace {

void text_member(std::string& out, std::string_view name, std::string_view text) {
  append_json_string(out, name);
  out += ':';
  append_json_string(out, text);
  out += ',';
}

void time_member(std::string& out, std::string_view name, Timestamp t) {
  append_json_string(out, name);
  out += ":\"";
  append_iso8601(out, t);
  out += "\",";
}

/// A comma, where something stands before it.
void separate(std::string& out) {
  if (out.back() != '{' && out.back() != '[') out += ',';
}

bool is_cut(const Binding& binding, const nfa::AlertSpec& spec) {
  return binding.list &&
         binding.events.size() > std::size_t{spec.evidence_first} + std::size_t{spec.evidence_last};
}

void append_binding(std::string& out, const Binding& binding, const nfa::AlertSpec& spec,
                    const Mask& mask) {
  separate(out);
  append_json_string(out, binding.name);
  out += ':';
  if (!binding.list) return mask.append_event(out, *binding.events.front());
  const std::size_t n = binding.events.size();
  const bool cut = is_cut(binding, spec);
  out += '[';
  for (std::size_t i = 0; i < n; ++i) {
    if (cut && i == spec.evidence_first) i = n - spec.evidence_last;
    if (i == n) break;
    separate(out);
    mask.append_event(out, *binding.events[i]);
  }
  out += ']';
}

void append_match(std::string& out, const Alert& alert, const Mask& mask) {
  const nfa::AlertSpec& spec = alert.rule->alert;
  out += "\"match\":{";
  for (const Binding& binding : alert.match) {
    if (!binding.events.empty()) append_binding(out, binding, spec, mask);
  }
  out += '}';
  bool any = false;
  for (const Binding& binding : alert.match) {
    if (!is_cut(binding, spec)) continue;
    out += any ? "," : ",\"match_counts\":{";
    any = true;
    append_json_string(out, binding.name);
    out += ':';
    out += std::to_string(binding.events.size());
  }
  if (any) out += '}';
}

}  // namespace

void append_alert_json(std::string& out, const Alert& alert) {
  const Mask mask(alert);
  const nfa::Rule& rule = *alert.rule;
  out += '{';
  text_member(out, "id", alert.id);
  text_member(out, "rule", rule.id);
  text_member(out, "severity", nfa::to_string(rule.severity));
  text_member(out, "stream", alert.stream);

  out += "\"key\":{";
  for (const auto& [name, value] : alert.key) {
    separate(out);
    append_json_string(out, name);
    out += ':';
    mask.append_key(out, name, value);
  }
  out += "},";

  time_member(out, "detected_at", alert.detected_at);
  time_member(out, "start", alert.start);
  time_member(out, "end", alert.end);
  if (!rule.alert.message.empty()) text_member(out, "message", mask.message());

  if (!rule.tags.empty()) {
    out += "\"tags\":[";
    for (const std::string& tag : rule.tags) {
      separate(out);
      append_json_string(out, tag);
    }
    out += "],";
  }
  if (!alert.fields.empty()) {
    out += "\"fields\":{";
    for (std::size_t i = 0; i < alert.fields.size(); ++i) {
      separate(out);
      append_json_string(out, alert.fields[i].first);
      out += ':';
      mask.append_field(out, i);
    }
    out += "},";
  }
  append_match(out, alert, mask);
  if (alert.suppressed != 0) out += ",\"suppressed\":" + std::to_string(alert.suppressed);
  out += '}';
}

void append_alert_key(std::string& out, const Alert& alert) {
  const Mask mask(alert);
  if (alert.key.size() == 1) {
    const auto& [name, value] = alert.key.front();
    const std::string text = to_text(value);
    out += mask.hides_key(name, value) ? masked_text(text) : text;
    return;
  }
  if (alert.key.empty()) return;
  out += '[';
  for (const auto& [name, value] : alert.key) {
    separate(out);
    mask.append_key(out, name, value);
  }
  out += ']';
}

}  // namespace weir::runtime
