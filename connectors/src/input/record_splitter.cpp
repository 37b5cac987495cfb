#include "input/record_splitter.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "input/line_ends.hpp"

namespace weir::connectors {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
/// Of the length in front of a syslog message: what is longer is no length.
constexpr std::size_t kMaxLengthDigits = 9;
/// A block that one long record has blown up is given back from this multiple on.
constexpr std::size_t kTooRoomy = 4;

/// A line without its end, less a carriage return before it.
std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

/// Where the first record of some bytes stands.
struct RecordSplitter::Scan {
  enum class Found : std::uint8_t {
    kWhole,
    kOpen,     // no end among these bytes
    kMisread,  // text after a closing quote
    kTooLong,  // by its own word
  } found = Found::kOpen;
  std::size_t begin = 0;
  std::size_t size = 0;    // line end excluded
  std::uint64_t next = 0;  // where the one after begins
};

std::span<char> RecordSplitter::room(std::size_t block_bytes) {
  if (pos_ > 0) {
    std::memmove(pending_.data.get(), pending_.data.get() + pos_, used_ - pos_);
    offset_ += pos_;
    used_ -= pos_;
    looked_at_ -= std::min(pos_, looked_at_);
    pos_ = 0;
  }
  if (used_ == 0 && pending_.capacity > kTooRoomy * block_bytes) pending_ = {};
  pending_.reserve(block_bytes, used_);
  if (used_ == pending_.capacity) pending_.reserve(2 * pending_.capacity, used_);
  return {pending_.data.get() + used_, pending_.capacity - used_};
}

void RecordSplitter::added(std::size_t bytes) {
  used_ += bytes;
  if (skip_ > 0 || discarding_) pass_over();
}

void RecordSplitter::pass_over() {
  const std::uint64_t skipped = std::min<std::uint64_t>(skip_, used_ - pos_);
  skip_ -= skipped;
  pos_ += static_cast<std::size_t>(skipped);
  if (discarding_) {
    const std::size_t end = held().find('\n');
    discarding_ = end == std::string_view::npos;
    pos_ = discarding_ ? used_ : pos_ + end + 1;
  }
  looked_at_ = std::max(looked_at_, pos_);
}

void RecordSplitter::end(bool broken_off) noexcept {
  ended_ = true;
  broken_off_ = broken_off;
}

void RecordSplitter::begin_anew() noexcept {
  ended_ = broken_off_ = started_ = discarding_ = false;
  skip_ = 0;
}

void RecordSplitter::start_at(std::uint64_t offset) noexcept {
  offset_ = offset;
  started_ = offset > 0;
}

bool RecordSplitter::take(RecordBlock& block, std::size_t max_records) {
  pending_.records.clear();
  split(max_records);
  if (pending_.records.empty()) return false;
  pending_.lines = framing_ != RecordFraming::kSyslog;
  std::swap(block, pending_);
  const std::size_t rest = used_ - pos_;
  pending_.records.clear();
  pending_.reserve(rest, 0);
  if (rest > 0) std::memcpy(pending_.data.get(), block.data.get() + pos_, rest);
  offset_ += pos_;
  looked_at_ -= std::min(pos_, looked_at_);
  used_ = rest;
  pos_ = 0;
  return true;
}

void RecordSplitter::split(std::size_t max_records) {
  if (!started_) {
    const std::string_view bytes = held();
    const bool may_be_mark =
        bytes.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(bytes);
    if (may_be_mark && !ended_) return;
    if (bytes.starts_with(kByteOrderMark)) pos_ += kByteOrderMark.size();
    started_ = true;
  }
  const std::size_t new_from = std::max(pos_, looked_at_);
  if (framing_ == RecordFraming::kLines) {
    add_lines(new_from);
  } else if (framing_ == RecordFraming::kCsv && !ended_ && used_ - pos_ <= max_record_bytes_ &&
             held().find('\n', new_from - pos_) == std::string_view::npos) {
    looked_at_ = used_;
    return;
  }
  auto& records = pending_.records;
  while (pos_ < used_ && records.size() < max_records && split_one()) {
  }
  looked_at_ = used_;
  if (records.size() > max_records) {
    pos_ = static_cast<std::size_t>(records[max_records].bytes.data() - pending_.data.get());
    records.resize(max_records);
  }
  if (records.size() == max_records) looked_at_ = pos_;
}

void RecordSplitter::add_lines(std::size_t from) {
  const char* const data = pending_.data.get();
  const char* line = data + pos_;
  const std::uint64_t offset = offset_;
  const std::size_t max_bytes = max_record_bytes_;
  for_each_line_feed({data + from, used_ - from}, [&](const char* end) {
    const char* const begin = std::exchange(line, end + 1);
    auto size = static_cast<std::size_t>(end - begin);
    if (size > 0 && end[-1] == '\r') --size;
    if (size - 1 >= max_bytes) return add({begin, size}, RejectReason::kNone);
    const auto at = static_cast<std::uint64_t>(begin - data);
    pending_.records.push_back({{begin, size}, offset + at, RejectReason::kNone});
  });
  pos_ = static_cast<std::size_t>(line - data);
}

void RecordSplitter::add(std::string_view bytes, RejectReason fault) {
  if (bytes.empty()) return;
  if (bytes.size() > max_record_bytes_) {
    fault = RejectReason::kRecordTooLong;
    bytes = bytes.substr(0, kKeptOfLongRecord);
  }
  const auto at = static_cast<std::uint64_t>(bytes.data() - pending_.data.get());
  pending_.records.push_back({bytes, offset_ + at, fault});
}

/// Adds the first record of what is held. False where more has to come first.
bool RecordSplitter::split_one() {
  const std::string_view rest = held();
  const Scan scan = find_end(rest);
  if (scan.found == Scan::Found::kWhole) {
    add(rest.substr(scan.begin, scan.size), RejectReason::kNone);
    pos_ += static_cast<std::size_t>(scan.next);
    return true;
  }
  if (scan.found == Scan::Found::kTooLong) {
    add(rest.substr(scan.begin, scan.size), RejectReason::kRecordTooLong);
    skip_ = scan.next;
    pass_over();
    return true;
  }
  const bool misread = scan.found == Scan::Found::kMisread;
  const bool short_enough = rest.size() <= max_record_bytes_;
  if (!misread && !ended_ && short_enough) return false;
  const std::size_t line_end = rest.find('\n');
  if (line_end != rest.npos && framing_ == RecordFraming::kCsv) {
    // A quote spoils its own line only.
    add(without_cr(rest.substr(0, line_end)), RejectReason::kCsvBadQuote);
    pos_ += line_end + 1;
  } else if (ended_) {
    add(rest.substr(scan.begin), last_fault(rest, misread));
    pos_ = used_;
  } else if (short_enough || scan.begin > 0) {
    return false;  // misread, or of a known length, but the end is still to come
  } else {
    add(rest, RejectReason::kRecordTooLong);
    pos_ = used_;
    discarding_ = true;
  }
  return true;
}

RecordSplitter::Scan RecordSplitter::find_end(std::string_view bytes) const {
  switch (framing_) {
    case RecordFraming::kLines:
      return {};  // add_lines() has found them
    case RecordFraming::kCsv:
      return find_csv_end(bytes);
    case RecordFraming::kSyslog:
      return find_syslog_end(bytes);
  }
  return {};
}

RecordSplitter::Scan RecordSplitter::find_csv_end(std::string_view bytes) const {
  std::size_t at = 0;
  while (true) {  // at a cell's start
    if (at < bytes.size() && bytes[at] == '"') {
      std::size_t quote = at;
      while (true) {
        quote = bytes.find('"', quote + 1);
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
      if (!ends_cell) return {Scan::Found::kMisread, 0, 0, 0};
    }
    // Cells are short: find_first_of would take longer to begin than this to end.
    while (at < bytes.size() && bytes[at] != delimiter_ && bytes[at] != '\n') ++at;
    if (at == bytes.size()) return {};
    if (bytes[at] == '\n') {
      return {Scan::Found::kWhole, 0, without_cr(bytes.substr(0, at)).size(), at + 1};
    }
    ++at;
  }
}

/// RFC 6587, 3.4: "57 <165>..." is a message of 57 bytes (3.4.1), all else a line (3.4.2).
RecordSplitter::Scan RecordSplitter::find_syslog_end(std::string_view bytes) const {
  std::size_t digits = 0;
  std::uint64_t length = 0;
  while (digits < bytes.size() && digits <= kMaxLengthDigits && bytes[digits] >= '0' &&
         bytes[digits] <= '9') {
    length = 10 * length + static_cast<std::uint64_t>(bytes[digits++] - '0');
  }
  const bool may_be_length = digits > 0 && digits <= kMaxLengthDigits && bytes.front() != '0';
  const std::string_view behind = bytes.substr(digits).substr(0, 2);
  if (may_be_length && behind.size() < 2 && std::string_view(" <").starts_with(behind)) return {};
  if (may_be_length && behind == " <") {
    const std::size_t begin = digits + 1;
    const std::uint64_t next = begin + length;
    if (length > max_record_bytes_) {
      const std::size_t shown = std::min(bytes.size() - begin, kKeptOfLongRecord);
      if (shown < kKeptOfLongRecord && !ended_) return {Scan::Found::kOpen, begin, 0, 0};
      return {Scan::Found::kTooLong, begin, shown, next};
    }
    if (bytes.size() < next) return {Scan::Found::kOpen, begin, 0, 0};
    std::string_view message = bytes.substr(begin, static_cast<std::size_t>(length));
    if (message.ends_with('\n')) message.remove_suffix(1);
    return {Scan::Found::kWhole, begin, without_cr(message).size(), next};
  }
  // What was looked through before has no line feed.
  const std::size_t from = looked_at_ > pos_ ? looked_at_ - pos_ : 0;
  const std::size_t end = bytes.find('\n', from);
  if (end == bytes.npos) return {};
  return {Scan::Found::kWhole, 0, without_cr(bytes.substr(0, end)).size(), end + 1};
}

RejectReason RecordSplitter::last_fault(std::string_view rest, bool misread) const {
  if (broken_off_) return RejectReason::kTruncatedRecord;
  if (misread) return RejectReason::kCsvBadQuote;
  switch (framing_) {
    case RecordFraming::kLines:
      return RejectReason::kNone;
    case RecordFraming::kCsv: {
      // The last row needs no line end, but its quotes must be closed.
      const std::string whole = std::string(rest) + "\n";
      return find_csv_end(whole).found == Scan::Found::kWhole ? RejectReason::kNone
                                                              : RejectReason::kCsvBadQuote;
    }
    case RecordFraming::kSyslog:
      return find_syslog_end(rest).begin > 0 ? RejectReason::kTruncatedRecord : RejectReason::kNone;
  }
  return RejectReason::kNone;
}

}  // namespace weir::connectors
