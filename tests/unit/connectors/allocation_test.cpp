// Reading a log allocates at its beginning, and not for each event.

#include <atomic>
#include <cstdlib>
#include <new>

#include "support.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t bytes) {
  ++allocations;
  if (void* const memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// For the whole test program: all forms but those that ask for an alignment.
void* operator new(std::size_t bytes) {
  return counted(bytes);
}
void* operator new[](std::size_t bytes) {
  return counted(bytes);
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(bytes > 0 ? bytes : 1);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(bytes > 0 ? bytes : 1);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace weir::connectors {
namespace {

/// Of the second half of a log's batches; a batch is some thousands of events.
std::size_t allocations_of_second_half(const std::string& log, const LogOptions& options,
                                       const FieldPlan& plan, std::size_t events_expected) {
  std::string error;
  std::size_t batches = 0;
  std::size_t counted = 0;
  for (const bool measured : {false, true}) {
    const auto source = LogSource::make(memory_byte_stream(log), "log", 0, options, plan, error);
    REQUIRE_MESSAGE(source != nullptr, error);
    Batch batch;
    std::size_t events = 0;
    std::size_t n = 0;
    std::size_t at_half = 0;
    while (source->next(batch)) {
      events += batch.events.size();
      if (++n == batches / 2) at_half = allocations;
    }
    CHECK(events == events_expected);
    if (measured) counted = allocations - at_half;
    batches = n;
  }
  REQUIRE(batches >= 6);
  return counted;
}

std::string repeat(const std::string& record, std::size_t bytes, std::size_t& count) {
  std::string log;
  for (count = 0; log.size() < bytes; ++count) log += record;
  return log;
}

TEST_CASE("reading JSON does not allocate for each event") {
  const FieldPlan plan = test::make_plan(
      {{"payment", {"user", "amount", "tags", "account.owner", "note"}}, {"login", {"user"}}});
  std::size_t count = 0;
  const std::string log = repeat(
      R"({"type":"payment","ts":"2026-01-01T00:00:00.123Z","user":"u1","amount":12.5,"tags":[1,"b"],)"
      R"("account":{"owner":"o\u00e9"},"note":"a\nb","\u0061":[{}]})"
      "\n"
      R"({"type":"login","ts":1700000000,"user":"u1","amount":1e300})"
      "\n"
      R"({"ts":"2026-01-01T00:00:00Z","user":"u1","type":"unread"})"
      "\n",
      8 << 20, count);
  CHECK(allocations_of_second_half(log, test::with_format(LogFormat::kNdjson), plan, 3 * count) ==
        0);
}

TEST_CASE("nor does reading rows and lines") {
  const FieldPlan plan = test::make_plan({{"payment", {"user", "amount"}},
                                          {"access", {"ip", "status", "path"}},
                                          {"ssh_failed", {"user", "ip", "port"}},
                                          {"syslog", {"message"}},
                                          {"text", {"user", "line"}}});
  std::size_t count = 0;
  const std::string rows =
      repeat("2026-01-01T00:00:00Z,payment,\"u \"\"1\"\"\",12.5\n", 8 << 20, count);
  CHECK(allocations_of_second_half("ts,type,user,amount\n" + rows,
                                   test::with_format(LogFormat::kCsv), plan, count) == 0);

  const std::string accesses = repeat(
      R"(10.0.0.1 - - [17/May/2015:10:05:03 +0000] "GET /a\"b HTTP/1.1" 200 1234 "-" "agent \\ x")"
      "\n",
      8 << 20, count);
  CHECK(allocations_of_second_half(accesses, test::with_format(LogFormat::kAccessLog), plan,
                                   count) == 0);

  const std::string lines =
      repeat("Mar 27 13:06:56 host sshd[7]: Failed password for root from 10.0.0.1 port 22\n",
             8 << 20, count);
  CHECK(allocations_of_second_half(lines, test::with_format(LogFormat::kSyslog), plan, count) == 0);
  auto spec = std::make_shared<FormatSpec>();
  spec->name = "sshd";
  spec->base = LogFormat::kSyslog;
  spec->lines = {{"ssh_ok", "^Accepted (?<user>.*)", {}},
                 {"ssh_failed",
                  R"(^Failed password for (?<user>\S+) from (?<ip>\S+) port (?<port>\d+))",
                  {{"port", ValueType::kInt}}}};
  LogOptions options;
  options.codec.spec = spec;
  CHECK(allocations_of_second_half(lines, options, plan, count) == 0);

  options = test::with_format(LogFormat::kRegex);
  options.codec.pattern = R"((?<ts>\S+ +\S+ \S+) (?<user>\S+) (?<line>.*))";
  CHECK(allocations_of_second_half(lines, options, plan, count) == 0);
}

}  // namespace
}  // namespace weir::connectors
