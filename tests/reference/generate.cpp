// Random samples: first the shape of the pattern, then its names and conditions (decorate.cpp).
#include "generate.hpp"

#include <algorithm>
#include <utility>

#include "decorate.hpp"
#include "random_source.hpp"

namespace weir::reference {
namespace {

constexpr int kMaxDepth = 2;

// Whether the step binds an event whatever happens.
bool always_binds(const DraftStep& step) {
  if (step.negated) return false;
  const std::string& q = step.quantifier;
  if (q == "*" || q == "?" || q.starts_with("{,")) return false;
  bool any = false, all = true;
  for (const DraftStep& m : step.members) (always_binds(m) ? any : all) = always_binds(m);
  switch (step.kind) {
    case DraftKind::kSeq:
      return any;
    case DraftKind::kOr:
      return all;
    case DraftKind::kEvent:
    case DraftKind::kAnd:
      return true;
  }
  return true;
}

class Shape {
 public:
  /// `alone`: what compact plans take.
  Shape(RandomSource& random, bool alone) : random_(random), alone_(alone) {}

  DraftStep pattern() {
    DraftStep root;
    if (alone_) {
      root = plain_sequence(0);
      if (needs_within_ || random_.percent(60)) root.within = duration(longest_pause_ + 1, 8);
      if (random_.percent(12)) root.until = type();
      return root;
    }
    if (random_.percent(12)) {
      root = event();
      loop(root, 80);
      if (random_.percent(50)) root.within = duration(2, 6);
    } else if (random_.percent(10)) {
      root = group(0, false);
      root.keyword.clear();
      if (random_.percent(50)) root.within = duration(2, 6);
    } else {
      root = sequence(0, false);
      if (needs_within_ || random_.percent(45)) root.within = duration(longest_pause_ + 1, 7);
      if (random_.percent(8)) root.quantifier = random_.pick({"{2}", "{1,2}", "+"});
      if (root.quantifier != "" && random_.percent(25)) root.greed = random_.pick({"?", "+"});
    }
    // On a single event UNTIL belongs to a loop.
    if ((root.kind != DraftKind::kEvent || !root.quantifier.empty()) && random_.percent(8))
      root.until = type();
    return root;
  }

 private:
  std::string type() {
    if (random_.percent(4)) return "*";
    if (random_.percent(8)) return "hi";
    return random_.pick({"a", "a", "a", "b", "b", "b", "c", "c", "d"});
  }
  std::string duration(std::size_t from, std::size_t to) {
    return std::to_string(from + random_.below(to > from ? to - from + 1 : 1)) + "s";
  }

  DraftStep event() {
    DraftStep step;
    step.type = type();
    return step;
  }

  void loop(DraftStep& step, unsigned chance) {
    if (!random_.percent(chance)) return;
    step.quantifier = random_.pick(
        {"+", "+", "+", "*", "?", "?", "{2}", "{1,2}", "{2,}", "{,2}", "{2,3}", "{1,3}"});
    step.greed = random_.pick({"", "", "", "?", "+", "+"});
    if (random_.percent(20)) step.between = random_.pick({"NEXT", "ANY"});
    if (step.greed == "+" && step.between == "ANY") step.between.clear();
    if (random_.percent(15)) step.until = random_.percent(20) ? "OR(c, d)" : type();
  }

  DraftStep any_of_events() {
    DraftStep step;
    step.kind = DraftKind::kOr;
    for (std::size_t n = 2 + random_.below(2); n > 0; --n) step.members.push_back(event());
    return step;
  }

  // `after_event`: an event is always bound before it.
  DraftStep group(int depth, bool after_event) {
    DraftStep step;
    const std::size_t kind = random_.below(100);
    if (kind < 25) {
      step = any_of_events();
    } else if (kind < 45) {
      step.kind = DraftKind::kAnd;
      for (std::size_t n = 2 + random_.below(2); n > 0; --n) step.members.push_back(event());
    } else if (kind < 70) {
      step.kind = DraftKind::kOr;
      for (std::size_t n = 2 + random_.below(2); n > 0; --n) {
        if (after_event && random_.percent(35)) {
          step.members.push_back(silence());
        } else if (random_.percent(50) && depth < kMaxDepth) {
          step.members.push_back(sequence(depth + 1, after_event));
        } else {
          step.members.push_back(event());
          loop(step.members.back(), 50);
          if (random_.percent(30)) step.members.back().within = duration(1, 3);
        }
      }
    } else {
      step = sequence(depth + 1, after_event);
    }
    return step;
  }

