#include "api_client.hpp"

#include <fmt/core.h>

#include "paths.hpp"

namespace weir::cli {
namespace {

constexpr std::size_t kMaxTokenBytes = 4096;

}  // namespace

std::unique_ptr<connectors::HttpClient> make_api_client(const ApiOptions& options,
                                                        std::string_view path, std::string& error) {
  connectors::HttpClientOptions client;
  client.url = options.url;
  client.tls.ca_file = options.ca_file;
  if (!options.token_file.empty()) {
    if (!read_file(options.token_file, kMaxTokenBytes, client.bearer_token, error)) return nullptr;
    while (client.bearer_token.ends_with('\n') || client.bearer_token.ends_with('\r')) {
      client.bearer_token.pop_back();
    }
  }
  return connectors::make_http_client(client, path, error);
}

std::string reply_problem(const ApiOptions& options, const connectors::HttpReply& reply) {
  if (reply.status == 0) return fmt::format("{}: {}", options.url, reply.problem);
  if (reply.status == 401) return options.url + " asks for a token: --token-file FILE";
  return fmt::format("{} answers {}{}{}", options.url, reply.status, reply.body.empty() ? "" : ": ",
                     reply.body.substr(0, reply.body.find('\n')));
}

}  // namespace weir::cli
