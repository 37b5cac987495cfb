#include "support.hpp"

namespace weir::connectors {
namespace {

using test::decode;
using test::Decoded;
using test::make_plan;
using test::Strings;
using test::with_format;

LogOptions csv(std::string type = "m") {
  LogOptions options = with_format(LogFormat::kCsv);
  options.codec.type = std::move(type);
  return options;
}

/// The cell v of one row, as JSON, or the reason.
std::string read_cell_text(const std::string& cell) {
  const FieldPlan plan = make_plan({{"m", {"v"}}});
  const Decoded decoded = decode("ts,v\n1," + cell + "\n", csv(), plan);
  if (!decoded.rejected.empty()) return decoded.rejected.front();
  REQUIRE(decoded.events.size() == 1);
  const std::string& event = decoded.events.front();
  return event.substr(event.find("v=") + 2);
}

TEST_CASE("CSV: a cell is a number where it is a JSON number of at most 15 digits") {
  struct Case {
    const char* cell;
    const char* expected;
  };
  const Case cases[] = {
      {"1", "1"},
      {"-1", "-1"},
      {"1.50", "1.5"},
      {"1e3", "1000.0"},
      {"0", "0"},
      {"007", "\"007\""},
      {"+1", "\"+1\""},
      {".5", "\".5\""},
      {"1.", "\"1.\""},
      {" 1", "\" 1\""},
      {"1_000", "\"1_000\""},
      {"0x10", "\"0x10\""},
      {"NaN", "\"NaN\""},
      {"Infinity", "\"Infinity\""},
      {"1e400", "\"1e400\""},
      {"123456789012345", "123456789012345"},
      {"1234567890123456", "\"1234567890123456\""},
      {"0.12345678901234", "0.12345678901234"},
      {"0.123456789012345", "\"0.123456789012345\""},
      {"", "null"},
      {"\"\"", "null"},
      {"\"17\"", "17"},
      {"true", "\"true\""},
      {"null", "\"null\""},
      {"\"says \"\"hello\"\", twice\"", "\"says \\\"hello\\\", twice\""},
      {"\"two\r\nlines\"", "\"two\\r\\nlines\""},
      {"5\" pipe", "\"5\\\" pipe\""},
      {"a\xff"
       "b",
       "\"a\uFFFD"
       "b\""},
      {"\"open", "5 csv_bad_quote"},
      {"\"a\"b", "5 csv_bad_quote"},
      {"1,2", "5 csv_ragged_row"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.cell));
    CHECK(read_cell_text(c.cell) == c.expected);
  }
}

TEST_CASE("CSV: columns, dotted names, ragged rows, offsets, evidence") {
  const FieldPlan plan = make_plan({{"login", {"account.owner", "n"}}});
  const Decoded decoded = decode(
      "\xEF\xBB\xBFtime,type,account.owner,n,unread\r\n"
      "2026-01-01T00:00:01Z,login,bob,1,x\r\n"
      "2026-01-01T00:00:02Z,login,bob\r\n"
      "2026-01-01T00:00:03Z,login,bob,1,x,y\r\n"
      "\r\n"
      "2026-01-01T00:00:04Z,logout,\"a\nb\",2,\r\n"
      "2026-01-01T00:00:05Z,,bob,2,\r\n"
      ",login,bob,2,\r\n"
      "never,login,bob,2,\r\n"
      "2026-01-01T00:00:06Z,login,,,",
      with_format(LogFormat::kCsv), plan);
  CHECK(decoded.open_error == "");
  CHECK(decoded.events == Strings{R"(login|2026-01-01T00:00:01.000Z|account.owner="bob"|n=1)",
                                  "logout|2026-01-01T00:00:04.000Z",
                                  "login|2026-01-01T00:00:06.000Z|account.owner=null|n=null"});
  CHECK(decoded.offsets == std::vector<std::uint64_t>{37, 145, 248});
  CHECK(decoded.rejected == Strings{"73 csv_ragged_row", "105 csv_ragged_row", "183 missing_type",
                                    "213 missing_time", "228 bad_time"});
  CHECK(decoded.evidence.front() ==
        R"({"type":"login","ts":"2026-01-01T00:00:01.000Z","time":"2026-01-01T00:00:01Z",)"
        R"("account.owner":"bob","n":1,"unread":"x"})");
  CHECK(decoded.totals.records == 8);
  CHECK(decoded.totals.rejected == 5);
  CHECK(decoded.totals.by_reason[static_cast<std::size_t>(RejectReason::kCsvRaggedRow)] == 2);
}

TEST_CASE("CSV: what makes a whole input unreadable") {
  const FieldPlan plan = make_plan({});
  struct Case {
    const char* header;
    const char* expected;
  };
  const Case cases[] = {
      {"ts,v,v\n", "the column v twice"},
      {"ts,,v\n", "a column without a name"},
      {"a,b\n1,2\n", "no column with a usual name of the time"},
      {"ts,\"v\n1,2\n", "csv_bad_quote"},
      {"1,2\n3,4\n", "usual name of the time"},
      {"ts;v\n1;2\n", "parted by commas, not by ;"},
      {"ts\tv\n1\t2\n", "parted by commas, not by tabs"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.header));
    const Decoded decoded = decode(c.header, csv(), plan);
    CHECK(decoded.open_error.starts_with("log: "));
    CHECK(decoded.open_error.find(c.expected) != std::string::npos);
  }
  CHECK(decode("ts,v\n1,2\n", csv(""), plan).open_error.find("no column type") !=
        std::string::npos);
  LogOptions options = csv();
  options.codec.time_field = "when";
  CHECK(decode("ts,v\n1,2\n", options, plan).open_error.find("no column when") !=
        std::string::npos);
  // An empty file is no fault.
  CHECK(decode("", csv(), plan).open_error == "");
  CHECK(decode("\xEF\xBB\xBF\n", csv(), plan).events.empty());
}

