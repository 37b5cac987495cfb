#include "support.hpp"

namespace weir::connectors {
namespace {

using test::decode;
using test::Decoded;
using test::make_plan;
using test::Strings;
using test::with_format;

/// Evidence of one line less "type" and "ts", with these before it; or the reason.
std::string evidence(LogFormat format, const std::string& line, std::int64_t year = 1970) {
  LogOptions options = with_format(format);
  options.codec.year = year;
  const FieldPlan plan = make_plan({});
  const Decoded decoded = decode(line, options, plan);
  REQUIRE(decoded.open_error == "");
  if (!decoded.rejected.empty()) return decoded.rejected.front().substr(2);
  REQUIRE(decoded.evidence.size() == 1);
  return decoded.evidence.front();
}

struct Case {
  const char* line;
  const char* expected;
};

TEST_CASE("syslog") {
  const Case cases[] = {
      {"Mar 27 13:06:56 web1 sshd[1291]: Server listening on 0.0.0.0 port 22.",
       R"({"type":"syslog","ts":"1970-03-27T13:06:56.000Z","host":"web1","program":"sshd","pid":1291,"message":"Server listening on 0.0.0.0 port 22."})"},
      {"Jan  1 00:00:02 web1 kernel: Accepted nothing",
       R"({"type":"syslog","ts":"1970-01-01T00:00:02.000Z","host":"web1","program":"kernel","message":"Accepted nothing"})"},
      {"<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
       R"({"type":"syslog","ts":"1970-10-11T22:14:15.000Z","host":"mymachine","program":"su","message":"'su root' failed","facility":4,"severity":2})"},
      {"Mar 27 13:06:56 h last message repeated 3 times",
       R"({"type":"syslog","ts":"1970-03-27T13:06:56.000Z","host":"h","message":"last message repeated 3 times"})"},
      {"Mar 27 13:06:56 h su(pam_unix)[12]: x: y",
       R"j({"type":"syslog","ts":"1970-03-27T13:06:56.000Z","host":"h","program":"su(pam_unix)","pid":12,"message":"x: y"})j"},
      {"Mar 27 13:06:56 sshd[7]: no host",
       R"({"type":"syslog","ts":"1970-03-27T13:06:56.000Z","program":"sshd","pid":7,"message":"no host"})"},
      {"Mar 27 13:06:56 h p[abc]: x",
       R"({"type":"syslog","ts":"1970-03-27T13:06:56.000Z","host":"h","program":"p","message":"x"})"},
      {"Mar 27 13:06:56 h p:",
       R"({"type":"syslog","ts":"1970-03-27T13:06:56.000Z","host":"h","program":"p","message":""})"},
      {"2023-01-01T00:00:00.123456+01:00 h p[1]: x",
       R"({"type":"syslog","ts":"2022-12-31T23:00:00.123456Z","host":"h","program":"p","pid":1,"message":"x"})"},
      {"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed",
       R"({"type":"syslog","ts":"2003-10-11T22:14:15.003Z","host":"mymachine.example.com","program":"su","message":"'su root' failed","facility":4,"severity":2,"msgid":"ID47"})"},
      {"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - [a@1 x=\"1\\\"]\"][b] msg",
       R"({"type":"syslog","ts":"2003-08-24T12:14:15.000003Z","host":"192.0.2.1","program":"myproc","pid":8710,"message":"msg","facility":20,"severity":5,"data":"[a@1 x=\"1\\\"]\"][b]"})"},
      {"1 2003-10-11T22:14:15Z - - - - -",
       R"({"type":"syslog","ts":"2003-10-11T22:14:15.000Z","message":""})"},
      {"<34>1 - h p - - - x", "missing_time"},
      {"<34>1 2003-13-11T22:14:15Z h p - - - x", "bad_time"},
      {"<34>1 2003-10-11T22:14:15Z h p - - [open x", "syslog_invalid"},
      {"<999>Oct 11 22:14:15 h p: x", "syslog_invalid"},
      {"<>Oct 11 22:14:15 h p: x", "syslog_invalid"},
      {"Foo 27 13:06:56 h p: x", "syslog_invalid"},
      {"Mar 32 13:06:56 h p: x", "bad_time"},
      {"Feb 29 13:06:56 h p: x", "bad_time"},
      {"Mar 27 25:06:56 h p: x", "bad_time"},
      {"Mar 27 13:06:56", "syslog_invalid"},
      {"nothing of the kind", "syslog_invalid"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.line));
    CHECK(evidence(LogFormat::kSyslog, c.line) == c.expected);
  }
  CHECK(evidence(LogFormat::kSyslog, "Feb 29 13:06:56 h p: x", 2024).find("2024-02-29T13") !=
        std::string::npos);
}

TEST_CASE("syslog: the year is given, and the next one begins where the log does") {
  const FieldPlan plan = make_plan({});
  LogOptions options = with_format(LogFormat::kSyslog);
  options.codec.year = 2023;
  const std::string log =
      "Nov 30 10:00:00 h p: x\nDec 31 23:59:59 h p: x\nJan  1 00:00:01 h p: x\n"
      "Dec 31 23:59:58 h p: late\nFeb 29 00:00:00 h p: x\nJan 15 00:00:00 h p: x\n";
  Strings times;
  for (const std::string& event : decode(log, options, plan).events) {
    times.push_back(event.substr(event.find('|') + 1));
  }
  CHECK(times == Strings{"2023-11-30T10:00:00.000Z", "2023-12-31T23:59:59.000Z",
                         "2024-01-01T00:00:01.000Z", "2023-12-31T23:59:58.000Z",
                         "2024-02-29T00:00:00.000Z", "2024-01-15T00:00:00.000Z"});
  options.codec.year_rollover = false;
  CHECK(decode("Dec 31 23:59:59 h p: x\nJan  1 00:00:01 h p: x", options, plan).events.back() ==
        "syslog|2023-01-01T00:00:01.000Z");
  std::string error;
  options.codec.time.zone = Zone::find("America/New_York", error);
  CHECK(decode("Jul  1 00:00:00 h p: x", options, plan).events.back() ==
        "syslog|2023-07-01T04:00:00.000Z");
}

TEST_CASE("access logs") {
  const Case cases[] = {
      {R"j(83.149.9.216 - - [17/May/2015:10:05:03 +0200] "GET /a?b=c HTTP/1.1" 200 203023 "http://x.com/" "Mozilla/5.0 (X)")j",
       R"j({"type":"access","ts":"2015-05-17T08:05:03.000Z","ip":"83.149.9.216","request":"GET /a?b=c HTTP/1.1","method":"GET","path":"/a?b=c","protocol":"HTTP/1.1","status":200,"bytes":203023,"referrer":"http://x.com/","user_agent":"Mozilla/5.0 (X)"})j"},
      {R"(::1 id bob [17/May/2015:10:05:03 +0000] "POST /x y HTTP/1.0" 404 -)",
       R"({"type":"access","ts":"2015-05-17T10:05:03.000Z","ip":"::1","ident":"id","user":"bob","request":"POST /x y HTTP/1.0","method":"POST","path":"/x y","protocol":"HTTP/1.0","status":404})"},
      {R"(1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET /a\"b\\ HTTP/1.1" 200 1 "-" "say \"hi\"" 0.123)",
       R"({"type":"access","ts":"2015-05-17T10:05:03.000Z","ip":"1.2.3.4","request":"GET /a\"b\\ HTTP/1.1","method":"GET","path":"/a\"b\\","protocol":"HTTP/1.1","status":200,"bytes":1,"user_agent":"say \"hi\""})"},
      {R"(1.2.3.4 - - [17/May/2015:10:05:03 +0000] "\x16\x03\x01" 400 226)",
       R"({"type":"access","ts":"2015-05-17T10:05:03.000Z","ip":"1.2.3.4","request":"\\x16\\x03\\x01","status":400,"bytes":226})"},
      {R"(1.2.3.4 - - [17/May/2015:10:05:03 +0000] "-" 408 0)",
       R"({"type":"access","ts":"2015-05-17T10:05:03.000Z","ip":"1.2.3.4","status":408,"bytes":0})"},
      {R"(1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET /old" 200 5)",
       R"({"type":"access","ts":"2015-05-17T10:05:03.000Z","ip":"1.2.3.4","request":"GET /old","method":"GET","path":"/old","status":200,"bytes":5})"},
      {R"(1.2.3.4 - - [17/Foo/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5)", "bad_time"},
      {R"(1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" abc 5)", "access_log_invalid"},
      {R"(1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1)", "access_log_invalid"},
      {R"(1.2.3.4 - - 17/May/2015:10:05:03 "GET / HTTP/1.1" 200 5)", "access_log_invalid"},
      {"x", "access_log_invalid"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.line));
    CHECK(evidence(LogFormat::kAccessLog, c.line) == c.expected);
  }
}

