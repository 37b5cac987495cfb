// weir tap: live events, alerts, late or rejected records of a running `weir run`.
#include <fmt/core.h>

#include "api_client.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"

namespace weir::cli {
namespace {

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

/// Lines as they come, at most so many.
class Lines {
 public:
  Lines(Io& io, std::uint64_t most) : io_(io), most_(most) {}

  /// False: no more are wanted.
  bool take(std::string_view piece) {
    while (!piece.empty() && !done()) {
      const std::size_t end = piece.find('\n');
      const std::string_view part = piece.substr(0, end == piece.npos ? end : end + 1);
      io_.out.write(part);
      if (end != piece.npos) ++count_;
      piece.remove_prefix(part.size());
    }
    io_.out.flush();
    return !done() && !interrupted() && !io_.out.broken();
  }
  bool done() const { return most_ != 0 && count_ >= most_; }

 private:
  Io& io_;
  std::uint64_t most_;
  std::uint64_t count_ = 0;
};

}  // namespace

int tap(const TapOptions& options, Io& io) {
  std::string path = "/api/v1/tap?stream=" + percent_encoded(options.stream);
  if (!options.grep.empty()) path += "&grep=" + percent_encoded(options.grep);
  for (const std::string& condition : options.where) {
    if (condition.find('=') == condition.npos) {
      print_error(io, fmt::format("--where \"{}\" is not of the form field=value", condition));
      return kUsage;
    }
    path += "&where=" + percent_encoded(condition);
  }
  std::string error;
  const auto client = make_api_client(options.api, path, error);
  if (client == nullptr) {
    print_error(io, error);
    return kUsage;
  }
  catch_interrupts();
  Lines lines(io, options.count);
  const connectors::HttpReply reply =
      client->get_stream([&](std::string_view piece) { return lines.take(piece); });
  if (lines.done() || interrupted() || io.out.broken() || reply.ok()) return kFine;
  print_error(io, reply_problem(options.api, reply));
  return kUsage;
}

}  // namespace weir::cli