TEST_CASE("CSV: the schema gives columns their types") {
  const FieldPlan plan = make_plan({{"m", {"s", "f", "b", "t", "i"}}});
  LogOptions options = csv();
  auto schema = std::make_shared<Schema>();
  auto& fields = schema->types["m"].fields;
  fields["s"] = {ValueType::kString, false};
  fields["f"] = {ValueType::kFloat, false};
  fields["b"] = {ValueType::kBool, false};
  fields["t"] = {ValueType::kTimestamp, false};
  fields["i"] = {ValueType::kInt, false};
  options.codec.schema = schema;
  const Decoded decoded = decode(
      "ts,s,f,b,t,i\n1,17,3,true,2026-01-01,1234567890123456789\n2,,,,,\n3,x,y,true,0,1\n"
      "4,x,1,yes,0,1\n5,x,1,true,then,1\n6,x,1,true,0,1.5\n",
      options, plan);
  CHECK(decoded.events ==
        Strings{R"(m|1970-01-01T00:00:01.000Z|s="17"|f=3.0|b=true|t="2026-01-01T00:00:00.000Z")"
                "|i=1234567890123456789",
                "m|1970-01-01T00:00:02.000Z|s=null|f=null|b=null|t=null|i=null"});
  CHECK(decoded.totals.by_reason[static_cast<std::size_t>(RejectReason::kBadValue)] == 4);
  CHECK(decoded.evidence.front().find("\"s\":\"17\",\"f\":3.0,\"b\":true") != std::string::npos);
}

TEST_CASE("CSV: another delimiter") {
  const FieldPlan plan = make_plan({{"m", {"v", "w"}}});
  LogOptions options = csv();
  options.codec.csv_delimiter = ';';
  const Decoded decoded = decode("ts;v;w\n1;\"a;b\";c,d\n", options, plan);
  CHECK(decoded.events == Strings{R"(m|1970-01-01T00:00:01.000Z|v="a;b"|w="c,d")"});
}

}  // namespace
}  // namespace weir::connectors
