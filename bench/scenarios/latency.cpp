// latency: one event at a time, in process, inline, from the call that takes it to the call that
// hands out its alert. The fraud pack over payments (payments.hpp) with a story in every 100, made
// into events beforehand; `decode` in the details is the same from the record's bytes on.
#include <algorithm>
#include <chrono>

#include "../engine_harness.hpp"
#include "../payments.hpp"
#include "../rule_packs.hpp"
#include "../rule_text.hpp"
#include "weir/connectors/log_source.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kRecords = 400'000;
constexpr std::size_t kStoryEvery = 100;

using Clock = std::chrono::steady_clock;

double quantile(std::vector<double>& values, double q) {
  const auto at = static_cast<std::size_t>(q * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

connectors::LogOptions ndjson() {
  connectors::LogOptions options;
  options.codec.format = connectors::LogFormat::kNdjson;
  return options;
}

/// Microseconds from the event to each alert.
std::vector<double> from_event(const nfa::ProgramPtr& program, const std::string& text,
                               Result& result, std::size_t alerts) {
  std::string error;
  const auto source = connectors::LogSource::make(connectors::memory_byte_stream(text), "payments",
                                                  0, ndjson(), program->plan, error);
  std::vector<double> out;
  Clock::time_point start;
  EngineHarness engine(
      program, {.on_alert = [&] {
        out.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
      }});
  connectors::Batch batch;
  while (source->next(batch)) {
    for (const Event& event : batch.events) {
      start = Clock::now();
      engine.push_one(event);
    }
  }
  result.check("alerts", alerts, out.size());
  return out;
}

/// The same from the record's bytes to each alert: decoded one by one.
std::vector<double> from_record(const nfa::ProgramPtr& program, const std::string& text,
                                Result& result, std::size_t alerts) {
  std::string error;
  const auto codec = connectors::make_codec(ndjson().codec, program->plan, error);
  connectors::RecordReader reader(connectors::memory_byte_stream(text),
                                  connectors::RecordFraming::kLines);
  std::vector<double> out;
  Clock::time_point start;
  EngineHarness engine(
      program, {.on_alert = [&] {
        out.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
      }});
  connectors::RecordBlock block;
  ValueArena arena;
  std::string detail;
  while (reader.next(block)) {
    for (const connectors::RawRecord& record : block.records) {
      Event event;
      arena.reset();
      start = Clock::now();
      codec->decode(record.bytes, nullptr, arena, event, detail);
      event.position = {0, 0, record.offset};
      engine.push_one(event);
    }
  }
  result.check("alerts of decoded records", alerts, out.size());
  return out;
}

void run(const Context& context, Result& result, double q, double to_reach) {
  PaymentLog log(kStoryEvery);
  std::string text;
  while (log.records() < context.scaled(kRecords, 2000)) log.append(text);
  const nfa::ProgramPtr program = compile_texts(pack_texts("fraud"));
  std::vector<double> of_event;
  std::vector<double> of_record;
  for (int run = 0; run < context.runs; ++run) {
    std::vector<double> values;
    result.runs = run + 1;
    const Cost cost = measure([&] { values = from_event(program, text, result, log.alerts()); });
    result.wall_seconds = cost.wall;
    result.cpu_seconds = cost.cpu;
    if (values.empty()) return;
    of_event.push_back(quantile(values, q));
    values = from_record(program, text, result, log.alerts());
    if (values.empty()) return;
    of_record.push_back(quantile(values, q));
  }
  result.set("from the event to the alert", median(of_event), "us");
  result.at_most(to_reach);
  result.detail("from the record's bytes", median(of_record), "us");
  result.detail("alerts", static_cast<double>(log.alerts()), "");
}

}  // namespace

void add_latency(Scenarios& to) {
  to.push_back({"latency/p50", "one event at a time: the median time to the alert",
                [](const Context& c, Result& r) { run(c, r, 0.5, 2); }});
  to.push_back({"latency/p99", "one event at a time: the 99th percentile of the time to the alert",
                [](const Context& c, Result& r) { run(c, r, 0.99, 20); }});
}

}  // namespace weir::bench
