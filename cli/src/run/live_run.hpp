// One `weir run`, from its config to its end: sources, engine, sinks, and the thread that watches.
//
// Threads: one a source, one a sink, the crew (as many as there are workers), those of the HTTP
// server; the thread that calls run() takes signals and watches the clock.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "output.hpp"
#include "rules.hpp"
#include "run/framed_alerts.hpp"
#include "run/log_notices.hpp"
#include "run/outboxes.hpp"
#include "run/recording.hpp"
#include "run/run_status.hpp"
#include "weir/connectors/live/http.hpp"
#include "weir/connectors/live/source_driver.hpp"
#include "weir/runtime/live_engine.hpp"

namespace weir::cli {

class LiveRun final : private runtime::LiveListener, private connectors::SourceDriverListener {
 public:
  LiveRun(const RunConfig& config, const LoadedRules& rules, Io& io);
  ~LiveRun();
  LiveRun(const LiveRun&) = delete;
  LiveRun& operator=(const LiveRun&) = delete;

  /// Until SIGTERM, SIGINT or the end of all sources. Returns an exit code.
  int run();

 private:
  /// Offsets that are done with once the sinks have delivered so much.
  struct Commit {
    runtime::InputCut cut;
    Outboxes::Mark mark;
  };

  bool open_sinks();
  bool open_sources();
  bool open_recording();
  bool open_api();
  void work();
  void watch();
  void settle_commits();
  void flush_recording();
  void show_events(const runtime::InputItem& item);
  bool drain();
  int finish(bool delivered);
  void say_summary();
  /// Any thread, once the sources are open.
  RunStatus status() const;

  // runtime::LiveListener
  void on_taken(const runtime::InputItem& item) override;
  void on_late(const Event& event, Duration lateness) override;
  bool room_for_alerts() override { return outboxes_.has_room(); }
  // connectors::SourceDriverListener
  void on_rejected(std::uint32_t source, const connectors::Rejection& rejection) override;
  bool room_for_rejected() override { return outboxes_.has_room(); }
  void on_put() override { crew_.wake(); }
  void on_end(std::uint32_t source, std::string_view problem) override;

  const RunConfig& config_;
  const LoadedRules& rules_;
  Io& io_;
  LogNotices notices_;
  FramedAlerts frames_;
  TapHub taps_;
  Outboxes outboxes_;
  std::size_t workers_;
  // The drivers keep what events point to; they outlive the engine's state.
  std::vector<std::unique_ptr<connectors::SourceDriver>> drivers_;
  std::unique_ptr<runtime::LiveEngine> engine_;
  runtime::Crew crew_;
  std::atomic<std::size_t> ended_{0};  // sources
  std::atomic<bool> source_failed_{false};
  std::atomic<bool> broken_{false};  // a stage has thrown
  std::atomic<bool> stopping_{false};
  std::atomic<bool> abandoned_{false};  // the drain has taken too long
  std::string failure_;
  std::deque<Commit> commits_;
  std::mutex recording_mutex_;
  std::unique_ptr<RecordingWriter> recording_;  // what it points to, under recording_mutex_
  std::atomic<bool> recording_failed_{false};
  std::chrono::steady_clock::time_point next_flush_;
  std::chrono::system_clock::time_point started_;
  std::unique_ptr<connectors::HttpServer> api_;  // asks all of the above
};

}  // namespace weir::cli
