#include <fcntl.h>
#include <fmt/core.h>
#include <simdjson.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "paths.hpp"
#include "run/recording.hpp"
#include "weir/connectors/live/partition_decoder.hpp"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

void append_bytes(std::string& out, std::string_view bytes) {
  if (simdjson::validate_utf8(bytes.data(), bytes.size())) return append_json_string(out, bytes);
  out += "{\"hex\":\"";
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  out += "\"}";
}

void append_record(std::string& out, const connectors::RawRecord& record) {
  out += fmt::format("{}[{},", out.back() == '[' ? "" : ",", record.offset);
  append_bytes(out, record.bytes);
  if (record.fault != connectors::RejectReason::kNone) {
    out += fmt::format(",\"{}\"", connectors::to_string(record.fault));
  }
  out += ']';
}

void append_block(std::string& out, const runtime::InputBlock& block) {
  const auto& decoded = static_cast<const connectors::DecodedBlock&>(*block.memory);
  out += fmt::format("{{\"block\":[{},{},{}],\"records\":[", block.source, block.partition,
                     block.next_offset);
  if (decoded.header) append_record(out, *decoded.header);
  for (const connectors::RawRecord& record : decoded.batch.block.records) {
    append_record(out, record);
  }
  out += ']';
  if (!decoded.far_future.empty()) {
    out += ",\"far_future\":[";
    for (std::size_t i = 0; i < decoded.far_future.size(); ++i) {
      out += fmt::format("{}{}", i == 0 ? "" : ",", decoded.far_future[i]);
    }
    out += ']';
  }
  out += "}\n";
}

void append_change(std::string& out, const runtime::PartitionChange& change) {
  switch (change.kind) {
    case runtime::PartitionChange::Kind::kOpened:
      out += fmt::format("{{\"opened\":[{},{},{}]}}\n", change.source, change.partition,
                         change.control->done.load());
      return;
    case runtime::PartitionChange::Kind::kClosed:
      out += fmt::format("{{\"closed\":[{},{}]}}\n", change.source, change.partition);
      return;
    case runtime::PartitionChange::Kind::kIdle:
      out += fmt::format("{{\"idle\":[{},{}]}}\n", change.source, change.partition);
      return;
  }
}

/// The deepest folder that all of the paths are in.
fs::path common_folder(const std::vector<fs::path>& paths) {
  fs::path common = paths.front().parent_path();
  for (const fs::path& path : paths) {
    while (!common.empty() &&
           std::mismatch(common.begin(), common.end(), path.begin(), path.end()).first !=
               common.end()) {
      common = common.parent_path();
    }
  }
  return common;
}

/// Copies the rule files and the tables beside them, so that they stand to one another as they did.
/// Tables that are named by an absolute path stay where they are.
std::vector<std::string> copy_rules(const RunConfig& config, const LoadedRules& rules,
                                    const fs::path& dir) {
  std::vector<std::string> problems;
  std::vector<fs::path> files;
  for (const std::string& path : expand_rule_paths(config.rules, problems)) {
    files.push_back(fs::canonical(path));
  }
  std::set<fs::path> tables;
  for (const lang::RuleDocument* const document : rules.rules.all()) {
    for (const lang::TableDef& table : document->tables) {
      if (!fs::path(table.path.value).is_absolute()) tables.insert(fs::canonical(table.full_path));
    }
  }
  std::vector<fs::path> all = files;
  all.insert(all.end(), tables.begin(), tables.end());
  std::vector<std::string> copies;
  if (all.empty()) return copies;
  const fs::path common = common_folder(all);
  for (const fs::path& path : all) {
    const fs::path copy = fs::path("rules") / path.lexically_relative(common);
    fs::create_directories((dir / copy).parent_path());
    fs::copy_file(path, dir / copy, fs::copy_options::overwrite_existing);
    if (copies.size() < files.size()) copies.push_back(copy.string());
  }
  return copies;
}

/// True where all of it was written.
bool write_file(const fs::path& path, std::string_view text, mode_t mode) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return false;
  const bool whole = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return ::close(fd) == 0 && whole;
}

}  // namespace

