// Decoding of one record: a JSON payment with the fraud pack's fields, a CSV row, a syslog line.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "../payments.hpp"
#include "../rule_packs.hpp"
#include "../rule_text.hpp"
#include "weir/connectors/codec.hpp"

namespace weir::bench {
namespace {

/// Records one after another, each decoded into an event that is forgotten.
void decode_all(benchmark::State& state, const connectors::CodecOptions& options,
                const nfa::ProgramPtr& program, const std::string& text,
                connectors::RecordFraming framing, bool header) {
  std::string error;
  const auto codec = connectors::make_codec(options, program->plan, error);
  connectors::RecordReader reader(connectors::memory_byte_stream(text), framing);
  connectors::RecordBlock block;
  if (codec == nullptr || !reader.next(block)) return state.SkipWithError("no record");
  std::size_t i = 0;
  if (header && !codec->begin(block.records[i++].bytes, error)) {
    return state.SkipWithError("no header");
  }
  const std::size_t first = i;
  ValueArena arena;
  std::string detail;
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::string_view record = block.records[i].bytes;
    Event event;
    arena.reset();
    if (codec->decode(record, nullptr, arena, event, detail) != connectors::RejectReason::kNone) {
      return state.SkipWithError("a record is refused");
    }
    benchmark::DoNotOptimize(event);
    bytes += record.size();
    if (++i == block.records.size()) i = first;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.SetItemsProcessed(state.iterations());
}

void decode_json(benchmark::State& state) {
  PaymentLog log(1000);
  std::string text;
  while (log.records() < 2000) log.append(text);
  connectors::CodecOptions options;
  options.format = connectors::LogFormat::kNdjson;
  decode_all(state, options, compile_texts(pack_texts("fraud")), text,
             connectors::RecordFraming::kLines, false);
}
BENCHMARK(decode_json);

void decode_csv(benchmark::State& state) {
  std::string text = "ts,type,user,amount,merchant\n";
  for (int i = 0; i < 2000; ++i) {
    text += fmt::format("2026-01-05T08:{:02}:{:02}Z,payment,u{},{}.50,shop{}\n", i / 60 % 60,
                        i % 60, i % 300, i % 900, i % 50);
  }
  connectors::CodecOptions options;
  options.format = connectors::LogFormat::kCsv;
  decode_all(state, options,
             compile_text("rules:\n" + rule_text("r", "user", "payment WHERE amount > 5")), text,
             connectors::RecordFraming::kCsv, true);
}
BENCHMARK(decode_csv);

void decode_syslog(benchmark::State& state) {
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    text += fmt::format(
        "Mar 27 13:{:02}:{:02} host1 sshd[{}]: Accepted publickey for u{} from 10.0.0.{}\n",
        i / 60 % 60, i % 60, 1000 + i, i % 300, i % 250);
  }
  connectors::CodecOptions options;
  options.format = connectors::LogFormat::kSyslog;
  decode_all(state, options,
             compile_text("rules:\n" + rule_text("r", "host", "syslog WHERE program == \"sshd\"")),
             text, connectors::RecordFraming::kLines, false);
}
BENCHMARK(decode_syslog);

}  // namespace
}  // namespace weir::bench
