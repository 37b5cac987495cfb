// Bytes in memory to events, as replay reads a log: records, index, values, slots; a block at a
// time. Payments of seven fields; rules read five of them, and six more that no record has.
#include "weir/connectors/log_source.hpp"

#include <benchmark/benchmark.h>
#include <fmt/core.h>

namespace weir::bench {
namespace {

std::string make_payments(std::size_t bytes) {
  std::string text;
  for (std::uint64_t i = 0; text.size() < bytes; ++i) {
    const std::uint64_t random = (i + 1) * 0x9e3779b97f4a7c15 >> 20;
    text += fmt::format(
        R"({{"ts":"2026-01-05T08:{:02}:{:02}.{:03}Z","type":"payment","user":"u{:05}",)"
        R"("card":"4111-{:06}","amount":{}.{:02},"merchant":"m{:04}","status":"{}"}})"
        "\n",
        i / 60'000 % 60, i / 1000 % 60, i % 1000, random % 100'000, random % 70'000, random % 500,
        random % 100, random % 2000, random % 20 == 0 ? "declined" : "approved");
  }
  return text;
}

FieldPlan make_plan() {
  FieldPlan plan;
  const TypeId payment = plan.add_type("payment");
  for (const char* const field : {"user", "status", "device", "amount", "merchant", "card",
                                  "channel", "lat", "lon", "country", "category"}) {
    plan.read(payment, plan.add_field(field));
  }
  plan.finish();
  return plan;
}

void read_json(benchmark::State& state, bool indexed) {
  static const std::string text = make_payments(std::size_t{8} << 20);
  const FieldPlan plan = make_plan();
  connectors::LogOptions options;
  options.codec.format = connectors::LogFormat::kNdjson;
  options.codec.json_index = indexed;
  connectors::Batch batch;
  std::size_t events = 0;
  for (auto _ : state) {
    std::string error;
    const auto source = connectors::LogSource::make(connectors::memory_byte_stream(text), "log", 0,
                                                    options, plan, error);
    if (source == nullptr) return state.SkipWithError(error.c_str());
    while (source->next(batch)) events += batch.events.size();
    if (source->totals().rejected != 0) return state.SkipWithError("a record is refused");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

BENCHMARK_CAPTURE(read_json, indexed, true);
BENCHMARK_CAPTURE(read_json, record_by_record, false);

}  // namespace
}  // namespace weir::bench