TEST_CASE("text: the time is at the start of the line") {
  const Case cases[] = {
      {"2026-01-01T00:00:05Z one",
       R"({"type":"text","ts":"2026-01-01T00:00:05.000Z","line":"2026-01-01T00:00:05Z one"})"},
      {"2026-01-01 00:00:05,250 one",
       R"({"type":"text","ts":"2026-01-01T00:00:05.250Z","line":"2026-01-01 00:00:05,250 one"})"},
      {"one", "missing_time"},
      {"9999-01-01T00:00:05Z one", "time_out_of_range"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.line));
    CHECK(evidence(LogFormat::kText, c.line) == c.expected);
  }
}

TEST_CASE("text: bytes that are no UTF-8 are replaced, matched and counted; NUL stays") {
  const FieldPlan plan = make_plan({{"text", {"line"}}});
  using namespace std::string_literals;
  const Decoded decoded = decode(
      "2026-01-01 a\xff\xc0"
      "b\0c\n2026-01-01 fine\n"s,
      with_format(LogFormat::kText), plan);
  CHECK(decoded.events ==
        Strings{"text|2026-01-01T00:00:00.000Z|line=\"2026-01-01 a\uFFFD\uFFFDb\\u0000c\"",
                "text|2026-01-01T00:00:00.000Z|line=\"2026-01-01 fine\""});
  CHECK(decoded.totals.replaced_utf8 == 2);
  CHECK(decoded.evidence.front().find("a\uFFFD\uFFFDb\\u0000c") != std::string::npos);
}