  // A NOT with a WITHIN of its own, or a row of them.
  DraftStep silence() {
    DraftStep step;
    if (random_.percent(20)) {
      step.kind = DraftKind::kSeq;
      step.members = {pause(), pause()};
    } else {
      step = pause();
    }
    return step;
  }

  DraftStep negation() {
    DraftStep step = random_.percent(12) ? any_of_events() : event();
    step.negated = true;
    return step;
  }
  DraftStep pause() {
    DraftStep step = negation();
    const std::size_t seconds = 1 + random_.below(2);
    longest_pause_ = std::max(longest_pause_, seconds);
    step.within = std::to_string(seconds) + "s";
    return step;
  }
  DraftStep guard() {
    DraftStep step = negation();
    if (random_.percent(25)) step.keyword = "NEXT";
    return step;
  }

  DraftStep member(int depth, bool after_event, bool must_bind) {
    for (;;) {
      DraftStep step;
      if (depth < kMaxDepth && random_.percent(28)) {
        step = group(depth, after_event);
        loop(step, 40);
      } else {
        step = event();
        loop(step, 38);
      }
      if (random_.percent(28)) step.keyword = random_.pick({"NEXT", "ANY"});
      if (random_.percent(12)) step.within = duration(1, 3);
      if (!must_bind || always_binds(step)) return step;
    }
  }

  // Puts a row of NOTs into `seq`; `what_follows`: whether a step follows it.
  void nots(DraftStep& seq, bool after_event, bool at_end) {
    const bool row = random_.percent(20);
    const bool pausing = after_event && random_.percent(45);
    if (pausing) {
      seq.members.push_back(pause());
      if (row) seq.members.push_back(random_.percent(50) ? pause() : negation());
    } else {
      seq.members.push_back(guard());
      if (row) seq.members.push_back(guard());
      if (at_end) needs_within_ = true;
    }
  }

  DraftStep sequence(int depth, bool after_event) {
    DraftStep seq;
    seq.kind = DraftKind::kSeq;
    bool bound = after_event;
    bool must_bind = false;
    if (depth == 0 && random_.percent(6)) {
      seq.members.push_back(pause());
      must_bind = true;
    }
    const std::size_t steps = depth == 0 ? 2 + random_.below(2) : 1 + random_.below(2);
    for (std::size_t i = 0; i < steps; ++i) {
      const bool something_before = i > 0 || after_event;
      if (something_before && random_.percent(18)) {
        nots(seq, bound, false);
        must_bind = true;
      }
      seq.members.push_back(
          member(depth, bound, must_bind || (i == 0 && depth == 0 && random_.percent(75))));
      must_bind = false;
      bound = bound || always_binds(seq.members.back());
    }
    if (random_.percent(depth == 0 ? 14 : 8)) nots(seq, bound, true);
    return seq;
  }

  // One event, or one of several, often more than once.
  DraftStep plain_step() {
    DraftStep step = random_.percent(12) ? any_of_events() : event();
    if (random_.percent(35)) {
      step.quantifier = random_.pick({"+", "+", "{2}", "{1,2}", "{2,}", "{2,3}", "{3}"});
      step.greed = random_.pick({"", "", "?"});
      if (random_.percent(25)) step.between = random_.pick({"NEXT", "ANY"});
    }
    if (random_.percent(35)) step.keyword = random_.pick({"NEXT", "ANY", "ANY"});
    if (random_.percent(15)) step.within = duration(1, 3);
    return step;
  }

  void plain_nots(DraftStep& seq) {
    if (random_.percent(60)) {
      seq.members.push_back(pause());
      if (random_.percent(20)) seq.members.push_back(pause());
    } else {
      seq.members.push_back(negation());
    }
  }

  // Steps and groups that are not repeated, and NOTs of every kind.
  DraftStep plain_sequence(int depth) {
    DraftStep seq;
    seq.kind = DraftKind::kSeq;
    if (depth == 0 && random_.percent(25)) {
      seq.members.push_back(pause());
      if (random_.percent(30)) seq.members.push_back(pause());
    }
    const std::size_t steps = 1 + random_.below(depth == 0 ? 4 : 2);
    for (std::size_t i = 0; i < steps; ++i) {
      if ((i > 0 || depth > 0) && random_.percent(30)) plain_nots(seq);
      if (depth == 0 && random_.percent(20)) {
        seq.members.push_back(plain_sequence(1));
        if (random_.percent(75)) seq.members.back().within = duration(1, 4);
        if (random_.percent(30)) seq.members.back().keyword = random_.pick({"NEXT", "ANY"});
      } else {
        seq.members.push_back(plain_step());
      }
    }
    if (random_.percent(depth == 0 ? 12 : 4)) {
      seq.members.push_back(random_.percent(50) ? pause() : negation());
      needs_within_ = needs_within_ || seq.members.back().within.empty();
    }
    return seq;
  }

