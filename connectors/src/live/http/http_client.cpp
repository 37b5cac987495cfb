#include "weir/connectors/live/http_client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <mutex>

#include "live/http/quiet_pipe.hpp"

namespace weir::connectors {
namespace {

/// Kept of an answer, to tell why something was refused. More is read and dropped.
constexpr std::size_t kKeptOfAnswer = 300;
/// An answer that is longer is taken for done with: the status has been read.
constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 20;
/// A far end cannot ask us to wait longer.
constexpr std::chrono::seconds kMaxRetryAfter{3600};

struct FreeCurl {
  void operator()(CURL* curl) const noexcept { curl_easy_cleanup(curl); }
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeCurl>;

void add(Headers& headers, const std::string& line) {
  curl_slist* const grown = curl_slist_append(headers.get(), line.c_str());
  if (grown == nullptr) return;
  (void)headers.release();
  headers.reset(grown);
}

bool has_line_end(std::string_view text) {
  return text.find_first_of("\r\n") != text.npos;
}

/// False, with a sentence that does not repeat what may be secret.
bool check_url(const std::string& url, std::string& error) {
  const std::unique_ptr<CURLU, FreeCurl> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    error = "the URL cannot be read";
    return false;
  }
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, 0) != CURLUE_OK) return std::string();
    std::string copy(text);
    curl_free(text);
    return copy;
  };
  const std::string scheme = part(CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    error = "the URL begins with http:// or https://";
    return false;
  }
  if (!part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty()) {
    error = "the URL holds no user or password: they have places of their own";
    return false;
  }
  return true;
}

struct Answer {
  HttpReply reply;
  std::size_t bytes = 0;
  std::size_t keep = kKeptOfAnswer;
  std::size_t most = kMaxAnswerBytes;
};

std::size_t take_body(char* data, std::size_t, std::size_t size, void* to) {
  auto& answer = *static_cast<Answer*>(to);
  answer.bytes += size;
  std::string& kept = answer.reply.body;
  kept.append(data, std::min(size, answer.keep - kept.size()));
  return answer.bytes > answer.most ? 0 : size;
}

/// A stream's pieces to whoever wants them.
struct Pieces {
  Answer& answer;
  CURL* curl;
  const std::function<bool(std::string_view)>& take;
};

std::size_t take_piece(char* data, std::size_t, std::size_t size, void* to) {
  auto& pieces = *static_cast<Pieces*>(to);
  long status = 0;
  curl_easy_getinfo(pieces.curl, CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status >= 300) return take_body(data, 1, size, &pieces.answer);
  return pieces.take({data, size}) ? size : 0;
}

int go_on(void* to, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Pieces*>(to)->take({}) ? 0 : 1;
}

class CurlClient final : public HttpClient {
 public:
  CurlClient(const HttpClientOptions& options, std::string url)
      : options_(options), url_(std::move(url)), curl_(curl_easy_init()) {
    for (const auto& [name, value] : options_.headers) {
      if (strcasecmp(name.c_str(), "content-type") == 0) has_own_type_ = true;
    }
  }

  bool set_up(std::string& error);
  HttpReply post(std::string_view body, std::string_view content_type,
                 std::string_view idempotency_key) override;
  HttpReply get(std::size_t max_bytes) override;
  HttpReply get_stream(const std::function<bool(std::string_view)>& take) override;

 private:
  /// `to`: what the write function is given; null: the answer.
  void perform(Headers headers, Answer& answer, void* to = nullptr);

  template <typename T>
  void set(CURLoption option, T value) {
    if (curl_easy_setopt(curl_.get(), option, value) != CURLE_OK) failed_ = true;
  }

  HttpClientOptions options_;
  std::string url_;
  std::unique_ptr<CURL, FreeCurl> curl_;
  bool has_own_type_ = false;  // the config says what the far end wants to read
  bool failed_ = false;
};

bool CurlClient::set_up(std::string& error) {
  if (curl_ == nullptr) {
    error = "libcurl gives no client";
    return false;
  }
  set(CURLOPT_URL, url_.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.timeout.count()));
  set(CURLOPT_FOLLOWLOCATION, 0L);  // records and credentials go where the config says
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_WRITEFUNCTION, take_body);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, options_.tls.verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, options_.tls.verify ? 2L : 0L);
  if (!options_.tls.ca_file.empty()) set(CURLOPT_CAINFO, options_.tls.ca_file.c_str());
  if (!options_.tls.cert_file.empty()) set(CURLOPT_SSLCERT, options_.tls.cert_file.c_str());
  if (!options_.tls.key_file.empty()) set(CURLOPT_SSLKEY, options_.tls.key_file.c_str());
  if (!options_.bearer_token.empty()) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    set(CURLOPT_XOAUTH2_BEARER, options_.bearer_token.c_str());
  } else if (!options_.basic.user.empty()) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERNAME, options_.basic.user.c_str());
    set(CURLOPT_PASSWORD, options_.basic.password.c_str());
  }
  if (failed_) error = "libcurl refuses an option of the client";
  return !failed_;
}

