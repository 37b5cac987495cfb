// many-different: the shipped packs together, and a thousand rules generated from them with other
// event types, fields, keys and ids (rule_packs.hpp). Shape of the events: pack_events.hpp.
//   packs      the packs alone
//   1000       19 copies of them (1,026 rules); the events of the packs' log come once for each
//   copy untouched  the same rules, but only events of the packs' own types: what the other 972
//   rules
//              cost that no event touches
//
// Expected: over the first 3,000 events the reference matcher's matches, rule by rule (but for
// rules that read windows or other rules' alerts, which it does not know). Of the copies: each what
// the packs alone find.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "../engine_runs.hpp"
#include "../event_log.hpp"
#include "../pack_events.hpp"
#include "../rule_packs.hpp"
#include "../rule_text.hpp"
#include "log.hpp"
#include "parsed.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kEvents = 200'000;  // of the packs alone
constexpr std::size_t kCopies = 19;
constexpr std::size_t kHeldAgainst = 3000;

nfa::ProgramPtr program_of(const Renaming& packs, std::size_t copies) {
  std::vector<std::string> texts;
  for (std::size_t copy = 0; copy < copies; ++copy) {
    for (std::string& text : packs.copy(copy)) texts.push_back(std::move(text));
  }
  return compile_texts(texts);
}

/// The packs' events, each once for every copy from 0 on.
class CopiedLog {
 public:
  CopiedLog(const Renaming& packs, const nfa::ProgramPtr& program, std::size_t events,
            std::size_t copies)
      : packs_(packs), events_(11), log_(program, events * copies) {
    for (std::size_t i = 0; i < events; ++i) {
      const PackEvent event = events_.next();
      for (std::size_t copy = 0; copy < copies; ++copy) add(event, copy);
    }
  }
  const EventLog& log() const { return log_; }

 private:
  struct Places {
    LogType type;
    std::vector<std::uint16_t> slots;  // by field of the table
  };

  void add(const PackEvent& event, std::size_t copy) {
    auto& known = places_[{event.type, copy}];
    if (known.type.plan == nullptr) {
      known.type = log_.type(packs_.name(event.type, copy));
      for (const auto& [field, value] : event.fields) {
        known.slots.push_back(log_.slot(known.type, packs_.name(field, copy)));
      }
    }
    Value* const slots = log_.add(known.type, event.ts);
    for (std::size_t i = 0; i < event.fields.size(); ++i) {
      if (known.slots[i] != kNoSlot) slots[known.slots[i]] = event.fields[i].second;
    }
  }

  const Renaming& packs_;
  PackEvents events_;
  EventLog log_;
  std::map<std::pair<std::string_view, std::size_t>, Places> places_;
};

bool reads_sources_alone(const nfa::Program& program, const Renaming& packs, nfa::RuleId rule) {
  return std::ranges::all_of(program.rules[rule].input, [&](TypeId type) {
    return std::ranges::binary_search(packs.types(), program.plan.type(type).name);
  });
}

/// The first events through the reference matcher.
void check_against_reference(const Context& context, const Renaming& packs, const EventLog& log,
                             Result& result) {
  const std::size_t n = std::min(log.events().size(), context.scaled(kHeldAgainst, 500));
  reference::Log events;
  PackEvents source(11);
  for (std::size_t i = 0; i < n; ++i) {
    const PackEvent event = source.next();
    reference::RefEvent& to = events.events.emplace_back();
    to.type = event.type;
    to.ts = event.ts;
    to.seq = i;
    for (const auto& [field, value] : event.fields) {
      to.fields.emplace(field, OwnedValue(value));
    }
  }
  std::map<std::string, std::uint64_t> expected;
  for (const std::string& text : packs.texts()) {
    const auto rules = reference::ParsedRules::parse(text);
    if (!rules) return result.check("rule files that the reference reads", 1, 0);
    for (const reference::RefMatch& match : rules->run(events).matches) ++expected[match.rule];
  }
  EngineHarness engine(log.program(), {});
  if (!engine.push(log.events().first(n), Deadline(context.run_seconds))) return;
  engine.finish();
  std::uint64_t compared = 0;
  for (nfa::RuleId rule = 0; rule < log.program()->rules.size(); ++rule) {
    if (!reads_sources_alone(*log.program(), packs, rule)) continue;
    const std::string& id = log.program()->rules[rule].id;
    result.check("matches of " + id, expected[id], engine.matches_of(rule));
    compared += expected[id];
  }
  result.detail("matches held against the reference", static_cast<double>(compared), "");
}

void run_packs(const Context& context, Result& result) {
  const Renaming packs;
  const CopiedLog log(packs, program_of(packs, 1), context.scaled(kEvents, 1000), 1);
  const EngineRuns runs = run_engine(context, log.log(), {}, result);
  result.set("events a CPU second", runs.events_per_second(), "events/s");
  result.detail("rules", static_cast<double>(packs.rules()), "");
  result.detail("matches", static_cast<double>(runs.matches), "");
  result.detail("alerts", static_cast<double>(runs.delivered), "");
  check_against_reference(context, packs, log.log(), result);
}

void run_thousand(const Context& context, Result& result) {
  const Renaming packs;
  const std::size_t events = context.scaled(kEvents / 4, 100);
  const CopiedLog alone(packs, program_of(packs, 1), events, 1);
  const EngineRuns one = run_engine(context, alone.log(), {}, result);
  const CopiedLog log(packs, program_of(packs, kCopies), events, kCopies);
  const EngineRuns runs = run_engine(context, log.log(), {}, result);
  result.set("events a CPU second", runs.events_per_second(), "events/s");
  result.at_least(0.5e6);
  result.detail("rules", static_cast<double>(packs.rules() * kCopies), "");
  result.detail("matches", static_cast<double>(runs.matches), "");
  if (!runs.complete) return;
  result.check("matches", kCopies * one.matches, runs.matches);
  result.check("alerts", kCopies * one.delivered, runs.delivered);
}

void run_untouched(const Context& context, Result& result) {
  const Renaming packs;
  const std::size_t events = context.scaled(kEvents, 1000);
  const CopiedLog alone(packs, program_of(packs, 1), events, 1);
  const CopiedLog log(packs, program_of(packs, kCopies), events, 1);
  const Turns turns = run_in_turns(context, {alone.log()}, {log.log()}, result);
  result.set("time with 972 rules untouched by without", turns.ratio(), "x");
  result.at_most(1.1);
  result.detail("events a CPU second", turns.second.events_per_second(), "events/s");
  if (turns.complete()) result.check("alerts", turns.first.delivered, turns.second.delivered);
}

}  // namespace

void add_many_different(Scenarios& to) {
  to.push_back({"many-different/packs", "the shipped packs together", run_packs});
  to.push_back({"many-different/1000", "1,026 rules generated from the packs", run_thousand});
  to.push_back(
      {"many-different/untouched", "what 972 rules cost that no event touches", run_untouched});
}

}  // namespace weir::bench
