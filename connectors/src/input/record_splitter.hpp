// Bytes that come piece by piece into records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "weir/connectors/record_reader.hpp"

namespace weir::connectors {

/// Splits at LF and CRLF; a lone CR stays. Empty lines are no records. A byte-order mark at the
/// start is skipped (offsets count it). What is no whole record yet is held until its end comes, or
/// end() says that none will.
///
/// Bytes are read straight into the block that is handed out; only a record's beginning that was
/// read with other records is copied, once. Each byte is looked at once for a line's end; an open
/// quoted row (kCsv) is looked through again with each line that comes.
class RecordSplitter {
 public:
  explicit RecordSplitter(RecordFraming framing, char delimiter = ',',
                          std::size_t max_record_bytes = kMaxRecordBytes)
      : framing_(framing), delimiter_(delimiter), max_record_bytes_(max_record_bytes) {}

  /// Where the next bytes go: the rest of the block, which holds at least `block_bytes`, or more
  /// where a record fills it. Valid until the next call of another function.
  std::span<char> room(std::size_t block_bytes);
  /// So many bytes are now there, from the front.
  void added(std::size_t bytes);
  /// There will be no more: what is held is the last record. `broken_off`: it is not whole.
  void end(bool broken_off = false) noexcept;
  /// After end() and the last take(): another stream's bytes follow, and offsets count on.
  void begin_anew() noexcept;

  /// Hands out the whole records that have come, `max_records` at most; what the block held is
  /// gone, its memory is used again. False where there is none.
  bool take(RecordBlock& block, std::size_t max_records);

  /// Of the first byte not yet handed out.
  std::uint64_t offset() const noexcept { return offset_ + pos_; }
  /// Before the first bytes. Anywhere but at 0 no byte-order mark is looked for.
  void start_at(std::uint64_t offset) noexcept;
  /// Before the first bytes: they are the middle of a line, whose rest is passed over.
  void start_inside_line() noexcept { discarding_ = true; }

  /// What has come and is not handed out.
  std::string_view held() const noexcept { return {pending_.data.get() + pos_, used_ - pos_}; }
  std::size_t capacity() const noexcept { return pending_.capacity; }
  void set_framing(RecordFraming framing, char delimiter) noexcept {
    framing_ = framing;
    delimiter_ = delimiter;
  }

 private:
  struct Scan;  // where a record ends, see record_splitter.cpp

  void pass_over();
  void split(std::size_t max_records);
  bool split_one();
  void add_lines(std::size_t from);
  void add(std::string_view bytes, RejectReason fault);
  Scan find_end(std::string_view bytes) const;
  Scan find_csv_end(std::string_view bytes) const;
  Scan find_syslog_end(std::string_view bytes) const;
  RejectReason last_fault(std::string_view rest, bool misread) const;

  RecordFraming framing_;
  char delimiter_;
  std::size_t max_record_bytes_;
  RecordBlock pending_;
  std::size_t used_ = 0;       // of pending_'s memory
  std::size_t pos_ = 0;        // where what is no record yet begins
  std::size_t looked_at_ = 0;  // there is no line feed between pos_ and here
  std::uint64_t offset_ = 0;   // of pending_'s first byte
  std::uint64_t skip_ = 0;     // bytes still to come that are passed over
  bool discarding_ = false;    // up to the next line feed, all is passed over
  bool started_ = false;
  bool ended_ = false;
  bool broken_off_ = false;
};

}  // namespace weir::connectors
