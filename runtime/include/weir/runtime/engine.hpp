// The engine: events in, alerts out. One thread; shards hold all state.
//
//   Engine engine(program, options, sink);
//   for (event : ordered events) engine.push(event);
//   engine.finish();
//
// Events come in the order (ts, arrival); a Sequencer (sequencer.hpp) puts them into it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"
#include "weir/nfa/trace.hpp"
#include "weir/runtime/alert.hpp"

namespace weir::runtime {

struct EngineOptions {
  /// Only alerts of these rules are handed to the sink (all run). Empty: every rule's.
  std::vector<nfa::RuleId> only;
  /// Told what becomes of every run; null: nothing is traced, at no cost.
  nfa::Tracer* tracer = nullptr;
  /// Keys are spread over so many shards; what is reported does not depend on it.
  std::size_t shards = 1;
  /// Sliding windows that overlap share panes; off: each has its own accumulators, with the same
  /// results.
  bool panes = true;
};

struct RuleStats {
  std::uint64_t matches = 0;
  std::uint64_t alerts = 0;       // sent
  std::uint64_t suppressed = 0;   // kept back by cooldown or max_per
  std::uint64_t events = 0;       // of its input, with a key
  std::uint64_t without_key = 0;  // of its input, lacking a key field
};

struct EngineStats {
  std::uint64_t events = 0;  // pushed
  std::uint64_t alerts = 0;
  std::uint64_t open_runs = 0;
  std::vector<RuleStats> rules;  // by RuleId
};

class Engine {
 public:
  /// `sink` and `options.tracer` outlive the engine.
  Engine(nfa::ProgramPtr program, EngineOptions options, AlertSink& sink);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// REQUIRES: not before the last event pushed. The event's memory is not needed after the call.
  /// Its `seq` is assigned here.
  void push(const Event& event);

  /// Nothing at or before `watermark` can still come: deadlines up to it fall due.
  void advance(Timestamp watermark);

  /// The end of a bounded log: the watermark goes to infinity, windows and open loops close.
  void finish();

  EngineStats stats() const;
  const nfa::Program& program() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::runtime
