#include <fmt/core.h>

#include <charconv>
#include <cstring>

#include "json_tree.hpp"
#include "paths.hpp"
#include "run/recording.hpp"
#include "weir/connectors/record_reader.hpp"

namespace weir::cli {
namespace {

/// The numbers of a list.
std::vector<std::uint64_t> numbers(const Tree& list) {
  std::vector<std::uint64_t> out;
  for (const Tree& item : list.items) out.push_back(static_cast<std::uint64_t>(item.integer));
  return out;
}

connectors::RejectReason reason_named(std::string_view name) {
  for (std::size_t i = 0; i < connectors::kRejectReasonCount; ++i) {
    const auto reason = static_cast<connectors::RejectReason>(i);
    if (to_string(reason) == name) return reason;
  }
  return connectors::RejectReason::kNone;
}

std::string bytes_of(const Tree& record) {
  const Tree* const hex = find_path(record, "hex");
  if (hex == nullptr) return record.text;
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex->text.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex->text.data() + i, hex->text.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

/// Records [offset, bytes, reason?] into a block.
void fill(connectors::RecordBlock& block, const Tree& records) {
  block.records.clear();
  std::string all;
  std::vector<std::size_t> begins;
  for (const Tree& record : records.items) {
    begins.push_back(all.size());
    if (record.items.size() > 1) all += bytes_of(record.items[1]);
    all += '\n';  // as lines of a log lie
  }
  block.reserve(all.size(), 0);
  std::memcpy(block.data.get(), all.data(), all.size());
  begins.push_back(all.size());
  for (std::size_t i = 0; i < records.items.size(); ++i) {
    const std::vector<Tree>& parts = records.items[i].items;
    connectors::RawRecord& raw = block.records.emplace_back();
    raw.bytes = {block.data.get() + begins[i], begins[i + 1] - begins[i] - 1};
    if (!parts.empty()) raw.offset = static_cast<std::uint64_t>(parts[0].integer);
    if (parts.size() > 2) raw.fault = reason_named(parts[2].text);
  }
}

bool read_item(const Tree& line, RecordedItem& item) {
  using Kind = RecordedItem::Kind;
  constexpr std::pair<const char*, Kind> kKinds[] = {{"block", Kind::kBlock},
                                                     {"clock", Kind::kClock},
                                                     {"idle", Kind::kIdle},
                                                     {"opened", Kind::kOpened},
                                                     {"closed", Kind::kClosed}};
  for (const auto& [name, kind] : kKinds) {
    const Tree* const value = find_path(line, name);
    if (value == nullptr) continue;
    const std::vector<std::uint64_t> n = numbers(*value);
    const bool three = kind == Kind::kBlock || kind == Kind::kOpened;
    if (n.size() != (three ? 3U : 2U)) return false;
    item.kind = kind;
    item.source = static_cast<std::uint32_t>(n[0]);
    item.partition = static_cast<std::uint32_t>(n[1]);
    item.offset = three ? n[2] : 0;
    if (kind == Kind::kClock) item.watermark = {static_cast<std::int64_t>(n[1])};
    if (kind != Kind::kBlock) return true;
    const Tree* const records = find_path(line, "records");
    if (records == nullptr) return false;
    fill(item.block, *records);
    const Tree* const future = find_path(line, "far_future");
    item.far_future = future == nullptr ? std::vector<std::uint64_t>() : numbers(*future);
    return true;
  }
  return false;
}

}  // namespace

class RecordingReader::Lines {
 public:
  explicit Lines(std::unique_ptr<connectors::ByteStream> stream) : stream_(std::move(stream)) {}

  /// False at the end; what is left then without a line end is rest().
  bool next(std::string_view& line) {
    while (true) {
      const std::size_t end = bytes_.find('\n', at_);
      if (end != std::string::npos) {
        line = std::string_view(bytes_).substr(at_, end - at_);
        at_ = end + 1;
        return true;
      }
      bytes_.erase(0, at_);
      at_ = 0;
      const std::size_t had = bytes_.size();
      bytes_.resize(had + connectors::kReadBytes);
      const std::size_t n = stream_->read(std::span(bytes_).subspan(had));
      bytes_.resize(had + n);
      if (n == 0) return false;
    }
  }
  bool broke_off() const { return !bytes_.empty() || stream_->error(); }

 private:
  std::unique_ptr<connectors::ByteStream> stream_;
  std::string bytes_;
  std::size_t at_ = 0;
};

RecordingReader::~RecordingReader() = default;

std::unique_ptr<RecordingReader> RecordingReader::open(const std::string& dir, std::string& error) {
  std::string text;
  if (!read_file(dir + "/recording.json", connectors::kReadBytes, text, error)) return nullptr;
  const std::optional<Tree> about = parse_json(text);
  const Tree* const format = about ? find_path(*about, "format") : nullptr;
  const Tree* const rules = about ? find_path(*about, "rules") : nullptr;
  if (format == nullptr || rules == nullptr) {
    error = fmt::format("{}/recording.json says nothing of a recording", dir);
    return nullptr;
  }
  if (format->integer != kRecordingFormat) {
    error = fmt::format("{} is a recording of format {}; this program reads format {}", dir,
                        format->integer, kRecordingFormat);
    return nullptr;
  }
  connectors::StreamError fault;
  auto stream = connectors::open_byte_stream(dir + "/journal.ndjson.zst", fault);
  if (stream == nullptr) {
    error = fault.message;
    return nullptr;
  }
  std::unique_ptr<RecordingReader> reader(new RecordingReader());
  reader->dir_ = dir;
  for (const Tree& path : rules->items) reader->rules_.push_back(dir + "/" + path.text);
  reader->lines_ = std::make_unique<Lines>(std::move(stream));
  return reader;
}

bool RecordingReader::next(RecordedItem& item, std::string& error) {
  std::string_view line;
  if (!lines_->next(line)) {
    cut_off_ = lines_->broke_off();
    return false;
  }
  const std::optional<Tree> tree = parse_json(line);
  if (tree && read_item(*tree, item)) return true;
  error = fmt::format("{}: not an item of a recording: {}", dir_, printable(line.substr(0, 80)));
  return false;
}

}  // namespace weir::cli
