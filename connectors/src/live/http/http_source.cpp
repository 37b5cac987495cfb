// The source that is posted to: a route of a server, and the inbox behind it.
#include <fmt/format.h>
#include <strings.h>

#include <array>
#include <functional>
#include <memory>

#include "live/http/body_records.hpp"
#include "live/http/inbox.hpp"

namespace weir::connectors {
namespace {

constexpr std::size_t kMaxKeyBytes = 255;

enum class BodyKind : std::uint8_t { kLines, kLinesOrArray, kOther };

/// By Content-Type, its parameters left out. None: what curl and others send where nobody says.
BodyKind kind_of(const HttpRequest& request) {
  const std::string* const header = request.header("content-type");
  if (header == nullptr) return BodyKind::kLinesOrArray;
  std::string_view type = std::string_view(*header).substr(0, header->find(';'));
  type = type.substr(0, type.find_last_not_of(' ') + 1);
  const auto is = [type](std::string_view name) {
    return type.size() == name.size() && strncasecmp(type.data(), name.data(), name.size()) == 0;
  };
  constexpr std::array<std::string_view, 5> kJson = {"application/json", "application/x-ndjson",
                                                     "application/ndjson", "application/jsonl",
                                                     "application/octet-stream"};
  for (const std::string_view name : kJson) {
    if (is(name)) return BodyKind::kLinesOrArray;
  }
  return is("text/plain") ? BodyKind::kLines : BodyKind::kOther;
}

HttpResponse take(HttpRequest& request, HttpInbox& inbox) {
  HttpResponse response;
  const BodyKind kind = kind_of(request);
  if (kind == BodyKind::kOther) {
    return http_error(415, "content_type",
                      "send application/x-ndjson, application/json or text/plain");
  }
  auto submission = std::make_shared<Submission>();
  if (const std::string* const key = request.header("idempotency-key")) {
    if (key->empty() || key->size() > kMaxKeyBytes) {
      return http_error(400, "idempotency_key", "an Idempotency-Key has 1 to 255 bytes");
    }
    submission->key = *key;
    submission->body_hash = std::hash<std::string>{}(request.body);
  } else if (inbox.turns_away(response)) {
    return response;  // before the work of cutting it up
  }
  submission->body = std::move(request.body);
  std::string problem;
  switch (split_body(submission->body, kind == BodyKind::kLinesOrArray, kMaxHttpRecords,
                     submission->records, problem)) {
    case SplitResult::kBadArray:
      return http_error(400, "json_invalid", "the array cannot be read: " + problem);
    case SplitResult::kTooMany:
      return http_error(413, "too_many_records",
                        fmt::format("a request holds at most {} records", kMaxHttpRecords));
    case SplitResult::kOk:
      break;
  }
  return inbox.submit(std::move(submission), request.stopping);
}

class HttpSource final : public Source {
 public:
  HttpSource(const HttpSourceOptions& options, std::uint64_t offset)
      : name_("POST " + options.path), inbox_(std::make_shared<HttpInbox>(options, offset)) {}
  ~HttpSource() override { inbox_->close(); }  // before a server of its own stops

  /// The server may outlive the source, the inbox both.
  void listen_at(HttpServer& server, const std::string& path) {
    server.route("POST", path,
                 [inbox = inbox_](HttpRequest& request) { return take(request, *inbox); });
  }
  void own(std::unique_ptr<HttpServer> server) { server_ = std::move(server); }

  void poll(Polled& into, std::chrono::milliseconds timeout) override {
    if (!opened_) {
      opened_ = true;
      into.kind = Polled::Kind::kOpened;
      into.partition = 0;
      into.text = name_;
      into.next_offset = inbox_->offset();
      return;
    }
    inbox_->poll(into, timeout);
  }
  void pause(std::uint32_t, bool paused) override { inbox_->pause(paused); }
  void settled(std::uint64_t ticket, std::span<const RefusedRecord> refused) override {
    inbox_->settled(ticket, refused);
  }
  void wake() override { inbox_->wake(); }

 private:
  std::string name_;
  std::shared_ptr<HttpInbox> inbox_;
  std::unique_ptr<HttpServer> server_;
  bool opened_ = false;
};

}  // namespace

std::unique_ptr<Source> make_http_source(HttpSourceOptions options, StartOffsets start,
                                         Notices& notices, std::string& error) {
  if (!options.path.starts_with('/')) {
    error = fmt::format("`{}` is no path: it begins with /", options.path);
    return nullptr;
  }
  const std::uint64_t offset = start.empty() ? 0 : start.front().offset;
  auto source = std::make_unique<HttpSource>(options, offset);
  if (options.shared != nullptr) {
    source->listen_at(*options.shared, options.path);
    return source;
  }
  auto server = make_http_server(options.server, notices, error);
  if (server == nullptr) return nullptr;
  source->listen_at(*server, options.path);
  if (!server->start(error)) return nullptr;
  notices.note(Notices::Level::kInfo, "http_listening",
               fmt::format("POST {} is served at port {}", options.path, server->port()));
  source->own(std::move(server));
  return source;
}

}  // namespace weir::connectors
