// Lines of syslog: RFC 3164 ("Mar 27 13:06:56 host program[pid]: message", also with an ISO 8601
// time as rsyslog writes it) and RFC 5424 ("<34>1 2003-10-11T22:14:15Z host program pid msgid
// [data] message").

#include <charconv>

#include "codec/line_base.hpp"

namespace weir::connectors {
namespace {

enum Field : std::size_t {
  kHost,
  kProgram,
  kPid,
  kMessage,
  kFacility,
  kSeverity,
  kMsgId,
  kData,
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A whole number of at most 9 digits, or null.
Value integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && value >= 0;
  return whole ? Value::integer(value) : Value{};
}

/// The text up to the next space, which is taken away too.
std::string_view word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

/// "-" stands for nothing in RFC 5424.
Value unless_dash(std::string_view text) {
  return text == "-" || text.empty() ? Value{} : Value::string(text);
}

bool read_priority(std::string_view& rest, std::span<Value> values) {
  if (!rest.starts_with('<')) return true;
  const std::size_t end = rest.find('>');
  if (end == rest.npos || end < 2 || end > 4) return false;
  const Value priority = integer(rest.substr(1, end - 1));
  if (priority.is_null() || priority.as_int() > 191) return false;
  values[kFacility] = Value::integer(priority.as_int() / 8);
  values[kSeverity] = Value::integer(priority.as_int() % 8);
  rest.remove_prefix(end + 1);
  return true;
}

/// "Mar 27 13:06:56 " or "Mar  7 13:06:56 ".
bool read_yearless(std::string_view& rest, LineTime& time) {
  constexpr std::size_t kSize = 15;
  BrokenTime broken;
  if (rest.size() < kSize + 1 || rest[kSize] != ' ' || is_digit(rest.front())) return false;
  if (!parse_strptime(rest.substr(0, kSize), "%b %e %H:%M:%S", broken)) return false;
  time.kind = LineTime::Kind::kYearless;
  time.civil = broken.civil;
  rest.remove_prefix(kSize + 1);
  return true;
}

/// "program[pid]: message", "program: message"; anything else is all message.
void read_tag(std::string_view rest, std::span<Value> values) {
  const std::size_t end = rest.find_first_of("[: ");
  values[kMessage] = Value::string(rest);
  if (end == rest.npos || end == 0 || rest[end] == ' ') return;
  std::string_view after = rest.substr(end);
  Value pid;
  if (after.front() == '[') {
    const std::size_t close = after.find(']');
    if (close == after.npos) return;
    pid = integer(after.substr(1, close - 1));
    after.remove_prefix(close + 1);
    if (!after.starts_with(':')) return;
  }
  after.remove_prefix(1);
  if (after.starts_with(' ')) after.remove_prefix(1);
  values[kProgram] = Value::string(rest.substr(0, end));
  values[kPid] = pid;
  values[kMessage] = Value::string(after);
}

/// "-" or "[id name="value"][id2 ...]" with \" \\ \] escaped; false where it does not end.
bool read_structured_data(std::string_view& rest, std::span<Value> values) {
  if (rest.starts_with('-')) {
    word(rest);
    return true;
  }
  std::size_t at = 0;
  while (at < rest.size() && rest[at] == '[') {
    bool quoted = false;
    for (++at; at < rest.size() && (quoted || rest[at] != ']'); ++at) {
      if (quoted && rest[at] == '\\') {
        ++at;
      } else if (rest[at] == '"') {
        quoted = !quoted;
      }
    }
    if (at >= rest.size()) return false;
    ++at;
  }
  if (at == 0 || (at < rest.size() && rest[at] != ' ')) return false;
  values[kData] = Value::string(rest.substr(0, at));
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return true;
}

/// What follows the version.
RejectReason read_5424(std::string_view rest, std::span<Value> values, LineTime& time) {
  const std::string_view when = word(rest);
  if (when.empty()) return RejectReason::kSyslogInvalid;
  if (when != "-") {
    time.kind = LineTime::Kind::kIso8601;
    time.text = when;
  }
  values[kHost] = unless_dash(word(rest));
  values[kProgram] = unless_dash(word(rest));
  values[kPid] = integer(word(rest));
  values[kMsgId] = unless_dash(word(rest));
  if (!read_structured_data(rest, values)) return RejectReason::kSyslogInvalid;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  values[kMessage] = Value::string(rest);
  return RejectReason::kNone;
}

class SyslogBase final : public LineBase {
 public:
  const std::vector<std::string>& names() const noexcept override { return names_; }
  std::string_view default_type() const noexcept override { return "syslog"; }
  std::string_view default_on() const noexcept override { return "message"; }

  RejectReason read(std::string_view line, std::span<Value> values, LineTime& time,
                    ValueArena&) const override {
    std::string_view rest = line;
    if (!read_priority(rest, values)) return RejectReason::kSyslogInvalid;
    // RFC 5424 has its version, "1", before the time or the dash in its place.
    if (rest.size() > 2 && is_digit(rest[0]) && rest[1] == ' ' &&
        (is_digit(rest[2]) || rest[2] == '-')) {
      return read_5424(rest.substr(2), values, time);
    }
    if (!read_yearless(rest, time)) {
      const std::string_view when = word(rest);
      if (leading_timestamp(when) != when.size() || when.find('T') == when.npos) {
        return RejectReason::kSyslogInvalid;
      }
      time.kind = LineTime::Kind::kIso8601;
      time.text = when;
    }
    // Where the host is left out, the tag comes first.
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (end > 0 && rest[end - 1] != ':') values[kHost] = Value::string(word(rest));
    read_tag(rest, values);
    return RejectReason::kNone;
  }

 private:
  std::vector<std::string> names_ = {"host",     "program",  "pid",   "message",
                                     "facility", "severity", "msgid", "data"};
};

}  // namespace

std::unique_ptr<LineBase> syslog_base() {
  return std::make_unique<SyslogBase>();
}

}  // namespace weir::connectors