HttpReply CurlClient::post(std::string_view body, std::string_view content_type,
                           std::string_view idempotency_key) {
  Answer answer;
  Headers headers;
  if (!has_own_type_) add(headers, fmt::format("Content-Type: {}", content_type));
  add(headers, "Expect:");  // no round trip before the body
  if (!idempotency_key.empty()) add(headers, fmt::format("Idempotency-Key: {}", idempotency_key));
  set(CURLOPT_POST, 1L);
  set(CURLOPT_POSTFIELDS, body.data());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  perform(std::move(headers), answer);
  return std::move(answer.reply);
}

HttpReply CurlClient::get(std::size_t max_bytes) {
  Answer answer;
  answer.keep = answer.most = max_bytes;
  set(CURLOPT_HTTPGET, 1L);
  perform({}, answer);
  if (answer.bytes > max_bytes) {
    answer.reply.status = 0;
    answer.reply.problem = fmt::format("the answer is longer than {} bytes", max_bytes);
  }
  return std::move(answer.reply);
}

HttpReply CurlClient::get_stream(const std::function<bool(std::string_view)>& take) {
  Answer answer;
  Pieces pieces{answer, curl_.get(), take};
  set(CURLOPT_HTTPGET, 1L);
  set(CURLOPT_TIMEOUT_MS, 0L);
  set(CURLOPT_WRITEFUNCTION, take_piece);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, go_on);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(&pieces));
  perform({}, answer, &pieces);
  set(CURLOPT_NOPROGRESS, 1L);
  set(CURLOPT_WRITEFUNCTION, take_body);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
  return std::move(answer.reply);
}

void CurlClient::perform(Headers headers, Answer& answer, void* to) {
  const QuietPipe quiet;
  for (const auto& [name, value] : options_.headers) {
    add(headers, fmt::format("{}: {}", name, value));
  }
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_WRITEDATA, to != nullptr ? to : static_cast<void*>(&answer));
  const CURLcode result = curl_easy_perform(curl_.get());
  set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));

  HttpReply& reply = answer.reply;
  long status = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (result == CURLE_OK || (result == CURLE_WRITE_ERROR && answer.bytes > answer.most)) {
    reply.status = static_cast<int>(status);
  } else {
    reply.problem = fmt::format("no answer: {}", curl_easy_strerror(result));
  }
  curl_off_t seconds = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_RETRY_AFTER, &seconds);
  reply.retry_after =
      std::chrono::seconds(std::clamp<curl_off_t>(seconds, 0, kMaxRetryAfter.count()));
}

}  // namespace

bool HttpReply::try_again() const noexcept {
  return status < 400 || status >= 500 || status == 401 || status == 407 || status == 408 ||
         status == 425 || status == 429;
}

std::unique_ptr<HttpClient> make_http_client(const HttpClientOptions& options,
                                             std::string_view path, std::string& error) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  std::string url = options.url;
  if (!path.empty()) {
    while (url.ends_with('/')) url.pop_back();
    url += path;
  }
  if (!check_url(url, error)) return nullptr;
  for (const auto& [name, value] : options.headers) {
    if (name.empty() || has_line_end(name) || has_line_end(value) || name.find(':') != name.npos) {
      error = fmt::format("`{}` is no name of a header, or its value has a line end", name);
      return nullptr;
    }
  }
  if (has_line_end(options.bearer_token)) {
    error = "the bearer token has a line end in it";
    return nullptr;
  }
  auto client = std::make_unique<CurlClient>(options, std::move(url));
  if (!client->set_up(error)) return nullptr;
  return client;
}

SendResult judge(const HttpReply& reply) {
  SendResult result;
  if (reply.ok()) return result;
  result.state = reply.try_again() ? SendResult::State::kTryAgain : SendResult::State::kRefused;
  if (reply.status == 0) {
    result.problem = reply.problem;
  } else {
    std::string_view said = reply.body;
    said = said.substr(0, said.find_first_of("\r\n"));
    result.problem =
        fmt::format("the far end answers {}{}{}", reply.status, said.empty() ? "" : ": ", said);
  }
  if (result.state == SendResult::State::kTryAgain) result.retry_after = reply.retry_after;
  return result;
}

}  // namespace weir::connectors