TEST_CASE("regex: named groups are fields, one of them the time") {
  const FieldPlan plan = make_plan({{"text", {"user", "n"}}, {"login", {"n"}}});
  LogOptions options = with_format(LogFormat::kAuto);
  options.codec.pattern = R"(^(?<ts>\S+) (?<what>\w+) (?<user>\w+)(?: (?<n>\S+))?$)";
  Decoded decoded = decode(
      "2026-01-01T00:00:00Z login bob 7\n1 login bob 007\n2 login bob\nnothing\n", options, plan);
  CHECK(decoded.open_error == "");
  CHECK(decoded.events == Strings{R"(text|2026-01-01T00:00:00.000Z|user="bob"|n=7)",
                                  R"(text|1970-01-01T00:00:01.000Z|user="bob"|n="007")",
                                  R"(text|1970-01-01T00:00:02.000Z|user="bob"|n=null)"});
  CHECK(decoded.rejected == Strings{"61 pattern_no_match"});
  options.codec.type_field = "what";
  decoded = decode("1 login bob 7\n", options, plan);
  CHECK(decoded.events == Strings{"login|1970-01-01T00:00:01.000Z|n=7"});
  options.codec.time_field = "n";
  decoded = decode("1 login bob 7\n2 login bob\n", options, plan);
  CHECK(decoded.events == Strings{"login|1970-01-01T00:00:07.000Z|n=7"});
  CHECK(decoded.rejected == Strings{"14 missing_time"});

  options.codec.type_field = "none";
  CHECK(decode("", options, plan).open_error.find("no field none") != std::string::npos);
  options.codec.time_field = "none";
  CHECK(decode("", options, plan).open_error.find("no group none") != std::string::npos);
  options.codec.pattern = "(a+";
  CHECK(decode("", options, plan).open_error.find("no regular expression") != std::string::npos);
  options.codec.time_field = "";
  options.codec.pattern = "(?<a>x)";
  CHECK(decode("", options, plan).open_error.find("no group with the time") != std::string::npos);
}

std::shared_ptr<FormatSpec> sshd() {
  auto spec = std::make_shared<FormatSpec>();
  spec->name = "sshd";
  spec->base = LogFormat::kSyslog;
  spec->on = "message";
  spec->lines = {
      {"ssh_failed",
       R"(Failed password for (?<invalid>invalid user )?(?<user>\S+) from (?<ip>\S+) port (?<port>\d+))",
       {{"port", ValueType::kInt}}},
      {"ssh_ok", R"(Accepted (?<method>\S+) for (?<user>\S+) from (?<ip>\S+))", {}}};
  return spec;
}

