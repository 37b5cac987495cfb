#include "live/http/connection.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <exception>

#include "live/http/content_coding.hpp"
#include "weir/event/value.hpp"

namespace weir::connectors {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Result = RequestReader::Result;

/// For what a client still sends when it has been told that nothing more is read.
constexpr milliseconds kFinish{2000};

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

/// Takes the same time wherever the two differ, and whatever their lengths.
bool same_secret(std::string_view a, std::string_view b) {
  const auto digest = [](std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> out{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
    return out;
  };
  const auto x = digest(a);
  const auto y = digest(b);
  return CRYPTO_memcmp(x.data(), y.data(), x.size()) == 0;
}

bool has_token(const HttpRequest& request, std::string_view token) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string* const given = request.header("authorization");
  if (given == nullptr || given->size() < kScheme.size()) return false;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if (((*given)[i] | 0x20) != kScheme[i]) return false;
  }
  return same_secret(std::string_view(*given).substr(kScheme.size()), token);
}

/// A page of another site that a browser shows may post to what listens on the same machine.
bool from_another_site(const HttpRequest& request) {
  const std::string* const origin = request.header("origin");
  if (origin == nullptr) return false;
  const std::string* const host = request.header("host");
  const std::size_t scheme = origin->find("://");
  return host == nullptr || scheme == origin->npos ||
         std::string_view(*origin).substr(scheme + 3) != *host;
}

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

}  // namespace

const std::string* HttpRequest::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

HttpResponse http_error(int status, std::string_view word, std::string_view detail) {
  HttpResponse response;
  response.status = status;
  response.body = "{\"error\":";
  append_json_string(response.body, word);
  response.body += ",\"detail\":";
  append_json_string(response.body, detail);
  response.body += "}\n";
  return response;
}

void HttpConnection::serve() {
  if (wire_.handshake(steady_clock::now() + service_.options.slow_client) != Wire::Io::kOk) return;
  bool first = true;
  while (!service_.stop.stop_requested() && serve_one(first)) first = false;
  wire_.finish(steady_clock::now() + kFinish);
}

bool HttpConnection::serve_one(bool first) {
  HttpRequest request;
  request.stopping = service_.stop.get_token();
  const HttpServerOptions& options = service_.options;
  idle_ = !first;  // who has only just come is given its time
  const Result head = reader_.read_head(
      request, steady_clock::now() + (first ? options.slow_client : options.idle_close),
      options.slow_client);
  idle_ = false;
  if (head != Result::kOk) return answer_bad(head);

  HttpResponse response;
  const HttpService::Route* const route = admit(request, response);
  // What it sends behind the head of a request that is refused would be taken for its next one.
  if (route == nullptr) return answer(request, std::move(response), !reader_.has_body());

  BodyShare share(service_.bodies);
  if (!receive_body(request, share, response)) {
    if (response.status != 0) answer(request, std::move(response), false);
    return false;
  }
  try {
    response = route->handler(request);
  } catch (const std::exception& problem) {
    service_.notices->note(Notices::Level::kError, "http_handler",
                           fmt::format("a request of {} failed: {}", request.path, problem.what()));
    response = http_error(500, "internal", "the request failed inside");
  }
  return answer(request, std::move(response), true);
}

bool HttpConnection::answer_bad(Result result) {
  HttpResponse response;
  switch (result) {
    case Result::kSlow:
      service_.notices->note(Notices::Level::kInfo, "http_slow_client",
                             "a client was cut off: its request took too long to arrive");
      response = http_error(408, "too_slow", "the request took too long to arrive");
      break;
    case Result::kHeadTooLarge:
      response =
          http_error(431, "headers_too_large", "the request has too many or too long headers");
      break;
    case Result::kBad:
      response = http_error(400, "bad_request", "this is no HTTP/1.1 request");
      break;
    case Result::kBodyTooLarge:
      response = http_error(413, "body_too_large",
                            fmt::format("a body has at most {} bytes, also when it is unwrapped",
                                        service_.options.max_body_bytes));
      break;
    case Result::kNoRoom:
      response = http_error(503, "busy", "too much is being received at once");
      response.headers.emplace_back("Retry-After", "1");
      break;
    case Result::kOk:
    case Result::kClosed:
    case Result::kIdle:
      return false;
  }
  answer(HttpRequest{}, std::move(response), false);
  return false;
}

