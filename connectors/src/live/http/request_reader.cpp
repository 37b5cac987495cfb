#include "live/http/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstring>
#include <optional>
#include <vector>

#include "live/http/target.hpp"

namespace weir::connectors {
namespace {

namespace http = boost::beast::http;

/// What is read at a time: at least a whole head fits.
constexpr std::size_t kInboxBytes = 64 * 1024;
static_assert(kInboxBytes > kMaxHttpHeadBytes);

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

struct RequestReader::State {
  std::vector<char> inbox = std::vector<char>(kInboxBytes);
  std::size_t begin = 0;  // of what the parser has not taken
  std::size_t end = 0;
  std::optional<http::request_parser<http::string_body>> parser;

  /// Gives the parser what is there; the error is need_more where that is not enough.
  boost::beast::error_code parse() {
    boost::beast::error_code problem;
    if (begin == end) return http::make_error_code(http::error::need_more);
    begin += parser->put(boost::asio::buffer(inbox.data() + begin, end - begin), problem);
    return problem;
  }
};

bool BodyBudget::take(std::size_t bytes) noexcept {
  std::size_t left = left_.load(std::memory_order_relaxed);
  while (left >= bytes) {
    if (left_.compare_exchange_weak(left, left - bytes, std::memory_order_relaxed)) return true;
  }
  return false;
}

RequestReader::RequestReader(Wire& wire) : wire_(wire), state_(std::make_unique<State>()) {}
RequestReader::~RequestReader() = default;

RequestReader::Result RequestReader::fill() {
  State& s = *state_;
  if (s.begin > 0) {
    std::memmove(s.inbox.data(), s.inbox.data() + s.begin, s.end - s.begin);
    s.end -= s.begin;
    s.begin = 0;
  }
  // The parser leaves what it cannot take yet, and no piece of what it takes is longer.
  if (s.end == s.inbox.size()) return Result::kBad;
  // A client that always has a byte ready would never be waited for.
  if (std::chrono::steady_clock::now() >= arrive_by_) return Result::kSlow;
  std::size_t got = 0;
  switch (wire_.read(std::span(s.inbox).subspan(s.end), got, arrive_by_)) {
    case Wire::Io::kClosed:
      return Result::kClosed;
    case Wire::Io::kTimeOut:
      return Result::kSlow;
    case Wire::Io::kOk:
      break;
  }
  s.end += got;
  return Result::kOk;
}

RequestReader::Result RequestReader::read_head(HttpRequest& request, Deadline idle,
                                               std::chrono::milliseconds arrive_within) {
  State& s = *state_;
  auto& parser = s.parser.emplace();
  parser.header_limit(static_cast<std::uint32_t>(kMaxHttpHeadBytes));
  parser.body_limit(boost::none);  // read_body() has one: whose request it is comes first
  if (s.begin == s.end) {
    arrive_by_ = idle;
    if (const Result result = fill(); result != Result::kOk) {
      return result == Result::kSlow ? Result::kIdle : result;
    }
  }
  arrive_by_ = std::chrono::steady_clock::now() + arrive_within;
  while (!parser.is_header_done()) {
    const auto problem = s.parse();
    if (problem == http::error::header_limit) return Result::kHeadTooLarge;
    if (problem && problem != http::error::need_more) return Result::kBad;
    if (parser.is_header_done()) break;
    if (!problem) continue;
    if (const Result result = fill(); result != Result::kOk) return result;
  }
  const auto& head = parser.get();
  if (head.version() != 11 && head.version() != 10) return Result::kBad;
  request.method = view(head.method_string());
  if (!split_target(view(head.target()), request.path, request.query)) return Result::kBad;
  std::size_t count = 0;
  for (const auto& field : head) {
    if (++count > kMaxHttpHeaders) return Result::kHeadTooLarge;
    request.headers.emplace_back(lower(view(field.name_string())),
                                 std::string(view(field.value())));
  }
  return Result::kOk;
}

bool RequestReader::has_body() const noexcept {
  return !state_->parser->is_done();
}

std::optional<std::uint64_t> RequestReader::body_length() const noexcept {
  const auto length = state_->parser->content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

bool RequestReader::waits_for_continue() const noexcept {
  const auto& head = state_->parser->get();
  return head.version() == 11 && head[http::field::expect] == "100-continue" &&
         state_->begin == state_->end;
}

bool RequestReader::keep_alive() const noexcept {
  return state_->parser->get().keep_alive();
}

RequestReader::Result RequestReader::read_body(std::string& body, std::size_t max_bytes,
                                               BodyShare& share) {
  State& s = *state_;
  auto& parser = *s.parser;
  if (body_length().value_or(0) > max_bytes) return Result::kBodyTooLarge;
  std::string& so_far = parser.get().body();
  std::size_t counted = 0;
  while (!parser.is_done()) {
    const auto problem = s.parse();
    if (problem == http::error::body_limit) return Result::kBodyTooLarge;
    if (problem && problem != http::error::need_more) return Result::kBad;
    if (so_far.size() > max_bytes) return Result::kBodyTooLarge;
    if (!share.grow(so_far.size() - counted)) return Result::kNoRoom;
    counted = so_far.size();
    if (parser.is_done() || !problem) continue;
    if (const Result result = fill(); result != Result::kOk) return result;
  }
  body = std::move(so_far);
  return Result::kOk;
}

}  // namespace weir::connectors
