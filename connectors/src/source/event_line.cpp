#include "weir/connectors/event_line.hpp"

#include <algorithm>

#include "codec/cell.hpp"
#include "codec/json_number.hpp"
#include "codec/json_string.hpp"
#include "codec/json_tree.hpp"
#include "weir/connectors/codec.hpp"
#include "weir/event/utf8.hpp"

namespace weir::connectors {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/// Reads a line from the left and remembers where it stands.
class LineCursor {
 public:
  explicit LineCursor(std::string_view line) : line_(line) {}

  void skip_blanks() {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
  }
  bool at_end() const { return at_ >= line_.size(); }
  char peek() const { return at_end() ? '\0' : line_[at_]; }
  void skip() { ++at_; }
  std::size_t column() const { return at_ + 1; }

  /// Up to a blank or `stop`.
  std::string_view word(char stop = ' ') {
    const std::size_t begin = at_;
    while (at_ < line_.size() && !is_blank(line_[at_]) && line_[at_] != stop) ++at_;
    return line_.substr(begin, at_ - begin);
  }

  /// The JSON string that begins here. False, standing where it began, where it is none.
  bool quoted(std::string& out) {
    std::size_t end = at_ + 1;
    while (end < line_.size() && line_[end] != '"') end += line_[end] == '\\' ? 2 : 1;
    if (end >= line_.size()) return false;
    const std::string_view text = line_.substr(at_, end + 1 - at_);
    JsonTree tree;
    if (tree.parse(text) != RejectReason::kNone) return false;
    ValueArena arena;
    out = unescape_json(tree.root().text, arena);
    at_ = end + 1;
    return true;
  }

 private:
  std::string_view line_;
  std::size_t at_ = 0;
};

/// A JSON scalar, or the word itself.
Value bare_value(std::string_view word) {
  if (word == "true") return Value::boolean(true);
  if (word == "false") return Value::boolean(false);
  if (word == "null") return {};
  if (is_json_number(word)) {
    const JsonNumber number = read_json_number(word);
    if (!number.integer_overflow && !number.float_overflow) return number.value;
  }
  return Value::string(word);
}

bool read_field(LineCursor& in, EventLine& line, EventLineError& error) {
  const std::size_t begin = in.column();
  const std::string_view name = in.word('=');
  if (name.empty() || in.peek() != '=') {
    error = {"expected field=value", begin};
    return false;
  }
  // The record is JSON with an object for each part but the last.
  if (static_cast<std::size_t>(std::ranges::count(name, '.')) >= kMaxJsonDepth - 1) {
    error = {"a field's name has fewer than " + std::to_string(kMaxJsonDepth) + " parts", begin};
    return false;
  }
  in.skip();
  const bool twice = std::any_of(line.fields.begin(), line.fields.end(),
                                 [&](const auto& field) { return field.first == name; });
  if (twice) {
    error = {"field " + std::string(name) + " is written twice", begin};
    return false;
  }
  if (in.peek() == '"') {
    std::string text;
    const std::size_t column = in.column();
    if (!in.quoted(text)) {
      error = {"this string has no end, or an escape that JSON does not know", column};
      return false;
    }
    if (!in.at_end() && !is_blank(in.peek())) {
      error = {"expected a blank after the string", in.column()};
      return false;
    }
    line.fields.emplace_back(name, OwnedValue(Value::string(text)));
    return true;
  }
  if (in.at_end() || is_blank(in.peek())) {
    error = {"field " + std::string(name) + " has no value: write null or \"\"", in.column()};
    return false;
  }
  line.fields.emplace_back(name, OwnedValue(bare_value(in.word())));
  return true;
}

/// Members that begin with `prefix`, as JSON: {"owner":"bob","limits":{"day":5}}.
void append_object(std::string& out,
                   const std::vector<const std::pair<std::string, OwnedValue>*>& all,
                   std::string_view prefix) {
  std::vector<std::string_view> heads;
  for (const auto* field : all) {
    const std::string_view rest = std::string_view(field->first).substr(prefix.size());
    const std::string_view head = rest.substr(0, rest.find('.'));
    if (std::find(heads.begin(), heads.end(), head) == heads.end()) heads.push_back(head);
  }
  out += '{';
  bool first = true;
  for (const std::string_view head : heads) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, head);
    out += ':';
    const std::string whole = std::string(prefix) + std::string(head);
    std::vector<const std::pair<std::string, OwnedValue>*> inner;
    const OwnedValue* own = nullptr;
    for (const auto* field : all) {
      if (field->first == whole) own = &field->second;
      if (field->first.starts_with(whole + ".")) inner.push_back(field);
    }
    // Both `a` and `a.b`: an object cannot hold both, the nested ones are what rules read by paths.
    if (!inner.empty()) {
      append_object(out, inner, whole + ".");
    } else {
      append_json(out, own->get());
    }
  }
  out += '}';
}

}  // namespace

