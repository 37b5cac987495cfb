// windows: count, avg and p99 of integers per service, sliding windows of 5 m every 10 s.
//
// Shape: 10,000 services drawn evenly, 10,000 events a second of event time, so that 2 M events are
// 200 s and each service has an event a second. Latencies are 50 .. 549 and, one in 50, 1000 more.
// Some 500,000 windows close (of each service one every 10 s, also for five minutes after the end).
// Three rules read them; each holds of one window in some hundred.
#include <algorithm>

#include "../engine_runs.hpp"
#include "../event_log.hpp"
#include "../random.hpp"
#include "../rule_text.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kEvents = 2'000'000;
constexpr std::size_t kServices = 10'000;
constexpr std::int64_t kEventsPerSecond = 10'000;
constexpr std::int64_t kStep = 10;  // s

std::string rules_text(std::int64_t size) {
  return "derive:\n"
         "  - id: service_window\n"
         "    from: request\n"
         "    key: service\n"
         "    window: sliding " +
         std::to_string(size) + "s every " + std::to_string(kStep) +
         "s\n"
         "    values:\n"
         "      n: count()\n"
         "      mean: avg(ms)\n"
         "      p99: percentile(ms, 99)\n"
         "rules:\n" +
         rule_text("count", "service", "service_window WHERE n % 100 == 3") +
         rule_text("mean", "service", "service_window WHERE n > 40 and mean > 390") +
         rule_text("p99", "service", "service_window WHERE n > 40 and p99 > 1535.5");
}

struct Drawn {
  std::uint32_t service;
  std::int32_t ms;
};

std::vector<Drawn> draw(std::size_t events, std::size_t services) {
  Random random(6);
  std::vector<Drawn> out(events);
  for (Drawn& drawn : out) {
    drawn.service = static_cast<std::uint32_t>(random.below(services));
    drawn.ms = static_cast<std::int32_t>(50 + random.below(500));
    if (random.below(50) == 0) drawn.ms += 1000;
  }
  return out;
}

/// What the contract calls the 99th percentile: linear between the two nearest ranks.
double p99(std::vector<std::int32_t>& values) {
  const double rank = 99.0 * static_cast<double>(values.size() - 1) / 100;
  const auto low = static_cast<std::size_t>(rank);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(low));
  if (low + 1 == values.size()) return values[low];
  const double above =
      *std::min_element(values.begin() + static_cast<std::ptrdiff_t>(low) + 1, values.end());
  return values[low] + (above - values[low]) * (rank - static_cast<double>(low));
}

struct Expected {
  std::uint64_t windows = 0;
  std::uint64_t alerts = 0;
};

Expected expect(const std::vector<Drawn>& drawn, std::size_t services, std::int64_t size) {
  struct Seen {
    std::int64_t second;
    std::int32_t ms;
  };
  std::vector<std::vector<Seen>> by_service(services);
  const std::int64_t end = static_cast<std::int64_t>(drawn.size()) / kEventsPerSecond + kStep;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    by_service[drawn[i].service].push_back(
        {static_cast<std::int64_t>(i) / kEventsPerSecond, drawn[i].ms});
  }
  Expected expected;
  std::vector<std::int32_t> values;
  for (const std::vector<Seen>& seen : by_service) {
    for (std::int64_t start = kStep - size; start < end; start += kStep) {
      values.clear();
      std::int64_t sum = 0;
      const auto first = std::ranges::lower_bound(seen, start, {}, &Seen::second);
      for (auto it = first; it != seen.end() && it->second < start + size; ++it) {
        values.push_back(it->ms);
        sum += it->ms;
      }
      if (values.empty()) continue;
      const auto n = static_cast<std::int64_t>(values.size());
      ++expected.windows;
      expected.alerts += n % 100 == 3;
      expected.alerts += n > 40 && static_cast<double>(sum) / static_cast<double>(n) > 390;
      expected.alerts += n > 40 && p99(values) > 1535.5;
    }
  }
  return expected;
}

/// A log for windows of `size` seconds, and what it holds.
struct Made {
  EventLog log;
  Expected expected;

  Made(const Context& context, std::int64_t size)
      : log(compile_text(rules_text(size)), context.scaled(kEvents, 2000)) {
    const std::size_t services = context.scaled(kServices, 20);
    const std::vector<Drawn> drawn = draw(context.scaled(kEvents, 2000), services);
    const LogType request = log.type("request");
    const std::uint16_t service = log.slot(request, "service");
    const std::uint16_t ms = log.slot(request, "ms");
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      Value* const slots =
          log.add(request, {static_cast<std::int64_t>(i) * (kNsPerSecond / kEventsPerSecond)});
      slots[service] = Value::integer(drawn[i].service);
      slots[ms] = Value::integer(drawn[i].ms);
    }
    expected = expect(drawn, services, size);
  }
  double events_and_windows() const {
    return static_cast<double>(log.events().size() + expected.windows);
  }
};

void run(const Context& context, Result& result) {
  const Made made(context, 300);
  const EngineRuns runs = run_engine(context, made.log, {}, result);
  result.set("events a CPU second", runs.events_per_second(), "events/s");
  result.at_least(3e6);
  result.detail("windows closed", static_cast<double>(made.expected.windows), "");
  result.detail("alerts", static_cast<double>(made.expected.alerts), "");
  if (runs.complete) result.check("alerts", made.expected.alerts, runs.delivered);
}

/// Windows of 5 m, beside windows of 50 s, which overlap five times instead of thirty. Fewer of
/// these close, so time is that of an event or a window closed.
void run_overlap(const Context& context, Result& result) {
  const Made five(context, 50);
  const Made thirty(context, 300);
  const Turns turns = run_in_turns(context, {five.log}, {thirty.log}, result);
  result.set("time at 30 overlaps by that at 5",
             turns.ratio() * five.events_and_windows() / thirty.events_and_windows(), "x");
  result.at_most(1.5);
  result.detail("at 5", turns.first.events_per_second(), "events/s");
  result.detail("at 30", turns.second.events_per_second(), "events/s");
  if (!turns.complete()) return;
  result.check("alerts at 30", thirty.expected.alerts, turns.second.delivered);
  result.check("alerts at 5", five.expected.alerts, turns.first.delivered);
}

}  // namespace

void add_windows(Scenarios& to) {
  to.push_back({"windows", "count, avg, p99 per service over sliding 5 m every 10 s", run});
  to.push_back(
      {"windows/overlap", "time of an event and a window closed at 30 overlaps by 5", run_overlap});
}

}  // namespace weir::bench
