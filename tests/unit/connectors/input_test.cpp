// Streams and records: compression, offsets, line ends, bounds.

#include <zstd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "gzip.hpp"
#include "support.hpp"

namespace weir::connectors {
namespace {

using test::gzip;
using test::Strings;

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t n = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
  REQUIRE(ZSTD_isError(n) == 0);
  out.resize(n);
  return out;
}

struct ReadResult {
  std::string text;
  StreamFault fault;
};

ReadResult read_all(std::string_view stored, std::size_t chunk = kReadBytes,
                    std::size_t step = 1000) {
  auto stream = unwrap_byte_stream(memory_byte_stream(stored, chunk), "log");
  ReadResult result;
  std::string buffer(step, '\0');
  while (const std::size_t n = stream->read(buffer)) result.text.append(buffer, 0, n);
  result.fault = stream->error().fault;
  CHECK(stream->stored_bytes_total() == stored.size());
  if (result.fault == StreamFault::kNone) CHECK(stream->stored_bytes_read() == stored.size());
  return result;
}

std::string many_lines(std::size_t n) {
  std::string text;
  std::uint64_t random = 1;
  for (std::size_t i = 0; i < n; ++i) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    text += "line " + std::to_string(random >> 20U) + "\n";
  }
  return text;
}

TEST_CASE("streams are unwrapped by their first bytes") {
  const std::string text = many_lines(20'000);
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, kReadBytes}) {
    CAPTURE(chunk);
    for (const std::string& stored :
         {text, gzip(text), zstd(text), gzip(text.substr(0, 1000)) + gzip(text.substr(1000)),
          zstd(text.substr(0, 1000)) + zstd(text.substr(1000)), gzip(text) + std::string(100, '\0'),
          gzip("") + gzip(text) + gzip("")}) {
      const ReadResult result = read_all(stored, chunk);
      CHECK((result.text == text));
      CHECK(result.fault == StreamFault::kNone);
    }
  }
  for (const std::string_view tiny : {"", "\x1f", "\x28\xb5\x2f", "x", "\x1fx", "{}"}) {
    const ReadResult result = read_all(tiny);
    CHECK(result.text == tiny);
    CHECK(result.fault == StreamFault::kNone);
  }
}

TEST_CASE("a compressed stream that breaks off gives what it had, then a named error") {
  const std::string text = many_lines(50'000);
  for (const std::string& whole : {gzip(text), zstd(text)}) {
    for (const std::size_t keep : {whole.size() / 2, whole.size() - 1, whole.size() - 5}) {
      CAPTURE(keep);
      const ReadResult result = read_all(std::string_view(whole).substr(0, keep));
      CHECK(result.fault == StreamFault::kTruncated);
      CHECK((text.starts_with(result.text)));
      CHECK(result.text.size() > text.size() / 4);
    }
  }
  // Broken off inside the second member.
  const std::string two = gzip(text) + gzip(text);
  CHECK(read_all(std::string_view(two).substr(0, two.size() - 20)).fault ==
        StreamFault::kTruncated);
  CHECK(read_all(gzip(text) + "garbage").fault == StreamFault::kCorrupt);
  CHECK((read_all(gzip(text) + "garbage").text == text));
  CHECK(read_all(zstd(text) + "garbage").fault == StreamFault::kCorrupt);
  std::string damaged = gzip(text);
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  CHECK(read_all(damaged).fault == StreamFault::kCorrupt);
}

TEST_CASE("files: a wrong suffix is fine, a folder is not") {
  const auto folder = std::filesystem::temp_directory_path() / "weir-input-test";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "packed.log").string();
  std::ofstream(path, std::ios::binary) << gzip("one\ntwo\n");
  StreamError error;
  auto stream = open_byte_stream(path, error);
  REQUIRE(stream != nullptr);
  std::string buffer(100, '\0');
  CHECK(stream->read(buffer) == 8);
  CHECK(buffer.substr(0, 8) == "one\ntwo\n");

  CHECK(open_byte_stream(folder.string(), error) == nullptr);
  CHECK(error.fault == StreamFault::kNotReadable);
  CHECK(open_byte_stream((folder / "none").string(), error) == nullptr);
  CHECK(error.fault == StreamFault::kNotFound);
  CHECK(error.message.find("none") != std::string::npos);
  CHECK(to_string(error.fault) == "not_found");
  std::filesystem::remove_all(folder);
}

