// The logs of a command line: opened, read in step by event time, put in order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "rules.hpp"
#include "weir/connectors/log_source.hpp"
#include "weir/runtime/sequencer.hpp"

namespace weir::cli {

/// What the flags say, for one log; false with `error` where they cannot be meant.
bool resolve_log_options(const LogOptions& flags, const RuleSet& rules,
                         const std::optional<Schema>& schema, connectors::LogOptions& options,
                         std::string& error);

/// Opens a log; with `--format auto` the formats of the rule files are tried, too.
std::unique_ptr<connectors::LogSource> open_log(const std::string& path, std::uint32_t source,
                                                connectors::LogOptions options,
                                                const RuleSet& rules, const FieldPlan& plan,
                                                std::string& error);

/// "N" or "P%": bad records to put up with.
struct RejectLimit {
  std::uint64_t count = 0;
  double percent = -1;      // below 0: `count` holds
  bool from_start = false;  // a share was given by hand: it holds for short logs, too, at their end

  /// `ended`: the whole log has been read.
  bool exceeded(std::uint64_t rejected, std::uint64_t records, bool ended) const noexcept;
};
bool parse_reject_limit(const std::string& text, RejectLimit& limit, std::string& error);

/// Hears of records that could not be read.
class RejectionSink {
 public:
  virtual ~RejectionSink() = default;
  virtual void on_rejection(const connectors::LogSource& log,
                            const connectors::Rejection& rejection) = 0;
  /// Between batches: false stops the reading.
  virtual bool go_on() = 0;
};

class LogInput {
 public:
  /// Opens all logs. False, with `error`, where one cannot be opened.
  bool open(const LogOptions& flags, const RuleSet& rules, const std::optional<Schema>& schema,
            const FieldPlan& plan, std::string& error);

  /// Reads them to the end, or until `rejections` says to stop: false then.
  bool run(runtime::EventSink& events, RejectionSink& rejections);

  /// Sums over all logs.
  connectors::LogTotals totals() const;
  std::uint64_t late() const noexcept { return late_; }
  Duration out_of_order() const noexcept { return out_of_order_; }
  const std::vector<std::unique_ptr<connectors::LogSource>>& logs() const noexcept { return logs_; }
  /// Logs that broke off: sentences.
  std::vector<std::string> faults() const;

 private:
  /// The next batch of a log, and how far it has been handed on.
  struct Cursor {
    connectors::Batch batch;
    std::size_t next = 0;
    bool ended = false;
  };
  bool refill(std::size_t log, RejectionSink& rejections);

  std::vector<std::unique_ptr<connectors::LogSource>> logs_;
  std::vector<Cursor> cursors_;
  Duration out_of_order_;
  std::uint64_t late_ = 0;
};

}  // namespace weir::cli