  RandomSource& random_;
  bool alone_;
  bool needs_within_ = false;
  std::size_t longest_pause_ = 0;
};

// The types of the events of sources that a pattern takes, in written order.
void types_of(const DraftStep& step, RandomSource& random, std::vector<std::string>& out) {
  if (step.negated) return;
  if (step.kind == DraftKind::kEvent) {
    if (step.type.starts_with('"')) return;
    const bool open = step.type == "*" || step.type == "hi";
    out.push_back(open ? random.pick({"a", "b"}) : step.type);
    if (!step.quantifier.empty() && random.percent(50)) out.push_back(out.back());
    return;
  }
  const std::size_t only = random.below(step.members.size());
  for (std::size_t i = 0; i < step.members.size(); ++i) {
    if (step.kind != DraftKind::kOr || i == only) types_of(step.members[i], random, out);
  }
}

// Half of the logs go after the pattern's own order, so that long patterns have matches too.
Log random_log(RandomSource& random, const DraftStep& pattern, std::size_t longest) {
  std::vector<std::string> script;
  if (random.percent(60)) types_of(pattern, random, script);
  std::size_t at = 0;
  Log log;
  const std::size_t size = 3 + random.below(longest - 2);
  std::int64_t now = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (i != 0) now += random.percent(30) ? 0 : static_cast<std::int64_t>(1 + random.below(2));
    if (random.percent(10)) now += 1;
    RefEvent e;
    e.ts = {now * kNsPerSecond};
    e.seq = i;
    if (!script.empty() && random.percent(72)) {
      e.type = script[at++ % script.size()];
    } else {
      e.type = random.percent(4) ? "e" : random.pick({"a", "a", "a", "b", "b", "b", "c", "c", "d"});
    }
    e.fields["id"] = OwnedValue(Value::integer(static_cast<std::int64_t>(i) + 1));
    if (!random.percent(10))
      e.fields["v"] = OwnedValue(Value::integer(static_cast<std::int64_t>(random.below(3))));
    if (!random.percent(30))
      e.fields["w"] = OwnedValue(Value::integer(static_cast<std::int64_t>(random.below(2))));
    if (!random.percent(5))
      e.fields["k"] = OwnedValue(Value::string(random.percent(65) ? "x" : "y"));
    log.events.push_back(std::move(e));
  }
  if (random.percent(8)) {
    log.close = false;
    if (random.percent(50))
      log.watermark = Timestamp{(now + static_cast<std::int64_t>(random.below(4))) * kNsPerSecond};
  }
  return log;
}

}  // namespace

