// A recording of a live run (docs/operations.md): everything that the engine took, in the order in
// which it took it, and the rules; so that it can be run again, to the same alerts.
//
//   DIR/recording.json     {"format":1,"version":"...","rules":["rules/a.yaml",...]}
//   DIR/config.yaml        a copy of the config
//   DIR/rules/...          copies of the rule files and of the tables that they name
//   DIR/journal.ndjson.zst one line an item
//
// Items are
//   {"opened":[source,partition,offset]}  {"closed":[source,partition]} {"idle":[source,partition]}
//   {"clock":[domain,watermark]}          in ns
//   {"block":[source,partition,next_offset],"records":[[offset,"text"],...],"far_future":[offset,...]}
// source is its place in the config. A record that was refused unread has its reason for a third
// value; one that is no UTF-8 is [offset,{"hex":"..."}].
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "rules.hpp"
#include "weir/connectors/record_reader.hpp"
#include "weir/runtime/live_engine.hpp"

namespace weir::cli {

inline constexpr int kRecordingFormat = 1;

/// Used by one thread at a time.
class RecordingWriter {
 public:
  /// Makes the folder, which must not hold a recording. Null with `error` where it cannot.
  static std::unique_ptr<RecordingWriter> create(const RunConfig& config, const LoadedRules& rules,
                                                 std::string& error);
  ~RecordingWriter();

  void add(const runtime::InputItem& item);
  /// To the disk, where something has been added since. What went wrong, once; empty: nothing.
  std::string flush();
  std::string finish();

 private:
  class Journal;
  explicit RecordingWriter(std::unique_ptr<Journal> journal);

  std::unique_ptr<Journal> journal_;
  std::string line_;
};

/// One item of a journal. Of a block, its records, still to be decoded.
struct RecordedItem {
  enum class Kind : std::uint8_t { kOpened, kClosed, kIdle, kClock, kBlock };
  Kind kind = Kind::kBlock;
  std::uint32_t source = 0;  // kClock: the domain
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;  // kOpened: where it begins; kBlock: where it goes on
  Timestamp watermark;       // kClock
  connectors::RecordBlock block;
  std::vector<std::uint64_t> far_future;
};

class RecordingReader {
 public:
  /// Null with `error` where there is no recording of a format that is known.
  static std::unique_ptr<RecordingReader> open(const std::string& dir, std::string& error);
  ~RecordingReader();

  /// Of the copies, in order.
  const std::vector<std::string>& rules() const noexcept { return rules_; }
  std::string config_path() const { return dir_ + "/config.yaml"; }
  /// The next item; false at the end. What a crash has left of a last item is no item: cut_off().
  bool next(RecordedItem& item, std::string& error);
  bool cut_off() const noexcept { return cut_off_; }

 private:
  class Lines;
  RecordingReader() = default;

  std::string dir_;
  std::vector<std::string> rules_;
  std::unique_ptr<Lines> lines_;
  bool cut_off_ = false;
};

}  // namespace weir::cli
