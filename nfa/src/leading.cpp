// NOTs at the start of a pattern: what has been before its first event.
#include <algorithm>

#include "stepper.hpp"

namespace weir::nfa {
namespace {

/// An event that is kept because its fields are compared with those of the match.
struct KeptEvent {
  EventRef event;  // one reference
  BlockRef newer;
};

bool compares(const LeadingNot& leading) {
  return std::ranges::any_of(leading.tests, [](const Test& test) { return !test.bound.empty(); });
}

}  // namespace

std::span<LeadingEvents> Matcher::Impl::leading(RunList& list) const noexcept {
  return {reinterpret_cast<LeadingEvents*>(&list + 1), automaton_->leading.size()};
}

void Matcher::Impl::expire_leading(LeadingEvents& events, Duration within, std::int64_t now) {
  if (events.last != kNoTime && (Timestamp{events.last} + within).ns < now) events.last = kNoTime;
  const auto asked = [&] {
    const auto& kept = *store_.arena().as<KeptEvent>(events.oldest);
    return (pool_->events().get(kept.event).ts + within).ns >= now;
  };
  while (events.oldest != 0 && !asked()) drop_oldest(events);
}

void Matcher::Impl::drop_oldest(LeadingEvents& events) {
  const KeptEvent kept = *store_.arena().as<KeptEvent>(events.oldest);
  pool_->events().release(kept.event);
  store_.arena().free(events.oldest, sizeof(KeptEvent));
  events.oldest = kept.newer;
}

void Matcher::Impl::drop_leading(LeadingEvents& events) {
  events.last = kNoTime;
  while (events.oldest != 0) drop_oldest(events);
}

bool Matcher::Impl::forbidden_before(RunList& list, const RunRecord& run) {
  const std::int64_t now = tests_.event().ts.ns;
  const std::span<LeadingEvents> all = leading(list);
  const ThreadView thread = threads(run).front();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const LeadingNot& leading = automaton_->leading[i];
    expire_leading(all[i], leading.within, now);
    if (all[i].last != kNoTime) return true;
    for (BlockRef ref = all[i].oldest; ref != 0;) {
      const auto& kept = *store_.arena().as<KeptEvent>(ref);
      ref = kept.newer;
      const Event& before = pool_->events().get(kept.event);
      for (const Test& test : leading.tests) {
        if (!test.any_type && test.type != before.type) continue;
        if (bound_holds(test.one_event, run.chain, thread.registers, &before) &&
            bound_holds(test.bound, run.chain, thread.registers, &before)) {
          return true;
        }
      }
    }
  }
  return false;
}

void Matcher::Impl::remember_leading(RunList& list) {
  const Event& event = tests_.event();
  const std::span<LeadingEvents> all = leading(list);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const LeadingNot& leading = automaton_->leading[i];
    if (std::ranges::none_of(leading.tests, [&](const Test& t) { return takes_part(t); })) continue;
    expire_leading(all[i], leading.within, event.ts.ns);
    if (!compares(leading)) {
      all[i].last = event.ts.ns;
      continue;
    }
    const BlockRef ref = store_.arena().allocate(sizeof(KeptEvent));
    *store_.arena().as<KeptEvent>(ref) = {stored(), 0};
    pool_->events().retain(stored_);
    if (all[i].oldest == 0) {
      all[i].oldest = ref;
    } else {
      store_.arena().as<KeptEvent>(all[i].newest)->newer = ref;
    }
    all[i].newest = ref;
  }
}

}  // namespace weir::nfa