TEST_CASE("formats: the first expression that matches gives type and fields beside the base's") {
  const FieldPlan plan =
      make_plan({{"ssh_failed", {"user", "ip", "port", "invalid", "host", "pid"}},
                 {"ssh_ok", {"method", "user"}},
                 {"unparsed", {"program", "message"}}});
  LogOptions options;
  options.codec.spec = sshd();
  const Decoded decoded = decode(
      "Jan  1 00:00:01 web1 sshd[100]: Failed password for root from 10.0.0.1 port 4001 ssh2\n"
      "Jan  1 00:00:02 web1 sshd[101]: Failed password for invalid user bob from 10.0.0.1 port "
      "99999999999999999999 ssh2\n"
      "Jan  1 00:00:03 web1 CRON[102]: session opened\n"
      "Jan  1 00:00:04 web1 sshd[103]: Accepted password for root from 10.0.0.1 port 4003 ssh2\n"
      "no syslog\n",
      options, plan);
  CHECK(
      decoded.events ==
      Strings{
          R"(ssh_failed|1970-01-01T00:00:01.000Z|user="root"|ip="10.0.0.1"|port=4001|invalid=null|host="web1"|pid=100)",
          R"(ssh_failed|1970-01-01T00:00:02.000Z|user="bob"|ip="10.0.0.1"|port=null|invalid="invalid user "|host="web1"|pid=101)",
          R"(unparsed|1970-01-01T00:00:03.000Z|program="CRON"|message="session opened")",
          R"(ssh_ok|1970-01-01T00:00:04.000Z|method="password"|user="root")"});
  CHECK(decoded.rejected.size() == 1);
  CHECK(decoded.evidence.front() ==
        R"({"type":"ssh_failed","ts":"1970-01-01T00:00:01.000Z","host":"web1","program":"sshd",)"
        R"("pid":100,"message":"Failed password for root from 10.0.0.1 port 4001 ssh2",)"
        R"("user":"root","ip":"10.0.0.1","port":4001})");
}

TEST_CASE("formats over text: with a known time the line needs none") {
  auto spec = std::make_shared<FormatSpec>();
  spec->name = "plain";
  spec->base = LogFormat::kText;
  spec->lines = {{"temp",
                  R"(temp=(?<v>\S+) ok=(?<ok>\S+) id=(?<id>\S+))",
                  {{"v", ValueType::kFloat}, {"ok", ValueType::kBool}}},
                 {"first", "^one", {}},
                 {"second", "one|two", {}}};
  const FieldPlan plan = make_plan({{"temp", {"v", "ok", "id"}}, {"unparsed", {"line"}}});
  CodecOptions options;
  options.spec = spec;
  std::string error;
  const auto codec = make_codec(options, plan, error);
  REQUIRE_MESSAGE(codec != nullptr, error);
  const auto read = [&](const std::string& line) {
    ValueArena arena;
    Event event;
    std::string detail;
    const Timestamp known{5 * kNsPerSecond};
    REQUIRE(codec->decode(line, &known, arena, event, detail) == RejectReason::kNone);
    return test::show(event, plan);
  };
  CHECK(read("one and two") == "first|1970-01-01T00:00:05.000Z");
  CHECK(read("not one") == "second|1970-01-01T00:00:05.000Z");
  CHECK(read("three") == "unparsed|1970-01-01T00:00:05.000Z|line=\"three\"");
  CHECK(read("temp=21.5 ok=true id=7") == "temp|1970-01-01T00:00:05.000Z|v=21.5|ok=true|id=\"7\"");
  CHECK(read("temp=19 ok=no id=7") == "temp|1970-01-01T00:00:05.000Z|v=19.0|ok=null|id=\"7\"");
  CHECK(read("temp=hot ok=false id=7") == "temp|1970-01-01T00:00:05.000Z|v=null|ok=false|id=\"7\"");
}

TEST_CASE(
    "formats over JSON: a text in the record gives the type; without expressions its own does") {
  auto spec = std::make_shared<FormatSpec>();
  spec->name = "records";
  spec->base = LogFormat::kNdjson;
  LogOptions options;
  options.codec.spec = spec;
  const FieldPlan plan = make_plan({{"slow", {"ms", "host"}}, {"login", {"user"}}});
  CHECK(decode(R"({"ts": 1, "type": "login", "user": "ann"})", options, plan).events ==
        Strings{R"(login|1970-01-01T00:00:01.000Z|user="ann")"});

  auto texts = std::make_shared<FormatSpec>(*spec);
  texts->on = "log.text";
  texts->lines = {{"slow", R"(took (?<ms>\d+) ms)", {{"ms", ValueType::kInt}}}};
  options.codec.spec = texts;
  const Decoded decoded =
      decode(R"({"ts": 1, "host": "h1", "log": {"text": "GET / took 150 ms"}})"
             "\n"
             R"({"ts": 2, "host": "h1", "type": "slow", "ms": 500, "log": {"text": "nothing"}})"
             "\n"
             R"({"ts": 3, "log.text": "took 7 ms", "ms": 1})"
             "\n"
             R"({"ts": 4, "log": 5})"
             "\n"
             R"({"ts": 5, "log": {"text": "x", "text": "y"}})",
             options, plan);
  CHECK(decoded.events == Strings{R"(slow|1970-01-01T00:00:01.000Z|ms=150|host="h1")",
                                  "unparsed|1970-01-01T00:00:02.000Z",
                                  "slow|1970-01-01T00:00:03.000Z|ms=7|host=null",
                                  "unparsed|1970-01-01T00:00:04.000Z"});
  CHECK(decoded.totals.by_reason[static_cast<std::size_t>(RejectReason::kDuplicateKey)] == 1);
  CHECK(
      decoded.evidence[0] ==
      R"({"type":"slow","ts":"1970-01-01T00:00:01.000Z","host":"h1","log":{"text": "GET / took 150 ms"},"ms":150})");
  CHECK(decoded.evidence[2] ==
        R"({"type":"slow","ts":"1970-01-01T00:00:03.000Z","log.text":"took 7 ms","ms":7})");
}

