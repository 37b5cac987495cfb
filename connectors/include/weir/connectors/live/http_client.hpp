// Requests to somebody else's server, through libcurl: over one connection that is kept, each
// within its time, whatever the far end does.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/connectors/live/http.hpp"
#include "weir/connectors/live/sink.hpp"

namespace weir::connectors {

struct HttpReply {
  int status = 0;       // 0: there was no answer
  std::string problem;  // status 0: why, without secrets
  std::string body;     // of a post's answer the beginning
  std::chrono::milliseconds retry_after{0};

  bool ok() const noexcept { return status >= 200 && status < 300; }
  /// Another record, or another time, may fare better.
  bool try_again() const noexcept;
};

/// Used by one thread at a time.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// `idempotency_key`: a header of this name; empty: none.
  virtual HttpReply post(std::string_view body, std::string_view content_type,
                         std::string_view idempotency_key) = 0;
  /// The reply holds the whole body; one that is longer than `max_bytes` is a problem.
  virtual HttpReply get(std::size_t max_bytes) = 0;
  /// An answer without an end: each piece of it is handed to `take`, which says false when no more
  /// is wanted; it is also called, with nothing, about once a second. Of an answer that is no
  /// success the body's beginning is in the reply, and `take` hears of none of it. The options'
  /// timeout holds for connecting alone.
  virtual HttpReply get_stream(const std::function<bool(std::string_view)>& take) = 0;
};

/// `path` is added to the options' URL. Null, with `error` a sentence, where they make no client.
std::unique_ptr<HttpClient> make_http_client(const HttpClientOptions& options,
                                             std::string_view path, std::string& error);

/// What a reply says of what was posted; SendResult::done is left at 0.
SendResult judge(const HttpReply& reply);

}  // namespace weir::connectors
