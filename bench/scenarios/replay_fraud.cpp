// replay-fraud: a file of 2 M NDJSON payments through the fraud pack, as `weir replay` does it; and
// the same with two threads. Shape: payments.hpp, a story in every 1,000 payments.
//
// The file is written to the folder of --data and taken away afterwards. Rules are compiled within
// the time measured.
#include <fmt/core.h>

#include <cstdio>
#include <fstream>

#include "../engine_harness.hpp"
#include "../hot_path.hpp"
#include "../native_json.hpp"
#include "../payments.hpp"
#include "../rule_packs.hpp"
#include "../rule_text.hpp"
#include "weir/connectors/log_source.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kRecords = 2'000'000;
constexpr std::size_t kStoryEvery = 1000;

/// On disk as long as it lives.
class PaymentFile {
 public:
  PaymentFile(const Context& context, std::size_t records)
      : path_(fmt::format("{}/weir-bench-payments-{}.ndjson", context.data_dir, getpid())) {
    PaymentLog log(kStoryEvery);
    std::ofstream file(path_, std::ios::binary);
    std::string text;
    while (log.records() < records) {
      text.clear();
      for (int i = 0; i < 10'000 && log.records() < records; ++i) log.append(text);
      file << text;
      bytes_ += text.size();
    }
    written_ = file.flush().good();
    records_ = log.records();
    alerts_ = log.alerts();
  }
  ~PaymentFile() { std::remove(path_.c_str()); }
  PaymentFile(const PaymentFile&) = delete;
  PaymentFile& operator=(const PaymentFile&) = delete;

  bool written() const { return written_; }
  const std::string& path() const { return path_; }
  std::size_t records() const { return records_; }
  std::size_t alerts() const { return alerts_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::string path_;
  bool written_ = false;
  std::size_t records_ = 0;
  std::size_t alerts_ = 0;
  std::size_t bytes_ = 0;
};

Cost measure_replay(const Context& context, const PaymentFile& file, std::size_t threads,
                    Result& result) {
  ReplayOutcome outcome;
  const PeakMemory peak;
  const Cost cost = measure(
      [&] { outcome = replay_log(context, WEIR_SOURCE_DIR "/rules/fraud", file.path(), threads); });
  result.engine_bytes = std::max(result.engine_bytes, peak.grown());
  result.check("exit code", 0, static_cast<std::uint64_t>(outcome.exit_code));
  result.check("alerts", file.alerts(), outcome.alerts);
  return cost;
}

void run_one(const Context& context, Result& result) {
  const PaymentFile file(context, context.scaled(kRecords, 2000));
  if (!file.written()) return result.give_up("the log could not be written; --data names a folder");
  std::vector<Cost> loops;
  std::vector<Cost> replays;
  JsonRead read;
  for (int run = 0; run < context.runs; ++run) {
    loops.push_back(measure([&] { read = read_payments(file.path().c_str()); }));
    replays.push_back(measure_replay(context, file, 1, result));
    if (replays.back().cpu > context.run_seconds) break;  // one such run is enough
  }
  const auto records = static_cast<double>(file.records());
  const Cost loop = median(loops);
  const Cost replay = median(replays);
  result.runs = static_cast<int>(replays.size());
  result.wall_seconds = replay.wall;
  result.cpu_seconds = replay.cpu;
  result.set("of a loop of simdjson", loop.cpu / replay.cpu, "x");
  result.at_least(0.5);
  result.detail("replay", records / replay.cpu, "events/s");
  result.detail("loop", records / loop.cpu, "events/s");
  result.detail("bytes a record", static_cast<double>(file.bytes()) / records, "");
  result.detail("alerts", static_cast<double>(file.alerts()), "");
  result.check("records that the loop read", read.fault ? 0 : file.records(), read.records);
}

void run_two(const Context& context, Result& result) {
  result.at_least(1.6);
  const PaymentFile file(context, context.scaled(kRecords, 2000));
  if (!file.written()) return result.give_up("the log could not be written; --data names a folder");
  std::vector<Cost> ones;
  std::vector<Cost> twos;
  for (int run = 0; run < context.runs; ++run) {
    ones.push_back(measure_replay(context, file, 1, result));
    twos.push_back(measure_replay(context, file, 2, result));
    if (twos.back().cpu > context.run_seconds) break;
  }
  const Cost one = median(ones);
  const Cost two = median(twos);
  result.runs = static_cast<int>(twos.size());
  result.wall_seconds = two.wall;
  result.cpu_seconds = two.cpu;
  result.set("wall time of one thread by that of two", one.wall / two.wall, "x");
  const auto records = static_cast<double>(file.records());
  result.detail("one thread", records / one.wall, "events/s");
  result.detail("two threads", records / two.wall, "events/s");
}

}  // namespace

void add_replay_fraud(Scenarios& to) {
  to.push_back(
      {"replay-fraud", "2 M payments through the fraud pack, beside a loop of simdjson", run_one});
  to.push_back({"replay-fraud-mt", "the same with two threads, beside one", run_two});
}

/// From the records in memory to the alerts.
void add_replay_fraud_path(HotPaths& to) {
  to.push_back({"replay-fraud", [](std::size_t events, bool twice) {
                  PaymentLog log(kStoryEvery);
                  std::string text;
                  std::size_t half = 0;
                  while (log.records() < 2 * events) {
                    log.append(text);
                    if (log.records() <= events) half = text.size();
                  }
                  const nfa::ProgramPtr program = compile_texts(pack_texts("fraud"));
                  connectors::LogOptions options;
                  options.codec.format = connectors::LogFormat::kNdjson;
                  std::string error;
                  const auto source = connectors::LogSource::make(
                      connectors::memory_byte_stream({text.data(), twice ? text.size() : half}),
                      "payments", 0, options, program->plan, error);
                  EngineHarness engine(program, {});
                  connectors::Batch batch;
                  while (source->next(batch)) engine.push(batch.events, Deadline(1e6));
                }});
}

}  // namespace weir::bench
