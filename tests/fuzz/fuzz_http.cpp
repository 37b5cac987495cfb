// What a client sends to an HTTP source: nothing crashes, nothing grows past its bound, and every
// record is a part of its body.

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "live/http/body_records.hpp"
#include "live/http/content_coding.hpp"
#include "live/http/request_reader.hpp"

namespace weir::connectors {
namespace {

constexpr std::size_t kMaxBody = 4096;
constexpr std::size_t kMaxRecords = 50;
/// Fits into a socket's buffer, so that it is sent before it is read.
constexpr std::size_t kMaxInput = 64 * 1024;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_records(std::string body, bool arrays) {
  std::vector<std::string_view> records;
  std::string problem;
  const SplitResult result = split_body(body, arrays, kMaxRecords, records, problem);
  require(records.size() <= kMaxRecords);
  require(problem.empty() == (result != SplitResult::kBadArray));
  const char* at = body.data();
  for (const std::string_view record : records) {
    require(!record.empty());
    require(record.data() >= at);
    at = record.data() + record.size();
    require(at <= body.data() + body.size());
    require(arrays || record.find('\n') == record.npos);
  }
}

void read_requests(Wire& wire, BodyBudget& budget) {
  RequestReader reader(wire);
  const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (true) {
    HttpRequest request;
    if (reader.read_head(request, soon, std::chrono::seconds(5)) != RequestReader::Result::kOk)
      return;
    require(request.path.starts_with('/'));
    require(request.headers.size() <= kMaxHttpHeaders);
    (void)reader.waits_for_continue();
    BodyShare share(budget);
    if (reader.has_body() &&
        reader.read_body(request.body, kMaxBody, share) != RequestReader::Result::kOk) {
      return;
    }
    const std::string* const coding = request.header("content-encoding");
    if (coding != nullptr && unwrap(*coding, request.body, kMaxBody, share) != Unwrapped::kOk)
      return;
    require(request.body.size() <= kMaxBody);
    check_records(request.body, true);
    if (!reader.keep_alive()) return;
  }
}

}  // namespace
}  // namespace weir::connectors

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::connectors;
  const std::string_view input(reinterpret_cast<const char*>(data), std::min(size, kMaxInput));
  check_records(std::string(input), true);
  check_records(std::string(input), false);
  int ends[2];
  require(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  require(::send(ends[0], input.data(), input.size(), 0) == static_cast<ssize_t>(input.size()));
  ::shutdown(ends[0], SHUT_WR);
  BodyBudget budget(std::size_t{1} << 20);
  {
    Wire wire(ends[1], nullptr);
    read_requests(wire, budget);
  }
  ::close(ends[0]);
  require(budget.take(std::size_t{1} << 20));  // all of it has been given back
  return 0;
}
