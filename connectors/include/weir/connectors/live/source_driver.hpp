// The thread of one live source: polls it, decodes what comes, and puts it into the live engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/live/partition_decoder.hpp"
#include "weir/connectors/live/source.hpp"
#include "weir/connectors/log_source.hpp"
#include "weir/runtime/live_engine.hpp"

namespace weir::connectors {

struct SourceDriverOptions {
  std::uint32_t number = 0;  // of the source in the engine
  std::string name;
  DecodeOptions decode;
  /// A partition that was asked and had nothing for so long holds nothing back; 0: it always does.
  Duration idle_timeout;
  std::optional<Duration> max_future;
};

/// Called by the drivers' threads, several at once.
class SourceDriverListener {
 public:
  virtual ~SourceDriverListener() = default;
  virtual void on_rejected(std::uint32_t source, const Rejection& rejection) = 0;
  /// What was rejected so far has found room. While it says no, sources are held back.
  virtual bool room_for_rejected() = 0;
  /// Something was put into the engine.
  virtual void on_put() = 0;
  /// The source has ended by itself, or cannot go on (`problem`).
  virtual void on_end(std::uint32_t source, std::string_view problem) = 0;
};

struct SourceStats {
  LogTotals totals;          // records, bytes, refused by reason
  std::uint64_t events = 0;  // put
  bool away = false;         // the far end
  bool held = false;         // there is no room for more
  bool ended = false;
  std::string problem;  // why it ended, where that was not the end of its input
};

class SourceDriver {
 public:
  /// The engine, the listener and `notices` outlive it; it outlives every event that is looked at.
  SourceDriver(std::unique_ptr<Source> source, SourceDriverOptions options, nfa::ProgramPtr program,
               runtime::LiveEngine& engine, SourceDriverListener& listener, Notices& notices);
  ~SourceDriver();  // stops
  SourceDriver(const SourceDriver&) = delete;
  SourceDriver& operator=(const SourceDriver&) = delete;

  void start();
  /// Polls no more. What was put by then stays put; after it returns, nothing more is.
  void stop();
  /// Stops, after commit() of what the engine says is done with, and lets go of the far end.
  void close();
  SourceStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::connectors
