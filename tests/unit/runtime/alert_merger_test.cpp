// Alerts of several workers come out in one order, as soon as nothing can come before them.
#include "parallel/alert_merger.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <vector>

namespace weir::runtime {
namespace {

class Text final : public AlertTextSink {
 public:
  void on_alerts(std::string_view text, std::size_t alerts) override {
    all += text;
    count += alerts;
  }
  std::string all;
  std::size_t count = 0;
};

AlertPlace at(std::int64_t ns, nfa::RuleId rule = 0) {
  return {.at = ns, .phase = AlertPlace::kEvent, .rank = 0, .index = 0, .seq = 0, .rule = rule};
}

AlertChunk chunk(const std::vector<std::pair<AlertPlace, std::string>>& alerts) {
  AlertChunk out;
  for (const auto& [place, text] : alerts) {
    out.text += text;
    out.marks.push_back({place, out.text.size()});
  }
  return out;
}

TEST_CASE("merger: an alert waits until all workers are past it") {
  const std::atomic<std::uint64_t> done{0};
  Text text;
  AlertMerger merger(2, done, text);
  CHECK_FALSE(merger.run_one(0));
  merger.publish(0, chunk({{at(1), "a"}, {at(3), "c"}}), at(5));
  CHECK(merger.run_one(0));
  CHECK(text.all.empty());  // nothing is known of the other
  CHECK(merger.waiting_bytes(0) == 2);
  merger.publish(1, chunk({{at(2), "b"}}), at(2));
  CHECK(merger.run_one(0));
  CHECK(text.all == "ab");
  merger.publish(1, chunk({}), at(4));
  CHECK(merger.run_one(0));
  CHECK(text.all == "abc");
  CHECK(merger.waiting_bytes(0) == 0);
  CHECK_FALSE(merger.run_one(0));
  CHECK_FALSE(merger.done());
  merger.end(0);
  merger.publish(1, chunk({{at(9), "z"}}), at(9));
  CHECK(merger.run_one(0));
  CHECK(text.all == "abcz");  // one that has ended holds nothing back
  merger.end(1);
  CHECK(merger.run_one(0));
  CHECK(merger.done());
  CHECK(text.count == 4);
}

TEST_CASE("merger: of one cause alerts are in the order of rules, and one worker's stay in order") {
  const std::atomic<std::uint64_t> done{0};
  Text text;
  AlertMerger merger(2, done, text);
  merger.publish(0, chunk({{at(1, 0), "a"}, {at(1, 0), "b"}, {at(1, 4), "d"}}), at(1, 9));
  merger.publish(1, chunk({{at(1, 2), "c"}, {at(1, 5), "e"}}), at(1, 9));
  CHECK(merger.run_one(0));
  CHECK(text.all == "abcde");
}

TEST_CASE("merger: any streams, in any pieces") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const std::size_t workers = 1 + random() % 5;
    // Places that ascend, each some worker's.
    std::vector<std::vector<std::pair<AlertPlace, std::string>>> of(workers);
    std::string expected;
    for (int i = 0; i < 60; ++i) {
      const std::string name = std::to_string(i) + ",";
      of[random() % workers].push_back({at(i), name});
      expected += name;
    }
    const std::atomic<std::uint64_t> done{0};
    Text text;
    AlertMerger merger(workers, done, text);
    std::vector<std::size_t> next(workers);
    for (std::size_t open = workers; open > 0;) {
      const std::size_t w = random() % workers;
      if (next[w] > of[w].size()) continue;
      if (next[w] == of[w].size()) {
        merger.end(w);
        ++next[w];
        --open;
      } else {
        const std::size_t n = std::min(of[w].size() - next[w], std::size_t{1 + random() % 4});
        const auto from = of[w].begin() + static_cast<std::ptrdiff_t>(next[w]);
        next[w] += n;
        const AlertPlace last = of[w][next[w] - 1].first;
        merger.publish(w, chunk({from, from + static_cast<std::ptrdiff_t>(n)}), last);
      }
      if (random() % 3 == 0) merger.run_one(0);
      CHECK(expected.starts_with(text.all));
    }
    merger.run_one(0);
    CHECK(merger.done());
    CHECK(text.all == expected);
  }
}

}  // namespace
}  // namespace weir::runtime
