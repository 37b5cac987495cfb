// Samples of real logs (tests/data, examples/authlog), whole.

#include "support.hpp"

namespace weir::connectors {
namespace {

using test::make_plan;

const std::string kRoot = WEIR_SOURCE_DIR;

struct Counts {
  std::size_t events = 0;
  LogTotals totals;
  LogFormat format = LogFormat::kAuto;
  std::vector<std::string> first;  // of the first event
  std::map<std::string, std::size_t> types;
};

Counts read(const std::string& path, const LogOptions& options, const FieldPlan& plan) {
  Counts counts;
  std::string error;
  const auto source = LogSource::open(kRoot + path, 0, options, plan, error);
  REQUIRE_MESSAGE(source != nullptr, error);
  Batch batch;
  while (source->next(batch)) {
    for (const Event& event : batch.events) {
      if (counts.events++ == 0) counts.first.push_back(test::show(event, plan));
      ++counts.types[std::string(event.type_name)];
      std::string json;
      event.format->append_json(json, event);
      CHECK(json.ends_with('}'));
    }
  }
  CHECK_FALSE(source->error());
  counts.totals = source->totals();
  counts.format = source->log_format();
  return counts;
}

TEST_CASE("the auth log by its format") {
  auto spec = std::make_shared<FormatSpec>();
  spec->name = "sshd";
  spec->base = LogFormat::kSyslog;
  spec->lines = {
      {"ssh_failed",
       R"(Failed password for (?<invalid>invalid user )?(?<user>\S*) from (?<ip>\S+) port (?<port>\d+))",
       {{"port", ValueType::kInt}}},
      {"ssh_ok", R"(Accepted (?<method>\S+) for (?<user>\S+) from (?<ip>\S+))", {}}};
  LogOptions options;
  options.codec.spec = spec;
  options.codec.year = 2024;
  const FieldPlan plan = make_plan({{"ssh_failed", {"user", "ip", "port"}}, {"ssh_ok", {"user"}}});
  Counts counts = read("/examples/authlog/auth.log.gz", options, plan);
  CHECK(counts.events == 7121);
  CHECK(counts.totals.rejected == 0);
  CHECK(counts.totals.stored_bytes_read == counts.totals.stored_bytes_total);
  CHECK(counts.types["ssh_failed"] == 713);
  CHECK(counts.types["ssh_ok"] == 226);

  counts = read("/tests/data/auth.log", {}, make_plan({{"syslog", {"program", "pid", "message"}}}));
  CHECK(counts.format == LogFormat::kSyslog);
  CHECK(counts.events == 200);
  CHECK(
      counts.first.front() ==
      R"(syslog|1970-03-27T13:06:56.000Z|program="sshd"|pid=1291|message="Server listening on 0.0.0.0 port 22.")");
}

TEST_CASE("an access log") {
  const Counts counts = read("/tests/data/access.log", {},
                             make_plan({{"access", {"ip", "path", "status", "bytes"}}}));
  CHECK(counts.format == LogFormat::kAccessLog);
  CHECK(counts.events == 200);
  CHECK(counts.totals.rejected == 0);
  CHECK(
      counts.first.front() ==
      R"(access|2015-05-17T10:05:03.000Z|ip="83.149.9.216"|path="/presentations/logstash-monitorama-2013/images/kibana-search.png"|status=200|bytes=203023)");
}

TEST_CASE("CloudTrail records") {
  LogOptions options;
  options.codec.type_field = "eventName";
  const Counts counts =
      read("/tests/data/cloudtrail.ndjson", options,
           make_plan({{"GetRegionOptStatus", {"userIdentity.userName", "awsRegion"}}}));
  CHECK(counts.format == LogFormat::kNdjson);
  CHECK(counts.events == 60);
  CHECK(counts.totals.rejected == 0);
  CHECK(
      counts.first.front() ==
      R"(GetRegionOptStatus|2023-07-10T11:42:18.000Z|userIdentity.userName="benjamin"|awsRegion="us-east-1")");
}

TEST_CASE("a metric in CSV") {
  LogOptions options;
  options.codec.type = "travel_time";
  const Counts counts =
      read("/tests/data/travel_time.csv", options, make_plan({{"travel_time", {"value"}}}));
  CHECK(counts.format == LogFormat::kCsv);
  CHECK(counts.events == 199);
  CHECK(counts.totals.rejected == 0);
  CHECK(counts.first.front() == "travel_time|2015-07-10T14:24:00.000Z|value=564");
}

}  // namespace
}  // namespace weir::connectors