const HttpService::Route* HttpConnection::admit(const HttpRequest& request,
                                                HttpResponse& refusal) const {
  const auto path = service_.routes.find(request.path);
  const HttpService::Route* route = nullptr;
  if (path != service_.routes.end()) {
    const auto method = path->second.find(request.method == "HEAD" ? "GET" : request.method);
    if (method != path->second.end()) route = &method->second;
  }
  // Whoever has no token is not told what there is.
  const std::string& token = service_.options.bearer_token;
  if (!token.empty() && (route == nullptr || !route->open) && !has_token(request, token)) {
    refusal = http_error(401, "unauthorized", "the bearer token is missing or wrong");
    refusal.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"weir\"");
    return nullptr;
  }
  if (path == service_.routes.end()) {
    refusal = http_error(404, "not_found", "there is nothing at this path");
    return nullptr;
  }
  if (route == nullptr) {
    std::string allowed;
    for (const auto& [method, unused] : path->second) {
      allowed += (allowed.empty() ? "" : ", ") + method + (method == "GET" ? ", HEAD" : "");
    }
    refusal = http_error(405, "method_not_allowed", "this path takes " + allowed);
    refusal.headers.emplace_back("Allow", allowed);
    return nullptr;
  }
  if (!is_safe(request.method) && from_another_site(request)) {
    refusal = http_error(403, "other_site", "a browser sent this on behalf of another site");
    return nullptr;
  }
  const std::string* const coding = request.header("content-encoding");
  if (coding != nullptr && !knows_coding(*coding)) {
    refusal = http_error(415, "content_encoding", "bodies may be plain, gzip or zstd");
    refusal.headers.emplace_back("Accept-Encoding", "gzip, zstd");
    return nullptr;
  }
  return route;
}

bool HttpConnection::receive_body(HttpRequest& request, BodyShare& share, HttpResponse& refusal) {
  refusal.status = 0;
  if (!reader_.has_body()) return true;
  const std::size_t most = service_.options.max_body_bytes;
  Result result = reader_.body_length().value_or(0) > most ? Result::kBodyTooLarge : Result::kOk;
  if (result == Result::kOk && reader_.waits_for_continue()) {
    const auto io = wire_.write("HTTP/1.1 100 Continue\r\n\r\n", service_.options.slow_client);
    if (io != Wire::Io::kOk) return false;
  }
  if (result == Result::kOk) result = reader_.read_body(request.body, most, share);
  if (result == Result::kOk) {
    const std::string* const coding = request.header("content-encoding");
    if (coding == nullptr) return true;
    switch (unwrap(*coding, request.body, most, share)) {
      case Unwrapped::kOk:
        return true;
      case Unwrapped::kUnknownCoding:  // refused by admit()
      case Unwrapped::kCorrupt:
        refusal = http_error(400, "content_encoding", "the body is not what its encoding says");
        return false;
      case Unwrapped::kTooLarge:
        result = Result::kBodyTooLarge;
        break;
      case Unwrapped::kNoRoom:
        result = Result::kNoRoom;
        break;
    }
  }
  answer_bad(result);
  return false;
}

bool HttpConnection::answer(const HttpRequest& request, HttpResponse response, bool keep_alive) {
  keep_alive = keep_alive && reader_.keep_alive() && !service_.stop.stop_requested();
  const bool streamed = response.stream != nullptr;
  const bool chunked = streamed && reader_.keep_alive();  // HTTP/1.0: until the connection ends
  if (streamed && !chunked) keep_alive = false;
  std::string out =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  if (!response.content_type.empty()) {
    out += fmt::format("Content-Type: {}\r\n", response.content_type);
  }
  for (const auto& [name, value] : response.headers) out += fmt::format("{}: {}\r\n", name, value);
  if (!streamed) out += fmt::format("Content-Length: {}\r\n", response.body.size());
  if (chunked) out += "Transfer-Encoding: chunked\r\n";
  out += keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  out += "X-Content-Type-Options: nosniff\r\n\r\n";
  if (request.method != "HEAD" && !streamed) out += response.body;
  if (wire_.write(out, service_.options.slow_client) != Wire::Io::kOk) return false;
  if (!streamed || request.method == "HEAD") return keep_alive;
  return stream(response, chunked) && keep_alive;
}

bool HttpConnection::stream(HttpResponse& response, bool chunked) {
  std::string piece;
  bool more = true;
  while (more) {
    if (service_.stop.stop_requested() || wire_.far_end_gone()) return false;
    piece.clear();
    try {
      more = response.stream(piece);
    } catch (const std::exception& problem) {
      service_.notices->note(Notices::Level::kError, "http_handler",
                             fmt::format("a streamed answer failed: {}", problem.what()));
      return false;
    }
    if (piece.empty()) continue;  // an empty chunk would be the last
    if (chunked) {
      piece.insert(0, fmt::format("{:x}\r\n", piece.size()));
      piece += "\r\n";
    }
    if (wire_.write(piece, service_.options.slow_client) != Wire::Io::kOk) return false;
  }
  return !chunked || wire_.write("0\r\n\r\n", service_.options.slow_client) == Wire::Io::kOk;
}

}  // namespace weir::connectors
