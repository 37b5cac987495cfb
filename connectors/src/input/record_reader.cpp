#include "weir/connectors/record_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "input/line_ends.hpp"

namespace weir::connectors {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kPeekBytes = 64 * 1024;

std::size_t find(std::string_view bytes, char c, std::size_t from) {
  return bytes.find(c, from);
}

/// `line` up to its line feed, less a carriage return before it.
std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

/// Where the first record of some bytes ends.
struct RecordReader::Scan {
  enum class Found : std::uint8_t {
    kWhole,
    kOpen,     // no end among these bytes
    kMisread,  // text after a closing quote
  } found = Found::kOpen;
  std::size_t size = 0;  // of the record, line end excluded
  std::size_t next = 0;  // where the one after begins
};

void RecordBlock::reserve(std::size_t bytes, std::size_t keep) {
  if (bytes <= capacity) return;
  auto grown = std::make_unique_for_overwrite<char[]>(bytes + kRecordPadding);
  if (keep > 0) std::memcpy(grown.get(), data.get(), keep);
  std::memset(grown.get() + bytes, 0, kRecordPadding);
  data = std::move(grown);
  capacity = bytes;
}

std::string_view RecordBlock::readable() const noexcept {
  // Only the last can have broken off or be too long to have all its bytes here.
  std::size_t count = records.size();
  while (count > 0 && records[count - 1].fault != RejectReason::kNone) --count;
  if (count == 0) return {};
  const char* const begin = records.front().bytes.data();
  const std::string_view last = records[count - 1].bytes;
  return {begin, static_cast<std::size_t>(last.data() + last.size() - begin)};
}

RecordReader::RecordReader(std::unique_ptr<ByteStream> stream, RecordFraming framing,
                           char delimiter)
    : stream_(std::move(stream)), framing_(framing), delimiter_(delimiter) {}

std::string_view RecordReader::peek() {
  while (!ended_ && carry_.size() < kPeekBytes) {
    const std::size_t have = carry_.size();
    carry_.resize(kPeekBytes);
    const std::size_t n = stream_->read(std::span(carry_).subspan(have));
    carry_.resize(have + n);
    if (n == 0) ended_ = true;
    // From a terminal one line is all that there may be for now.
    if (n < kPeekBytes - have && carry_.find('\n') != carry_.npos) break;
  }
  std::string_view bytes = carry_;
  if (!started_ && bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  return bytes;
}

std::size_t RecordReader::fill(RecordBlock& block, std::size_t used, std::size_t scanned) {
  while (!ended_ && used < block.capacity) {
    const std::size_t wanted = block.capacity - used;
    const std::size_t n = stream_->read({block.data.get() + used, wanted});
    if (n == 0) ended_ = true;
    used += n;
    // A short read that brought a whole line: hand it on rather than wait for more.
    if (n < wanted && std::memchr(block.data.get() + scanned, '\n', used - scanned) != nullptr)
      break;
  }
  return used;
}

std::size_t RecordReader::add_lines(RecordBlock& block, std::string_view bytes,
                                    std::size_t pos) const {
  const char* line = bytes.data() + pos;
  const std::uint64_t offset = offset_;
  for_each_line_feed(bytes.substr(pos), [&](const char* end) {
    const char* const begin = std::exchange(line, end + 1);
    auto size = static_cast<std::size_t>(end - begin);
    if (size > 0 && end[-1] == '\r') --size;
    if (size - 1 >= kMaxRecordBytes) return add(block, {begin, size}, RejectReason::kNone);
    const auto at = static_cast<std::uint64_t>(begin - bytes.data());
    block.records.push_back({{begin, size}, offset + at, RejectReason::kNone});
  });
  return static_cast<std::size_t>(line - bytes.data());
}

RecordReader::Scan RecordReader::find_end(std::string_view bytes) const {
  return framing_ == RecordFraming::kCsv ? find_csv_end(bytes) : Scan{};
}

RecordReader::Scan RecordReader::find_csv_end(std::string_view bytes) const {
  std::size_t at = 0;
  while (true) {  // at a cell's start
    if (at < bytes.size() && bytes[at] == '"') {
      std::size_t quote = at;
      while (true) {
        quote = find(bytes, '"', quote + 1);
        if (quote == bytes.npos) return {};
        if (quote + 1 == bytes.size()) {
          if (!ended_) return {};
          break;
        }
        if (bytes[quote + 1] != '"') break;
        ++quote;
      }
      at = quote + 1;
      const std::string_view rest = bytes.substr(at);
      const bool ends_cell = rest.empty() || rest.front() == delimiter_ || rest.front() == '\n' ||
                             rest.starts_with("\r\n");
      if (rest == "\r" && !ended_) return {};
      if (!ends_cell) return {Scan::Found::kMisread, 0, 0};
    }
    // Cells are short: find_first_of would take longer to begin than this to end.
    while (at < bytes.size() && bytes[at] != delimiter_ && bytes[at] != '\n') ++at;
    if (at == bytes.size()) return {};
    if (bytes[at] == '\n') {
      return {Scan::Found::kWhole, without_cr(bytes.substr(0, at)).size(), at + 1};
    }
    ++at;
  }
}

void RecordReader::add(RecordBlock& block, std::string_view line, RejectReason fault) const {
  if (line.empty()) return;
  if (line.size() > kMaxRecordBytes) {
    fault = RejectReason::kRecordTooLong;
    line = line.substr(0, kKeptOfLongRecord);
  }
  const auto at = static_cast<std::uint64_t>(line.data() - block.data.get());
  block.records.push_back({line, offset_ + at, fault});
}

bool RecordReader::next(RecordBlock& block) {
  block.records.clear();
  block.reserve(std::max(kReadBytes, carry_.size()), 0);
  std::memcpy(block.data.get(), carry_.data(), carry_.size());
  std::size_t used = carry_.size();
  std::size_t pos = 0;
  carry_.clear();

  while (true) {
    used = fill(block, used, pos);
    const std::string_view bytes(block.data.get(), used);
    if (!started_) {
      if (bytes.starts_with(kByteOrderMark)) pos = kByteOrderMark.size();
      started_ = true;
    }
    if (framing_ == RecordFraming::kLines) pos = add_lines(block, bytes, pos);
    while (pos < used) {
      const std::string_view rest = bytes.substr(pos);
      const Scan scan = find_end(rest);
      if (scan.found == Scan::Found::kWhole) {
        add(block, rest.substr(0, scan.size), RejectReason::kNone);
        pos += scan.next;
        continue;
      }
      const bool misread = scan.found == Scan::Found::kMisread;
      if (!misread && !ended_ && rest.size() <= kMaxRecordBytes) break;  // read on
      const std::size_t line_end = find(rest, '\n', 0);
      if (line_end != rest.npos) {
        // A quote spoils its own line only.
        add(block, without_cr(rest.substr(0, line_end)), RejectReason::kCsvBadQuote);
        pos += line_end + 1;
      } else if (ended_) {
        add(block, rest, last_fault(rest, misread));
        pos = used;
      } else if (rest.size() <= kMaxRecordBytes) {
        break;  // misread, but the line's end is still to come
      } else {
        add(block, rest, RejectReason::kRecordTooLong);
        offset_ += used;
        discard_line();
        return true;
      }
    }
    if (!block.records.empty() || (ended_ && pos == used)) break;
    if (pos < used) {
      if (used == block.capacity) block.reserve(2 * block.capacity, used);
    } else {
      // Empty lines only: their bytes are done with.
      offset_ += used;
      used = pos = 0;
    }
  }
  carry_.assign(block.data.get() + pos, used - pos);
  offset_ += pos;
  return !block.records.empty();
}

RejectReason RecordReader::last_fault(std::string_view rest, bool misread) const {
  if (stream_->error()) return RejectReason::kTruncatedRecord;
  if (misread) return RejectReason::kCsvBadQuote;
  if (framing_ == RecordFraming::kLines) return RejectReason::kNone;
  // The last row needs no line end, but its quotes must be closed.
  const std::string whole = std::string(rest) + "\n";
  return find_csv_end(whole).found == Scan::Found::kWhole ? RejectReason::kNone
                                                          : RejectReason::kCsvBadQuote;
}

void RecordReader::discard_line() {
  std::string buffer(kReadBytes, '\0');
  while (!ended_) {
    const std::size_t n = stream_->read(buffer);
    if (n == 0) {
      ended_ = true;
      return;
    }
    const std::string_view bytes(buffer.data(), n);
    const std::size_t end = find(bytes, '\n', 0);
    if (end != bytes.npos) {
      carry_ = bytes.substr(end + 1);
      offset_ += end + 1;
      return;
    }
    offset_ += n;
  }
}

}  // namespace weir::connectors