TEST_CASE("formats that cannot be") {
  const FieldPlan plan = make_plan({});
  const auto error_of = [&](auto change) {
    CodecOptions options;
    auto spec = sshd();
    change(*spec);
    options.spec = spec;
    std::string error;
    CHECK(make_codec(options, plan, error) == nullptr);
    return error;
  };
  CHECK(error_of([](FormatSpec& s) { s.lines[0].match = "(?=x)"; }).find("ssh_failed") !=
        std::string::npos);
  CHECK(error_of([](FormatSpec& s) {
          s.lines[1].types = {{"x", ValueType::kInt}};
        }).find("no group x") != std::string::npos);
  CHECK(error_of([](FormatSpec& s) { s.on = "none"; }).find("no field none") != std::string::npos);
}

TEST_CASE("expressions: groups written with (?<name>") {
  const auto groups = [](std::string_view text) { return inspect_expression(text).groups; };
  CHECK(groups("(?<a>x)(?P<b>y)(z)") == Strings{"a", "b"});
  CHECK(groups(R"(\(?<a>x|[(?<b>]y(?<c>z))") == Strings{"c"});
  CHECK(groups(R"([]()?<a>](?<b>x))") == Strings{"b"});
  CHECK(groups(R"(\Q(?<a>\E(?<b>x))") == Strings{"b"});
  for (const char* bad : {"(?<=x)y", "(?<!x)y", "(a", R"((a)\1)", "(?<a>x)(?<a>y)", "a{2000}"}) {
    CAPTURE(std::string(bad));
    CHECK_FALSE(inspect_expression(bad).error.empty());
  }
  CHECK(inspect_expression("(a+)+$").error.empty());
}

TEST_CASE("the format of a log is told by its first lines") {
  struct Detected {
    const char* bytes;
    const char* path;
    LogFormat format;
  };
  const Detected cases[] = {
      {"{\"a\":1}\n", "x.log", LogFormat::kNdjson},
      {"  {\"a\":1}", "-", LogFormat::kNdjson},
      {"broken\n{\"a\":1}\n{\"a\":1}\n", "x", LogFormat::kNdjson},
      {"", "x.csv", LogFormat::kCsv},
      {"", "x", LogFormat::kText},
      {"", "x.ndjson.gz", LogFormat::kNdjson},
      {"timestamp,value\n2015-07-10 14:24:00,564\n", "x", LogFormat::kCsv},
      {"a,b\n1,2,3\n", "x", LogFormat::kText},
      {"ts\n1\n", "x.csv.zst", LogFormat::kCsv},
      {"Mar 27 13:06:56 web1 sshd[1291]: x, y\n", "x", LogFormat::kSyslog},
      {"<34>1 2003-10-11T22:14:15.003Z h su - ID47 - x\n", "x", LogFormat::kSyslog},
      {"1.2.3.4 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 5\n", "x",
       LogFormat::kAccessLog},
      {"2026-01-01T00:00:00 something, else\n", "x", LogFormat::kText},
      {"hello\n", "x", LogFormat::kText},
  };
  for (const Detected& c : cases) {
    CAPTURE(std::string(c.bytes));
    CHECK(to_string(detect_format(c.bytes, c.path)) == to_string(c.format));
  }
  CHECK(parse_log_format("access-log") == LogFormat::kAccessLog);
  CHECK_FALSE(parse_log_format("xml"));
}

}  // namespace
}  // namespace weir::connectors
