#include "live/http/alertmanager_alert.hpp"

#include <simdjson.h>

#include <algorithm>

#include "weir/connectors/time_reader.hpp"
#include "weir/event/value.hpp"

namespace weir::connectors {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

class Labels {
 public:
  void add(std::string name, std::string_view value) {
    if (value.empty() || has(name)) return;
    pairs_.emplace_back(std::move(name), value);
  }
  bool has(std::string_view name) const {
    return std::any_of(pairs_.begin(), pairs_.end(),
                       [&](const auto& pair) { return pair.first == name; });
  }
  void append_to(std::string& out) const {
    const char* before = "{";
    for (const auto& [name, value] : pairs_) {
      out += before;
      append_json_string(out, name);
      out += ':';
      append_json_string(out, value);
      before = ",";
    }
    out += '}';
  }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

std::string text_of(const element& value) {
  if (value.is_string()) return std::string(value.get_string().value_unsafe());
  if (value.is_null()) return {};
  return simdjson::minify(value);
}

std::string_view string_at(const object& alert, std::string_view name) {
  std::string_view text;
  return alert[name].get_string().get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

void add_key_labels(const object& alert, Labels& labels) {
  object key;
  if (alert["key"].get_object().get(key) != simdjson::SUCCESS) return;
  for (const auto& [field, value] : key) {
    std::string name = label_name(field);
    if (name == "alertname" || name == "severity" || name == "stream") name.insert(0, "key_");
    labels.add(std::move(name), text_of(value));
  }
}

void append_annotations(std::string& out, const object& alert) {
  Labels annotations;
  annotations.add("message", string_at(alert, "message"));
  annotations.add("id", string_at(alert, "id"));
  element fields;
  if (alert["fields"].get(fields) == simdjson::SUCCESS) {
    annotations.add("fields", simdjson::minify(fields));
  }
  annotations.append_to(out);
}

}  // namespace

std::string label_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (out.empty() && digit) out += '_';
    out += letter || digit ? c : '_';
  }
  return out.empty() ? "_" : out;
}

bool append_alertmanager_alert(std::string& out, std::string_view alert,
                               const AlertmanagerShape& shape, Timestamp now,
                               std::string& problem) {
  simdjson::dom::parser parser;
  object record;
  if (parser.parse(alert.data(), alert.size()).get_object().get(record) != simdjson::SUCCESS) {
    problem = "the record is no JSON object";
    return false;
  }
  const std::string_view rule = string_at(record, "rule");
  const TimeResult detected = TimeReader().read_text(string_at(record, "detected_at"));
  if (rule.empty() || detected.fault != RejectReason::kNone) {
    problem = "the record is no alert: it has no rule or no detected_at";
    return false;
  }
  Labels labels;
  labels.add("alertname", rule);
  labels.add("severity", string_at(record, "severity"));
  labels.add("stream", string_at(record, "stream"));
  add_key_labels(record, labels);
  for (const auto& [name, value] : shape.labels) labels.add(label_name(name), value);

  out += "{\"labels\":";
  labels.append_to(out);
  out += ",\"annotations\":";
  append_annotations(out, record);
  // Event time may be ahead of the clock, and an alert does not end before it starts.
  const Timestamp starts = detected.time;
  const Timestamp from = std::max(starts, now);
  const Timestamp ends{from.ns + std::chrono::nanoseconds(shape.resolve_after).count()};
  out +=
      ",\"startsAt\":\"" + format_iso8601(starts) + "\",\"endsAt\":\"" + format_iso8601(ends) + '"';
  if (!shape.generator_url.empty()) {
    out += ",\"generatorURL\":";
    append_json_string(out, shape.generator_url);
  }
  out += '}';
  return true;
}

}  // namespace weir::connectors
