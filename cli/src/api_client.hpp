// Commands that ask a running `weir run` over HTTP.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "commands.hpp"
#include "weir/connectors/live/http_client.hpp"

namespace weir::cli {

/// A client for one path. Null with `error` a sentence.
std::unique_ptr<connectors::HttpClient> make_api_client(const ApiOptions& options,
                                                        std::string_view path, std::string& error);

/// What is wrong with a reply, for people.
std::string reply_problem(const ApiOptions& options, const connectors::HttpReply& reply);

}  // namespace weir::cli