/// "offset:text" of each record, "offset!reason" of those at fault.
Strings records(std::string_view text, RecordFraming framing = RecordFraming::kLines,
                std::size_t chunk = kReadBytes) {
  RecordReader reader(memory_byte_stream(text, chunk), framing);
  RecordBlock block;
  Strings all;
  while (reader.next(block)) {
    for (const RawRecord& record : block.records) {
      const bool fine = record.fault == RejectReason::kNone;
      all.push_back(std::to_string(record.offset) + (fine ? ":" : "!") +
                    std::string(fine ? record.bytes : to_string(record.fault)));
    }
  }
  CHECK(reader.offset() == text.size());
  return all;
}

TEST_CASE("records are lines, with their offsets") {
  struct Case {
    std::string_view text;
    Strings expected;
  };
  using namespace std::string_literals;
  const Case cases[] = {
      {"", {}},
      {"\n", {}},
      {"a", {"0:a"}},
      {"a\n", {"0:a"}},
      {"a\nb", {"0:a", "2:b"}},
      {"a\r\nb\r\n", {"0:a", "3:b"}},
      {"a\rb\nc\r", {"0:a\rb", "4:c\r"}},
      {"a\n\n\r\nb\n", {"0:a", "5:b"}},
      {"\xEF\xBB\xBF", {}},
      {"\xEF\xBB\xBF"
       "a\nb\n",
       {"3:a", "5:b"}},
      {"a\n\xEF\xBB\xBF"
       "b\n",
       {"0:a",
        "2:\xEF\xBB\xBF"
        "b"}},
      {std::string_view("a\0b\nc\n", 6), {"0:a\0b"s, "4:c"}},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.text));
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{2}, kReadBytes}) {
      CHECK(records(c.text, RecordFraming::kLines, chunk) == c.expected);
    }
  }
}

TEST_CASE("records of CSV hold line ends inside quotes; a bad quote spoils its own line") {
  struct Case {
    const char* text;
    Strings expected;
  };
  const Case cases[] = {
      {"a,b\n1,2\n", {"0:a,b", "4:1,2"}},
      {"a,\"b\nc\"\n1,2", {"0:a,\"b\nc\"", "8:1,2"}},
      {"\"a\r\nb\",\"c\"\"\nd\"\r\nx\r\n", {"0:\"a\r\nb\",\"c\"\"\nd\"", "16:x"}},
      {"5\" pipe,a\"b\nx\n", {"0:5\" pipe,a\"b", "12:x"}},
      {"\"open\na,b\nc,d\n", {"0!csv_bad_quote", "6:a,b", "10:c,d"}},
      {"x,\"a\"b\nc,d", {"0!csv_bad_quote", "7:c,d"}},
      {"x,\"a\nb\"c\nd,e\n", {"0!csv_bad_quote", "5:b\"c", "9:d,e"}},
      {"a,\"b\"", {"0:a,\"b\""}},
      {"a,\"b", {"0!csv_bad_quote"}},
      {"a,\"b\"\"", {"0!csv_bad_quote"}},
      {"\"\"\n\"\",\"\"\n", {"0:\"\"", "3:\"\",\"\""}},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.text));
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{3}, kReadBytes}) {
      CAPTURE(chunk);
      CHECK(records(c.text, RecordFraming::kCsv, chunk) == c.expected);
    }
  }
}

