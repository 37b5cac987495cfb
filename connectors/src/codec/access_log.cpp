// Access logs of Apache and nginx, common and combined:
// ip ident user [17/May/2015:10:05:03 +0000] "GET /path HTTP/1.1" 200 1234 "referrer" "user agent"
// What follows is passed over.

#include "codec/cell.hpp"
#include "codec/line_base.hpp"

namespace weir::connectors {
namespace {

enum Field : std::size_t {
  kIp,
  kIdent,
  kUser,
  kRequest,
  kMethod,
  kPath,
  kProtocol,
  kStatus,
  kBytes,
  kReferrer,
  kUserAgent,
  kMessage,  // the whole line, for expressions of a format to read
};

class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  bool at_end() const { return rest_.empty(); }
  std::string_view word() {
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view taken = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return taken;
  }
  /// The text between `open` and the next `close`, and the space behind it; a backslash before a
  /// character makes it ordinary where `escapes` says so.
  bool enclosed(char open, char close, bool escapes, std::string_view& out) {
    if (!rest_.starts_with(open)) return false;
    std::size_t end = rest_.find(close, 1);
    if (escapes && rest_.substr(0, end).find('\\') != rest_.npos) {
      end = 1;
      while (end < rest_.size() && rest_[end] != close) end += rest_[end] == '\\' ? 2 : 1;
    }
    if (end >= rest_.size()) return false;
    out = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    if (rest_.starts_with(' ')) rest_.remove_prefix(1);
    return true;
  }

 private:
  std::string_view rest_;
};

/// \" and \\ resolved; other escapes (\x16) stay as they are written.
std::string_view unescape(std::string_view text, ValueArena& arena) {
  if (text.find('\\') == text.npos) return text;
  auto* const made = static_cast<char*>(arena.allocate(text.size(), 1));
  char* out = made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escaped) ++i;
    *out++ = text[i];
  }
  return {made, static_cast<std::size_t>(out - made)};
}

Value unless_dash(std::string_view text) {
  return text == "-" || text.empty() ? Value{} : Value::string(text);
}

/// "GET /path HTTP/1.1"; what is none of the kind has only its whole text.
void read_request(std::string_view request, std::span<Value> values) {
  values[kRequest] = unless_dash(request);
  const std::size_t first = request.find(' ');
  const std::size_t last = request.rfind(' ');
  if (first == request.npos || first == 0) return;
  for (const char c : request.substr(0, first)) {
    if (c < 'A' || c > 'Z') return;
  }
  const bool has_protocol = last > first && request.substr(last + 1).starts_with("HTTP/");
  values[kMethod] = Value::string(request.substr(0, first));
  values[kPath] = Value::string(has_protocol ? request.substr(first + 1, last - first - 1)
                                             : request.substr(first + 1));
  if (has_protocol) values[kProtocol] = Value::string(request.substr(last + 1));
}

class AccessLogBase final : public LineBase {
 public:
  const std::vector<std::string>& names() const noexcept override { return names_; }
  std::size_t shown() const noexcept override { return kMessage; }
  std::string_view default_type() const noexcept override { return "access"; }
  std::string_view default_on() const noexcept override { return "message"; }

  RejectReason read(std::string_view line, std::span<Value> values, LineTime& time,
                    ValueArena& arena) const override {
    constexpr RejectReason kBad = RejectReason::kAccessLogInvalid;
    Cursor in(line);
    values[kIp] = unless_dash(in.word());
    values[kIdent] = unless_dash(in.word());
    values[kUser] = unless_dash(in.word());
    std::string_view request;
    if (!in.enclosed('[', ']', false, time.text)) return kBad;
    if (!in.enclosed('"', '"', true, request)) return kBad;
    time.kind = LineTime::Kind::kAccessLog;
    values[kMessage] = Value::string(line);
    read_request(unescape(request, arena), values);

    const std::string_view status = in.word();
    const std::string_view bytes = in.word();
    const auto code = read_typed(status, ValueType::kInt, no_time_);
    const auto size = read_typed(bytes, ValueType::kInt, no_time_);
    if (!code || (!size && bytes != "-")) return kBad;
    values[kStatus] = *code;
    if (size) values[kBytes] = *size;

    std::string_view text;
    if (in.at_end()) return RejectReason::kNone;
    if (!in.enclosed('"', '"', true, text)) return kBad;
    values[kReferrer] = unless_dash(unescape(text, arena));
    if (in.enclosed('"', '"', true, text)) values[kUserAgent] = unless_dash(unescape(text, arena));
    return RejectReason::kNone;
  }

 private:
  TimeReader no_time_;  // integers need none
  std::vector<std::string> names_ = {"ip",     "ident",    "user",       "request",
                                     "method", "path",     "protocol",   "status",
                                     "bytes",  "referrer", "user_agent", "message"};
};

}  // namespace

std::unique_ptr<LineBase> access_log_base() {
  return std::make_unique<AccessLogBase>();
}

}  // namespace weir::connectors