Timestamp TimeSpec::resolve(Timestamp previous) const noexcept {
  switch (kind) {
    case Kind::kFromStart:
      return Timestamp{} + offset;
    case Kind::kFromPrevious:
      return previous + offset;
    case Kind::kInstant:
      break;
  }
  return instant;
}

std::optional<TimeSpec> parse_time_spec(std::string_view text) noexcept {
  TimeSpec spec;
  const bool relative = text.starts_with('+');
  if (const auto duration = parse_duration(text.substr(relative ? 1 : 0))) {
    spec.kind = relative ? TimeSpec::Kind::kFromPrevious : TimeSpec::Kind::kFromStart;
    spec.offset = *duration;
    return spec;
  }
  const auto instant = parse_iso8601(text);
  if (!instant) return std::nullopt;
  spec.kind = TimeSpec::Kind::kInstant;
  spec.instant = *instant;
  return spec;
}

std::optional<TimeSpec> take_time_spec(std::string_view& line) noexcept {
  std::string_view rest = line;
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
  const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
  const auto spec = parse_time_spec(rest.substr(0, end));
  if (!spec || spec->kind == TimeSpec::Kind::kInstant) return std::nullopt;
  rest.remove_prefix(end);
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
  line = rest;
  return spec;
}

EventLine parse_event_line(std::string_view text, EventLineError& error) {
  error = {};
  EventLine line;
  LineCursor in(text);
  in.skip_blanks();
  if (in.at_end() || in.peek() == '#') return line;

  std::size_t column = in.column();
  std::string_view time = in.word();
  const bool watermark = time == "watermark";
  if (watermark) {
    in.skip_blanks();
    column = in.column();
    time = in.word();
  }
  const auto spec = parse_time_spec(time);
  if (!spec) {
    error = {"expected a time such as 0s, +5s or 2026-01-01T00:00:00Z", column};
    return line;
  }
  line.time = *spec;
  in.skip_blanks();
  if (watermark) {
    if (!in.at_end() && in.peek() != '#') {
      error = {"a watermark line holds a time only", in.column()};
    }
    line.kind = EventLine::Kind::kWatermark;
    return line;
  }
  column = in.column();
  if (in.peek() == '"') {
    if (!in.quoted(line.type)) error = {"this string has no end", column};
  } else {
    line.type = in.word();
  }
  if (!error && (line.type.empty() || (in.peek() != '\0' && !is_blank(in.peek())))) {
    error = {"expected the event's type after the time", column};
  }
  for (in.skip_blanks(); !error && !in.at_end() && in.peek() != '#'; in.skip_blanks()) {
    read_field(in, line, error);
  }
  if (!error && !utf8::valid(text)) error = {"this line is not UTF-8", 1};
  line.kind = EventLine::Kind::kEvent;
  return line;
}

Event make_event(const EventLine& line, Timestamp ts, const FieldPlan& plan, ValueArena& arena) {
  static const auto format = json_record_format();
  Event event;
  event.ts = ts;
  event.type = plan.type_id(line.type);
  event.type_name = arena.copy(line.type);
  event.plan = &plan.type(event.type);
  const std::vector<FieldId>& fields = event.plan->fields;
  const std::span<Value> slots = arena.make_list(fields.size());
  for (std::size_t slot = 0; slot < fields.size(); ++slot) {
    if (fields[slot] == kTsField) slots[slot] = Value::timestamp(ts);
    if (fields[slot] == kTypeField) slots[slot] = Value::string(event.type_name);
    for (const auto& [name, value] : line.fields) {
      if (fields[slot] > kTypeField && plan.field(fields[slot]).dotted == name) {
        slots[slot] = arena.copy(value.get());
      }
    }
  }
  event.slots = slots.data();
  std::vector<const std::pair<std::string, OwnedValue>*> all;
  for (const auto& field : line.fields) all.push_back(&field);
  std::string raw;
  append_object(raw, all, "");
  event.raw = arena.copy(raw);
  event.format = format.get();
  return event;
}

}  // namespace weir::connectors
