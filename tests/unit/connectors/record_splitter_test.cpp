// Bytes that come piece by piece, and syslog's two framings.

#include "input/record_splitter.hpp"
#include "live_support.hpp"

namespace weir::connectors {
namespace {

using test::Strings;

constexpr std::size_t kAll = 1'000'000;

void feed(RecordSplitter& splitter, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> room = splitter.room(16);
    REQUIRE(!room.empty());
    const std::size_t n = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), n, room.begin());
    splitter.added(n);
    bytes.remove_prefix(n);
  }
}

/// "offset:text", "offset!reason" of what can be taken.
Strings take(RecordSplitter& splitter, std::size_t max_records = kAll) {
  Strings all;
  RecordBlock block;
  while (splitter.take(block, max_records)) {
    CHECK(block.records.size() <= max_records);
    for (const RawRecord& record : block.records) {
      const bool fine = record.fault == RejectReason::kNone;
      all.push_back(std::to_string(record.offset) + (fine ? ":" : "!") +
                    std::string(fine ? record.bytes : to_string(record.fault)));
    }
  }
  return all;
}

/// The whole text, in pieces of `step` bytes.
Strings split(std::string_view text, RecordFraming framing, std::size_t step,
              std::size_t max_bytes = kMaxRecordBytes) {
  RecordSplitter splitter(framing, ',', max_bytes);
  Strings all;
  for (std::size_t at = 0; at < text.size(); at += step) {
    feed(splitter, text.substr(at, step));
    for (std::string& record : take(splitter)) all.push_back(std::move(record));
  }
  splitter.end();
  for (std::string& record : take(splitter)) all.push_back(std::move(record));
  return all;
}

TEST_CASE("a record is held until its end comes") {
  RecordSplitter splitter(RecordFraming::kLines);
  feed(splitter, "a\nbc");
  CHECK(take(splitter) == Strings{"0:a"});
  feed(splitter, "d");
  CHECK(take(splitter).empty());
  CHECK(splitter.held() == "bcd");
  CHECK(splitter.offset() == 2);
  feed(splitter, "\r\n\n\ne\n");
  CHECK(take(splitter) == Strings{"2:bcd", "9:e"});
  feed(splitter, "f");
  splitter.end();
  CHECK(take(splitter) == Strings{"11:f"});
  splitter.begin_anew();
  feed(splitter, "\xEF\xBB\xBFg\n");
  CHECK(take(splitter) == Strings{"15:g"});
  CHECK(splitter.offset() == 17);
}

TEST_CASE("what breaks off is told from what ends") {
  RecordSplitter splitter(RecordFraming::kLines);
  feed(splitter, "a\nb");
  splitter.end(true);
  CHECK(take(splitter) == Strings{"0:a", "2!truncated_record"});
}

TEST_CASE("pieces of any size and blocks of any number give the same records") {
  const std::string_view lines =
      "\xEF\xBB\xBF"
      "one\n\ntwo\r\n\n\nthree\nfour";
  const std::string_view csv = "a,b\n\"x\ny\",2\n\"bad\"q,1\nz,\"\"\"\"\n";
  const Strings lines_expected = split(lines, RecordFraming::kLines, lines.size());
  const Strings csv_expected = split(csv, RecordFraming::kCsv, csv.size());
  CHECK(lines_expected.size() == 4);
  CHECK(csv_expected.size() == 4);
  for (std::size_t step = 1; step < lines.size(); ++step) {
    CHECK(split(lines, RecordFraming::kLines, step) == lines_expected);
    CHECK(split(csv, RecordFraming::kCsv, step) == csv_expected);
  }
  for (std::size_t max = 1; max < 5; ++max) {
    for (const auto& [text, framing, expected] :
         {std::tuple(lines, RecordFraming::kLines, lines_expected),
          std::tuple(csv, RecordFraming::kCsv, csv_expected)}) {
      RecordSplitter splitter(framing);
      feed(splitter, text);
      splitter.end();
      CHECK(take(splitter, max) == expected);
    }
  }
}

TEST_CASE("syslog messages are counted or lines, each by itself") {
  struct Case {
    std::string_view text;
    Strings expected;
  };
  const Case cases[] = {
      {"5 <1>ab6 <13>xy", {"2:<1>ab", "9:<13>xy"}},
      {"<1>one\n<2>two\r\n", {"0:<1>one", "7:<2>two"}},
      {"<1>one\n5 <2>ab<3>three\n", {"0:<1>one", "9:<2>ab", "14:<3>three"}},
      // A line end that belongs to a message, and one behind it.
      {"7 <1>a\nbc\n6 <2>ab\n<3>d", {"2:<1>a\nbc", "12:<2>ab", "18:<3>d"}},
      // No lengths: no '<' behind, a leading 0, too many digits.
      {"12 Jan x\n0 <1>\n1234567890 <1>\n", {"0:12 Jan x", "9:0 <1>", "15:1234567890 <1>"}},
      {"9 <1>ab", {"2!truncated_record"}},
      {"", {}},
      {"7", {"0:7"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    for (std::size_t step = 1; step <= c.text.size() + 1; ++step) {
      CHECK(split(c.text, RecordFraming::kSyslog, step) == c.expected);
    }
  }
}

TEST_CASE("records that are too long are refused, in every framing, and the next is fine") {
  const std::string longer(3000, 'x');
  for (const std::size_t step : {1U, 7U, 100U, 5000U}) {
    CAPTURE(step);
    CHECK(split("a\n" + longer + "\nb\n", RecordFraming::kLines, step, 2000) ==
          Strings{"0:a", "2!record_too_long", "3003:b"});
    CHECK(split("<1>a\n" + longer + "\n<2>b\n", RecordFraming::kSyslog, step, 2000) ==
          Strings{"0:<1>a", "5!record_too_long", "3006:<2>b"});
    CHECK(split("3000 <" + longer.substr(1) + "4 <2>b", RecordFraming::kSyslog, step, 2000) ==
          Strings{"5!record_too_long", "3007:<2>b"});
  }
  // So does one whose end never comes; what is held stays bounded.
  RecordSplitter splitter(RecordFraming::kLines, ',', 2000);
  Strings all;
  for (int i = 0; i < 100; ++i) {
    feed(splitter, longer);
    for (std::string& record : take(splitter)) all.push_back(std::move(record));
    CHECK(splitter.held().size() <= 2000);
    CHECK(splitter.capacity() <= 20'000);
  }
  CHECK(all == Strings{"0!record_too_long"});
}

TEST_CASE("a stream that is entered in the middle of a line gives the lines after it") {
  RecordSplitter splitter(RecordFraming::kLines);
  splitter.start_at(100);
  splitter.start_inside_line();
  feed(splitter, "rest");
  feed(splitter, " of it\nnext\n");
  CHECK(take(splitter) == Strings{"111:next"});
}

TEST_CASE("messages that are no lines are not announced as lines") {
  RecordSplitter splitter(RecordFraming::kSyslog);
  feed(splitter, "5 <1>ab6 <13>xy");
  RecordBlock block;
  REQUIRE(splitter.take(block, kAll));
  CHECK(block.records.size() == 2);
  CHECK(block.readable().empty());
}

}  // namespace
}  // namespace weir::connectors