/// Lines, compressed, at the end of a file.
class RecordingWriter::Journal {
 public:
  explicit Journal(int fd) : fd_(fd), out_(ZSTD_CStreamOutSize(), '\0') {}
  ~Journal() {
    ZSTD_freeCStream(stream_);
    ::close(fd_);
  }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void add(std::string_view line) {
    pending_ += line;
    if (pending_.size() >= kBufferBytes) compress(ZSTD_e_continue);
  }
  void flush() {
    if (pending_.empty() && flushed_) return;
    compress(ZSTD_e_flush);
    flushed_ = true;
  }
  void end() { compress(ZSTD_e_end); }
  /// What went wrong since it was last asked.
  std::string problem() { return std::exchange(problem_, {}); }

 private:
  void compress(ZSTD_EndDirective how) {
    flushed_ = false;
    ZSTD_inBuffer in{pending_.data(), pending_.size(), 0};
    for (std::size_t left = 1; left > 0;) {
      ZSTD_outBuffer out{out_.data(), out_.size(), 0};
      left = ZSTD_compressStream2(stream_, &out, &in, how);
      if (ZSTD_isError(left) != 0) {
        problem_ = ZSTD_getErrorName(left);
        break;
      }
      write(std::string_view(out_).substr(0, out.pos));
      if (how == ZSTD_e_continue) left = in.pos < in.size ? 1 : 0;
    }
    pending_.clear();
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        problem_ = std::generic_category().message(errno);
        return;
      }
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  int fd_;
  ZSTD_CStream* stream_ = ZSTD_createCStream();
  std::string out_;
  std::string pending_;
  std::string problem_;
  bool flushed_ = true;
};

RecordingWriter::RecordingWriter(std::unique_ptr<Journal> journal) : journal_(std::move(journal)) {}
RecordingWriter::~RecordingWriter() = default;

std::unique_ptr<RecordingWriter> RecordingWriter::create(const RunConfig& config,
                                                         const LoadedRules& rules,
                                                         std::string& error) {
  const fs::path dir = config.record;
  try {
    fs::create_directories(dir);
    if (fs::exists(dir / "recording.json")) {
      error = fmt::format("{} holds a recording already", config.record);
      return nullptr;
    }
    const std::vector<std::string> copies = copy_rules(config, rules, dir);
    std::string text;
    // Only who runs this may read it: a config can hold secrets.
    if (!read_file(config.path, lang::kMaxRuleFileBytes, text, error) ||
        !write_file(dir / "config.yaml", text, 0600)) {
      if (error.empty()) error = fmt::format("cannot write to {}", config.record);
      return nullptr;
    }
    std::string about = fmt::format("{{\"format\":{},\"version\":\"{}\",\"rules\":[",
                                    kRecordingFormat, WEIR_VERSION);
    for (const std::string& copy : copies) {
      if (about.back() != '[') about += ',';
      append_json_string(about, copy);
    }
    if (!write_file(dir / "recording.json", about + "]}\n", 0644)) {
      error = fmt::format("cannot write to {}", config.record);
      return nullptr;
    }
  } catch (const fs::filesystem_error& e) {
    error = fmt::format("cannot record to {}: {}", config.record, e.code().message());
    return nullptr;
  }
  const std::string path = (dir / "journal.ndjson.zst").string();
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    error = fmt::format("cannot record to {}: {}", path, std::generic_category().message(errno));
    return nullptr;
  }
  return std::unique_ptr<RecordingWriter>(new RecordingWriter(std::make_unique<Journal>(fd)));
}

void RecordingWriter::add(const runtime::InputItem& item) {
  line_.clear();
  if (const auto* const block = std::get_if<runtime::InputBlock>(&item)) {
    append_block(line_, *block);
  } else if (const auto* const change = std::get_if<runtime::PartitionChange>(&item)) {
    append_change(line_, *change);
  } else {
    const auto& step = std::get<runtime::ClockStep>(item);
    line_ = fmt::format("{{\"clock\":[{},{}]}}\n", step.domain, step.watermark.ns);
  }
  journal_->add(line_);
}

std::string RecordingWriter::flush() {
  journal_->flush();
  return journal_->problem();
}

std::string RecordingWriter::finish() {
  journal_->end();
  return journal_->problem();
}

}  // namespace weir::cli
