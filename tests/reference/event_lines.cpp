#include "event_lines.hpp"

#include <algorithm>
#include <charconv>

namespace weir::reference {
namespace {

// One word of a line: up to a blank, with "quoted parts" unescaped.
struct Word {
  std::string text;
  bool quoted = false;  // its value part was quoted
};

bool next_word(std::string_view& line, Word& word) {
  word = {};
  const std::size_t from = line.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return false;
  line.remove_prefix(from);
  bool inside = false;
  std::size_t i = 0;
  for (; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      inside = !inside;
      word.quoted = true;
    } else if (inside && c == '\\' && i + 1 < line.size()) {
      const char next = line[++i];
      word.text += next == 'n' ? '\n' : next == 't' ? '\t' : next;
    } else if (!inside && (c == ' ' || c == '\t' || c == '\r')) {
      break;
    } else {
      word.text += c;
    }
  }
  line.remove_prefix(i);
  return true;
}

bool json_number(std::string_view s, bool& whole) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < s.size() && s[i] >= '0' && s[i] <= '9') ++i;
    return i > from;
  };
  whole = true;
  if (i < s.size() && s[i] == '-') ++i;
  const std::size_t first = i;
  if (!digits() || (s[first] == '0' && i > first + 1)) return false;
  if (i < s.size() && s[i] == '.') {
    whole = false;
    ++i;
    if (!digits()) return false;
  }
  if (i < s.size() && (s[i] == 'e' || s[i] == 'E')) {
    whole = false;
    ++i;
    if (i < s.size() && (s[i] == '+' || s[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == s.size();
}

OwnedValue value_of(const std::string& text, bool quoted) {
  if (quoted) return OwnedValue(Value::string(text));
  if (text == "null") return OwnedValue(Value{});
  if (text == "true" || text == "false") return OwnedValue(Value::boolean(text == "true"));
  bool whole = false;
  if (json_number(text, whole)) {
    std::int64_t i = 0;
    if (whole && std::from_chars(text.data(), text.data() + text.size(), i).ec == std::errc{}) {
      return OwnedValue(Value::integer(i));
    }
    return OwnedValue(Value::real(std::stod(text)));
  }
  return OwnedValue(Value::string(text));
}

}  // namespace

std::optional<Timestamp> parse_time(std::string_view text, Timestamp previous) {
  if (text.starts_with('+')) {
    const auto d = parse_duration(text.substr(1));
    return d ? std::optional(previous + *d) : std::nullopt;
  }
  if (const auto d = parse_duration(text)) return Timestamp{d->ns};
  return parse_iso8601(text);
}

std::optional<Log> read_event_lines(std::string_view text, std::string& error) {
  Log log;
  Timestamp previous{};
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string whole(line);
    Word word;
    if (!next_word(line, word) || (word.text.starts_with('#') && !word.quoted)) continue;
    const bool watermark = word.text == "watermark";
    if (watermark && !next_word(line, word)) {
      error = whole;
      return std::nullopt;
    }
    const auto ts = parse_time(word.text, previous);
    if (!ts || (!watermark && !next_word(line, word))) {
      error = whole;
      return std::nullopt;
    }
    previous = *ts;
    if (watermark) {
      log.watermark = log.watermark ? std::max(*log.watermark, *ts) : *ts;
      continue;
    }
    RefEvent e;
    e.ts = *ts;
    e.type = word.text;
    while (next_word(line, word)) {
      const std::size_t equals = word.text.find('=');
      if (equals == std::string::npos) {
        error = whole;
        return std::nullopt;
      }
      e.fields[word.text.substr(0, equals)] = value_of(word.text.substr(equals + 1), word.quoted);
    }
    log.events.push_back(std::move(e));
  }
  std::stable_sort(log.events.begin(), log.events.end(),
                   [](const RefEvent& a, const RefEvent& b) { return a.ts < b.ts; });
  for (std::size_t i = 0; i < log.events.size(); ++i) log.events[i].seq = i;
  return log;
}

std::string write_event_lines(const Log& log, std::string_view indent) {
  std::string out;
  for (const RefEvent& e : log.events) {
    out += std::string(indent) + format_duration({e.ts.ns}) + ' ' + e.type;
    for (const auto& [name, value] : e.fields) {
      out += ' ' + name + '=';
      append_json(out, value.get());
    }
    out += '\n';
  }
  if (log.watermark)
    out += std::string(indent) + "watermark " + format_duration({log.watermark->ns}) + '\n';
  return out;
}

}  // namespace weir::reference