namespace {

// `linked`: in many of them most steps compare with what is bound.
DraftRule random_rule(RandomSource& random, unsigned plain, bool linked = false) {
  DraftRule rule;
  const bool is_plain = random.percent(plain);
  rule.linked = linked && random.percent(is_plain ? 40 : 25);
  rule.alone = is_plain && !rule.linked;
  rule.root = Shape(random, is_plain).pattern();
  decorate(rule, random);
  return rule;
}

std::string random_key(RandomSource& random, unsigned chance) {
  if (!random.percent(chance)) return {};
  return random.percent(80) ? "k" : "{a: k, b: k, c: k}";
}

DraftStep event_of(const std::string& type) {
  DraftStep step;
  step.type = type;
  return step;
}

// Rules of one key that begin with the same types: with other conditions, NOTs, WITHINs, ends.
void begin_alike(RandomSource& random, std::size_t longest, std::vector<DraftRule>& rules) {
  std::vector<std::string> types = {"a", "b", "c", "d"};
  for (std::size_t i = 0; i < 3; ++i) std::swap(types[i], types[i + random.below(4 - i)]);
  const std::string key = random_key(random, 30);
  for (std::size_t n = 2 + random.below(random.percent(10) ? 70 : 4); n > 0; --n) {
    DraftRule rule;
    rule.alone = true;
    rule.key = key;
    rule.root.kind = DraftKind::kSeq;
    const std::size_t steps = 2 + random.below(longest - 1);
    std::vector<std::string> own = types;
    if (random.percent(40)) std::swap(own[steps - 1], own[1 + random.below(3)]);
    for (std::size_t i = 0; i < steps; ++i) {
      if (i > 0 && random.percent(15)) {
        rule.root.members.push_back(event_of(random.pick({"a", "b", "c", "d"})));
        rule.root.members.back().negated = true;
      }
      rule.root.members.push_back(event_of(own[i]));
      if (i > 0 && random.percent(8)) rule.root.members.back().within = random.pick({"1s", "2s"});
      if (random.percent(5)) rule.root.members.back().keyword = random.pick({"NEXT", "ANY"});
    }
    if (random.percent(95)) rule.root.within = std::to_string(1 + random.below(9)) + "s";
    decorate(rule, random);
    if (random.percent(70)) rule.root.where.clear();
    rules.push_back(std::move(rule));
  }
}

// Events of the pattern that are, or may be, another rule's alerts now.
bool read_alerts(DraftStep& step, const std::string& type, unsigned chance, RandomSource& random) {
  if (step.kind == DraftKind::kEvent) {
    if (!random.percent(chance)) return false;
    const std::string where = std::exchange(step.where, {});
    const std::string was = std::exchange(step.type, type);
    if (random.percent(50)) {
      step.kind = DraftKind::kOr;
      step.members = {event_of(was), event_of(std::exchange(step.type, {}))};
      step.members.front().where = where;
    }
    return true;
  }
  bool any = false;
  for (DraftStep& member : step.members) any = read_alerts(member, type, chance, random) || any;
  return any;
}

// The emitter's pattern, which ends with its alert as well: both may complete the match.
bool end_with_alert(DraftRule& rule, const DraftRule& emitter, const std::string& type) {
  if (emitter.root.kind != DraftKind::kSeq || !emitter.root.quantifier.empty()) return false;
  DraftStep last = emitter.root.members.back();
  if (last.kind != DraftKind::kEvent || last.negated || !last.quantifier.empty()) return false;
  DraftStep either = last;
  either.kind = DraftKind::kOr;
  either.type.clear();
  either.where.clear();
  last.keyword.clear();
  last.as.clear();
  last.within.clear();
  either.members = {last, event_of(type)};
  rule = emitter;
  rule.root.members.back() = either;
  return true;
}

// Rules that read the alerts of those before them, or of those behind them.
void chain(RandomSource& random, std::vector<DraftRule>& rules) {
  const std::size_t n = 2 + random.below(3);
  if (random.percent(65)) {
    while (rules.size() < n) begin_alike(random, 2, rules);
    rules.resize(n);
  } else {
    while (rules.size() < n) rules.push_back(random_rule(random, 85));
  }
  const std::string key = random_key(random, 40);
  for (DraftRule& rule : rules) rule.key = key;
  const bool backwards = random.percent(50);
  for (std::size_t i = 1; i < n; ++i) {
    const std::size_t reader = backwards ? n - 1 - i : i;
    const std::size_t other = random.below(i);
    const std::size_t emitter = backwards ? n - 1 - other : other;
    const std::string type = "\"rule:r" + std::to_string(emitter + 1) + "\"";
    if (random.percent(40) && end_with_alert(rules[reader], rules[emitter], type)) continue;
    for (int tries = 0; tries < 5; ++tries) {
      if (read_alerts(rules[reader].root, type, 45, random)) break;
    }
  }
}

}  // namespace

Sample random_sample(std::uint64_t seed) {
  RandomSource random(seed);
  Sample sample;
  const std::size_t kind = random.below(100);
  if (kind < 25) {
    begin_alike(random, 4, sample.rules);
  } else if (kind < 40) {
    chain(random, sample.rules);
  } else {
    for (std::size_t n = random.percent(6) ? 2 : 1; n > 0; --n) {
      sample.rules.push_back(random_rule(random, 55, true));
      sample.rules.back().key = random_key(random, 15);
    }
  }
  // Of a chain the first or the last reads sources alone.
  const DraftRule& first = random.percent(50) ? sample.rules.front() : sample.rules.back();
  // Alerts that are events make more alerts: of a chain's runs there is no end in a long log.
  const bool chained = kind >= 25 && kind < 40;
  const bool plain = !chained && std::ranges::all_of(sample.rules, &DraftRule::alone);
  sample.log = random_log(random, first.root, plain ? 20 : first.linked ? 14 : 8);
  return sample;
}

}  // namespace weir::reference
