#include "matcher.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <tuple>

#include "partition.hpp"

namespace weir::reference {
namespace {

using Key = std::vector<std::pair<std::string, OwnedValue>>;

// The key of an event; nothing where it takes no part in the rule.
std::optional<Key> key_of(const lang::KeyDef* def, const RefEvent& e) {
  Key key;
  if (def == nullptr) return key;
  const std::vector<lang::Text>* names = &def->fields;
  const std::vector<lang::Text>* fields = &def->fields;
  if (!def->by_type.empty()) {
    names = &def->by_type.front().second;  // the alert's key has the names of the map's first entry
    fields = nullptr;
    for (const auto& [type, of_type] : def->by_type) {
      if (type.value == e.type) fields = &of_type;
    }
    if (fields == nullptr) return std::nullopt;
  }
  for (std::size_t i = 0; i < fields->size() && i < names->size(); ++i) {
    const Value v = e.field((*fields)[i].value);
    if (v.is_null()) return std::nullopt;
    key.emplace_back((*names)[i].value, OwnedValue(v));
  }
  return key;
}

bool same_key(const Key& a, const Key& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return identical(x.second.get(), y.second.get());
  });
}

struct Keyed {
  Key key;
  std::unique_ptr<Partition> partition;
};

struct Ordered {
  std::tuple<std::int64_t, int, std::uint64_t, std::size_t, std::uint64_t> order;
  RefMatch match;
};

void collect(const Tree& tree, std::size_t rule, const Keyed& keyed, std::vector<Ordered>& out) {
  const auto& events = keyed.partition->events();
  for (const Found& found : keyed.partition->found()) {
    RefMatch m;
    m.rule = tree.rule;
    m.detected_at = found.detected_at;
    m.by_event = found.by_event;
    m.completing_seq = found.by_event ? events[found.event]->seq : 0;
    m.key = keyed.key;
    for (const Binding& b : found.bound) {
      m.bindings[tree.names[static_cast<std::size_t>(b.name)]].push_back(events[b.event]->seq);
    }
    const std::uint64_t first = events[found.bound.front().event]->seq;
    out.push_back(
        {{m.detected_at.ns, m.by_event ? 0 : 1, m.completing_seq, rule, first}, std::move(m)});
  }
}

bool match_rule(const Tree& tree, std::size_t rule, const Log& log, std::size_t max_runs,
                std::vector<Ordered>& out) {
  std::vector<Keyed> partitions;
  for (const RefEvent& e : log.events) {
    if (!tree.every_type && !tree.types.contains(e.type)) continue;
    const auto key = key_of(tree.key, e);
    if (!key) continue;
    auto it = std::find_if(partitions.begin(), partitions.end(),
                           [&](const Keyed& k) { return same_key(k.key, *key); });
    if (it == partitions.end()) {
      partitions.push_back({*key, std::make_unique<Partition>(tree, max_runs)});
      it = partitions.end() - 1;
    }
    it->partition->event(e);
  }
  bool whole = true;
  for (const Keyed& keyed : partitions) {
    // The watermark is the largest event time of all events, less one nanosecond.
    const Timestamp last = log.events.back().ts;
    keyed.partition->watermark(last - Duration{1});
    if (log.watermark) keyed.partition->watermark(*log.watermark);
    if (log.close) keyed.partition->close(last);
    collect(tree, rule, keyed, out);
    whole = whole && !keyed.partition->gave_up();
  }
  return whole;
}

}  // namespace

MatchResult match_log(const std::vector<const Tree*>& rules, const Log& log, std::size_t max_runs) {
  MatchResult result;
  std::vector<Ordered> all;
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    if (!match_rule(*rules[rule], rule, log, max_runs, all)) result.gave_up = true;
  }
  // Detected at; by an event before by a deadline; arrival of the completing event; rule order;
  // arrival of the first event; the order of the list, which `all` has.
  std::stable_sort(all.begin(), all.end(),
                   [](const Ordered& a, const Ordered& b) { return a.order < b.order; });
  for (Ordered& o : all) result.matches.push_back(std::move(o.match));
  return result;
}

}  // namespace weir::reference