TEST_CASE("records across the borders of blocks") {
  std::string text;
  Strings expected;
  for (std::size_t i = 0; text.size() < 5 * kReadBytes; ++i) {
    const std::string line(i * 37 % 5000 + 1, static_cast<char>('a' + i % 26));
    expected.push_back(std::to_string(text.size()) + ":" + line);
    text += line + (i % 3 == 0 ? "\r\n" : "\n");
  }
  CHECK((records(text) == expected));
  CHECK((records(text, RecordFraming::kLines, 10'007) == expected));
  CHECK((records(text, RecordFraming::kCsv) == expected));
}

/// A stream that is never held in memory: `head`, then `filler` bytes of 'x', then `tail`.
class LongLine final : public ByteStream {
 public:
  LongLine(std::string head, std::uint64_t filler, std::string tail)
      : head_(std::move(head)), filler_(filler), tail_(std::move(tail)) {}
  std::size_t read(std::span<char> out) override {
    if (head_used_ < head_.size()) return copy(head_, head_used_, out);
    if (filler_ > 0) {
      const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), filler_));
      std::fill_n(out.data(), n, 'x');
      filler_ -= n;
      return n;
    }
    return copy(tail_, tail_used_, out);
  }
  const StreamError& error() const noexcept override { return error_; }
  std::uint64_t stored_bytes_read() const noexcept override { return 0; }
  std::uint64_t stored_bytes_total() const noexcept override { return 0; }

 private:
  static std::size_t copy(const std::string& from, std::size_t& used, std::span<char> out) {
    const std::size_t n = std::min(out.size(), from.size() - used);
    std::copy_n(from.data() + used, n, out.data());
    used += n;
    return n;
  }
  std::string head_;
  std::size_t head_used_ = 0;
  std::uint64_t filler_;
  std::string tail_;
  std::size_t tail_used_ = 0;
  StreamError error_;
};

TEST_CASE("a line of 100 MiB is refused, not held, and the next record is read") {
  constexpr std::uint64_t kFiller = 100 * 1024 * 1024;
  for (const RecordFraming framing : {RecordFraming::kLines, RecordFraming::kCsv}) {
    RecordReader reader(std::make_unique<LongLine>("first\nlong ", kFiller, " end\nlast\nmore"),
                        framing);
    RecordBlock block;
    Strings all;
    while (reader.next(block)) {
      CHECK(block.capacity <= 3 * kMaxRecordBytes);
      for (const RawRecord& record : block.records) {
        all.push_back(std::to_string(record.offset) + " " + std::string(to_string(record.fault)) +
                      " " + std::string(record.bytes.substr(0, 6)));
        if (record.fault != RejectReason::kNone) CHECK(record.bytes.size() == kKeptOfLongRecord);
      }
    }
    CHECK(all == Strings{"0  first", "6 record_too_long long x",
                         std::to_string(6 + 5 + kFiller + 5) + "  last",
                         std::to_string(6 + 5 + kFiller + 10) + "  more"});
  }
}

TEST_CASE("the longest record is the bound itself") {
  const auto fault_of = [](std::size_t size) {
    RecordReader reader(std::make_unique<LongLine>("", size, "\nz\n"), RecordFraming::kLines);
    RecordBlock block;
    REQUIRE(reader.next(block));
    return block.records.front().fault;
  };
  CHECK(fault_of(kMaxRecordBytes) == RejectReason::kNone);
  CHECK(fault_of(kMaxRecordBytes + 1) == RejectReason::kRecordTooLong);
}

TEST_CASE("a long line at the end of the log") {
  RecordReader reader(std::make_unique<LongLine>("", 2 * kMaxRecordBytes, ""),
                      RecordFraming::kLines);
  RecordBlock block;
  REQUIRE(reader.next(block));
  CHECK(block.records.front().fault == RejectReason::kRecordTooLong);
  CHECK_FALSE(reader.next(block));
}

TEST_CASE("a record that a broken stream cuts off is refused") {
  const std::string whole = zstd(many_lines(100'000));
  auto stream = unwrap_byte_stream(
      memory_byte_stream(std::string_view(whole).substr(0, whole.size() / 2)), "log");
  RecordReader reader(std::move(stream), RecordFraming::kLines);
  RecordBlock block;
  RawRecord last;
  std::size_t faults = 0;
  while (reader.next(block)) {
    last = block.records.back();
    for (const RawRecord& record : block.records) faults += record.fault != RejectReason::kNone;
  }
  CHECK(faults == 1);
  CHECK(last.fault == RejectReason::kTruncatedRecord);
  CHECK(reader.stream().error().fault == StreamFault::kTruncated);
}

TEST_CASE("peeking takes nothing away") {
  RecordReader reader(memory_byte_stream("\xEF\xBB\xBF"
                                         "one\ntwo\n",
                                         4),
                      RecordFraming::kLines);
  CHECK(reader.peek().starts_with("one"));
  RecordBlock block;
  REQUIRE(reader.next(block));
  CHECK(block.records.front().bytes == "one");
  CHECK(block.records.front().offset == 3);
}

}  // namespace
}  // namespace weir::connectors
