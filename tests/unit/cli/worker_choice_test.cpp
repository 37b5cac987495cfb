// How many workers a replay has: by what an event costs, which is measured without using it up.
#include "worker_choice.hpp"

#include <doctest/doctest.h>

#include <string>

#include "weir/compiler/compile.hpp"
#include "weir/runtime/engine_part.hpp"

namespace weir::cli {
namespace {

TEST_CASE("one worker where decoding is most of the work, all where matching is") {
  CHECK(best_workers({.decode = 400, .match = 100}, 2) == 1);
  CHECK(best_workers({.decode = 100, .match = 100}, 2) == 1);
  CHECK(best_workers({.decode = 100, .match = 5000}, 2) == 2);
  CHECK(best_workers({.decode = 100, .match = 50'000}, 8) == 8);
  CHECK(best_workers({.decode = 100, .match = 1e9}, 200) == runtime::kMaxWorkers);
  CHECK(best_workers({}, 2) == 1);
  CHECK(best_workers({.decode = 1, .match = 1e9}, 1) == 1);
}

TEST_CASE("dearer rules have no fewer workers, nor have more threads") {
  for (const std::size_t threads : {1UL, 2UL, 3UL, 4UL, 8UL, 16UL, 64UL}) {
    std::size_t before = 1;
    for (double match = 0; match < 20'000; match += 50) {
      const std::size_t workers = best_workers({.decode = 150, .match = match}, threads);
      CHECK(workers >= before);
      CHECK(workers <= threads);
      before = workers;
    }
  }
}

nfa::ProgramPtr compile_text(const std::string& yaml) {
  auto file = std::make_shared<lang::SourceFile>();
  file->path = "<test>";
  file->text = yaml;
  lang::Diagnostics diagnostics;
  const std::vector<lang::RuleDocument> documents = lang::read_rule_file(file, diagnostics);
  REQUIRE(documents.size() == 1);
  return compiler::compile({&documents.front()}, {}, diagnostics);
}

TEST_CASE("the block that is measured comes again") {
  const nfa::ProgramPtr program = compile_text(
      "rules:\n  - id: r\n    title: t\n    severity: low\n    key: k\n    pattern: SEQ(a, a)\n");
  REQUIRE(program != nullptr);
  std::string log;
  for (int i = 0; i < 40'000; ++i) {
    log +=
        R"({"type":"a","k":"k)" + std::to_string(i % 7) + R"(","ts":)" + std::to_string(i) + "}\n";
  }
  const auto open = [&](std::string_view text) {
    connectors::LogOptions options;
    options.codec.format = connectors::LogFormat::kNdjson;
    std::string error;
    auto source = connectors::LogSource::make(connectors::memory_byte_stream(text), "log", 0,
                                              options, program->plan, error);
    REQUIRE(source != nullptr);
    return source;
  };
  const auto source = open(log);
  const EventCost cost = measure_cost(*source, program);
  CHECK(cost.decode > 0);
  CHECK(cost.match > 0);
  std::size_t events = 0;
  for (connectors::Batch batch; source->next(batch);) {
    if (events == 0) CHECK(batch.events.front().position.offset == 0);
    events += batch.events.size();
  }
  CHECK(events == 40'000);
  CHECK(source->totals().records == 40'000);

  const auto empty = open("");
  const EventCost nothing = measure_cost(*empty, program);
  CHECK(nothing.match == 0);
  connectors::Batch batch;
  CHECK_FALSE(empty->next(batch));
  // Records, but no events.
  const auto broken = open("nonsense\n");
  CHECK(measure_cost(*broken, program).match == 0);
  CHECK(broken->next(batch));
  CHECK(batch.rejections.size() == 1);
}

}  // namespace
}  // namespace weir::cli
