#include "weir/connectors/record_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "input/record_splitter.hpp"

namespace weir::connectors {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kPeekBytes = 64 * 1024;

}  // namespace

void RecordBlock::reserve(std::size_t bytes, std::size_t keep) {
  if (bytes <= capacity) return;
  auto grown = std::make_unique_for_overwrite<char[]>(bytes + kRecordPadding);
  if (keep > 0) std::memcpy(grown.get(), data.get(), keep);
  std::memset(grown.get() + bytes, 0, kRecordPadding);
  data = std::move(grown);
  capacity = bytes;
}

std::string_view RecordBlock::readable() const noexcept {
  if (!lines) return {};
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
    : stream_(std::move(stream)), splitter_(std::make_unique<RecordSplitter>(framing, delimiter)) {}

RecordReader::~RecordReader() = default;

std::uint64_t RecordReader::offset() const noexcept {
  return splitter_->offset();
}

void RecordReader::set_framing(RecordFraming framing, char delimiter) noexcept {
  splitter_->set_framing(framing, delimiter);
}

void RecordReader::set_block_size(std::size_t bytes, std::size_t records) noexcept {
  block_bytes_ = bytes;
  block_records_ = records;
}

std::size_t RecordReader::read(std::span<char> room) {
  const std::size_t n = ended_ ? 0 : stream_->read(room);
  if (n > 0) {
    splitter_->added(n);
  } else if (!std::exchange(ended_, true)) {
    splitter_->end(static_cast<bool>(stream_->error()));
  }
  return n;
}

std::string_view RecordReader::peek() {
  while (!ended_ && splitter_->held().size() < kPeekBytes) {
    const std::size_t wanted = kPeekBytes - splitter_->held().size();
    const std::size_t n = read(splitter_->room(kPeekBytes).first(wanted));
    // From a terminal one line is all that there may be for now.
    if (n < wanted && splitter_->held().find('\n') != std::string_view::npos) break;
  }
  std::string_view bytes = splitter_->held();
  if (offset() == 0 && bytes.starts_with(kByteOrderMark)) {
    bytes.remove_prefix(kByteOrderMark.size());
  }
  return bytes;
}

void RecordReader::fill() {
  while (!ended_) {
    const std::span<char> room = splitter_->room(block_bytes_);
    const std::size_t n = read(room);
    if (n == room.size()) return;
    // A short read that brought a whole line: hand it on rather than wait for more.
    if (n > 0 && std::memchr(room.data(), '\n', n) != nullptr) return;
  }
}

bool RecordReader::next(RecordBlock& block) {
  block.records.clear();
  // What peek() has read comes with what follows it.
  while (true) {
    if (asked_ && splitter_->take(block, block_records_)) return true;
    asked_ = true;
    if (ended_) return splitter_->take(block, block_records_);
    fill();
  }
}

bool RecordReader::skip_to(std::uint64_t offset) {
  std::uint64_t left = offset;
  while (left > 0) {
    const std::span<char> room = splitter_->room(kPeekBytes);
    const std::size_t n = stream_->read(
        room.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, room.size()))));
    if (n == 0) break;
    left -= n;
  }
  splitter_->start_at(offset - left);
  return left == 0;
}

}  // namespace weir::connectors
