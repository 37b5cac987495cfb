#include "weir/runtime/engine.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "alert_json.hpp"
#include "dispatch.hpp"
#include "limiter.hpp"
#include "look_ahead.hpp"
#include "shard.hpp"
#include "window_look_ahead.hpp"
#include "windows_event.hpp"

namespace weir::runtime {
namespace {

constexpr std::size_t kAllTimers = std::numeric_limits<std::size_t>::max();
/// Not before anything that falls due.
constexpr DueKey kLastDue{.at = nfa::kNever,
                          .phase = DueKey::kDeadline,
                          .rank = std::numeric_limits<std::uint32_t>::max(),
                          .index = std::numeric_limits<std::uint32_t>::max(),
                          .start_seq = std::numeric_limits<std::uint64_t>::max()};

AlertPlace place_of(const DueKey& due) noexcept {
  return {.at = due.at,
          .phase = due.phase == DueKey::kWindow ? AlertPlace::kWindow : AlertPlace::kDeadline,
          .rank = due.rank,
          .index = due.index,
          .seq = due.start_seq};
}

}  // namespace

class Engine::Impl {
 public:
  Impl(nfa::ProgramPtr program, EngineOptions options, AlertSink& sink);

  void push(std::span<const Event> events);
  void expect(std::span<const Event> events);
  void push(const Event& event, std::uint64_t number, OwnerMask mine);
  void advance(Timestamp watermark);
  bool fire_before(Timestamp ts, std::size_t timers);
  void finish() { finish(last_ts_, kAllTimers); }
  bool finish(Timestamp last, std::size_t timers);
  const AlertPlace& place() const noexcept { return place_; }
  EngineStats stats() const;
  std::uint64_t open_runs() const;
  const nfa::Program& program() const noexcept { return *program_; }

 private:
  /// What feeds a rule or window: whatever emits a type that it reads.
  struct Feeders {
    std::vector<nfa::RuleId> rules;
    std::vector<nfa::DeriveId> derives;
  };

  void find_feeders();
  void arrive(const Event& event, std::uint64_t seq);
  void dispatch(std::span<Event> events);
  void deliver(const TypeReaders& readers, const Event& event, std::vector<PendingMatch>& matches);
  void report_sorted(std::vector<PendingMatch>& matches);
  void deliver_to_several(const std::vector<RuleGroup>& groups, bool shared, const Event& event,
                          std::vector<PendingMatch>& matches);
  void deliver_to(const RuleGroup& group, const KeyOfEvent& key,
                  std::vector<PendingMatch>& matches);
  bool find_counted(const RuleGroup& group, const Event& event, KeyOfEvent& key);
  void find_key(const KeySlots& of, const Event& event, KeyOfEvent& key);
  bool has_own_key(const RuleGroup& group, const Event& event);
  bool takes_part(const WindowReader& reader);
  void feed_windows(const std::vector<WindowReader>& readers, const Event& event);
  class Lister;
  void report_all(std::vector<PendingMatch>& matches);
  void report_run(const PendingMatch& match);
  void report(const PendingMatch& match, std::span<const nfa::BoundEvent> bound);
  void fill(Alert& alert, const PendingMatch& match, std::span<const nfa::BoundEvent> bound,
            ValueArena& arena) const;
  std::span<const Value> key_values(const PendingMatch& match, std::vector<Value>& own,
                                    ValueArena& arena) const;
  bool read_by_someone(const nfa::Rule& rule) const;
  void emit_as_event(const Alert& alert, bool kept_back);
  bool fire_first(const DueKey& last);
  void fire(std::size_t shard, const DueKey& due);
  std::vector<PendingMatch>& waiting();
  void update_next();
  void end_rules();
  bool exhausted(nfa::RuleId rule) const;
  bool exhausted_window(nfa::DeriveId derive) const;
  bool exhausted(const Feeders& feeders) const;
  void tidy();

  /// Whether the event under way is for the rules or windows with this number in the part.
  bool owns(std::uint8_t bit) const noexcept { return (mine_ >> bit & 1) != 0; }

  Shard& shard_of(std::uint64_t hash) {
    return only_shard_ != nullptr ? *only_shard_ : *shards_[hash % shards_.size()];
  }

  nfa::ProgramPtr program_;
  EngineOptions options_;
  AlertSink& sink_;
  Dispatch dispatch_;
  nfa::EventTests tests_;
  nfa::Matcher matcher_;
  EventKeys keys_;
  std::vector<KeyOfEvent> keys_found_;  // of the event under way, by RuleGroup
  std::vector<std::unique_ptr<Shard>> shards_;
  Shard* only_shard_ = nullptr;  // null: there are several
  LookAhead look_ahead_;
  WindowLookAhead window_look_ahead_;
  std::vector<AlertLimiter> limiters_;       // by RuleId
  std::vector<bool> wanted_;                 // by RuleId: its alerts go to the sink
  std::vector<WindowEvents> window_events_;  // by DeriveId
  ValueArena window_arena_;                  // of the window's event under way
  std::vector<Feeders> rule_feeders_;
  std::vector<Feeders> derive_feeders_;
  /// Events of a RuleGroup.
  struct Counter {
    std::uint64_t with_key = 0;
    std::uint64_t without_key = 0;
    std::int64_t last = std::numeric_limits<std::int64_t>::min();  // ts of the last with the key
  };
  std::vector<Counter> counters_;     // by RuleGroup::counter
  std::vector<nfa::RuleId> unended_;  // rules whose input goes on, as the log ends
  Timestamp last_ts_ = Timestamp::min();
  std::int64_t next_at_ = nfa::kNever;  // the least of the shards': nothing falls due before it
  std::uint64_t seq_ = 0;
  unsigned depth_ = 0;
  /// Matches that wait to be reported, by depth_: each is used again.
  std::vector<std::unique_ptr<std::vector<PendingMatch>>> waiting_;
  std::vector<nfa::BoundEvent> bound_;  // room for a run's events
  bool finishing_ = false;
  OwnerMask mine_ = 0;  // of the source event under way, where there is a part
  AlertPlace place_;    // kept where there is a part
  EngineStats stats_;
};

Engine::Impl::Impl(nfa::ProgramPtr program, EngineOptions options, AlertSink& sink)
    : program_(std::move(program)),
      options_(std::move(options)),
      sink_(sink),
      dispatch_(*program_, options_.compact && options_.tracer == nullptr, options_.families,
                options_.part, options_.index_from),
      tests_(program_->exprs, program_->tables),
      matcher_(*program_, tests_, options_.tracer, options_.few_runs),
      keys_(*program_),
      keys_found_(dispatch_.most_groups()),
      look_ahead_(dispatch_, shards_),
      window_look_ahead_(dispatch_, shards_),
      wanted_(program_->rules.size(), options_.only.empty()),
      counters_(dispatch_.counters()) {
  const std::size_t n = std::max<std::size_t>(options_.shards, 1);
  for (std::size_t i = 0; i < n; ++i) {
    shards_.push_back(std::make_unique<Shard>(*program_, dispatch_, matcher_, tests_, options_));
  }
  if (n == 1) only_shard_ = shards_.front().get();
  for (const nfa::Rule& rule : program_->rules) limiters_.emplace_back(rule.alert);
  for (const nfa::RuleId rule : options_.only) wanted_[rule] = true;
  window_events_.reserve(program_->derives.size());
  for (const nfa::Derive& derive : program_->derives) {
    window_events_.emplace_back(derive, program_->keys[derive.key], program_->plan);
  }
  stats_.rules.resize(program_->rules.size());
  find_feeders();
}

void Engine::Impl::find_feeders() {
  std::vector<Feeders> emitters(program_->plan.type_count());
  for (nfa::RuleId r = 0; r < program_->rules.size(); ++r) {
    emitters[program_->rules[r].alert_type].rules.push_back(r);
    emitters[program_->rules[r].rule_type].rules.push_back(r);
  }
  for (nfa::DeriveId d = 0; d < program_->derives.size(); ++d) {
    emitters[program_->derives[d].type].derives.push_back(d);
  }
  const auto add = [&](Feeders& to, TypeId type) {
    if (type == kOtherType) return;
    to.rules.insert(to.rules.end(), emitters[type].rules.begin(), emitters[type].rules.end());
    to.derives.insert(to.derives.end(), emitters[type].derives.begin(),
                      emitters[type].derives.end());
  };
  for (const nfa::Rule& rule : program_->rules) {
    rule_feeders_.emplace_back();
    for (const TypeId type : rule.input) add(rule_feeders_.back(), type);
  }
  for (const nfa::Derive& derive : program_->derives) {
    derive_feeders_.emplace_back();
    for (const nfa::Test& test : derive.input) add(derive_feeders_.back(), test.type);
  }
}

void Engine::Impl::push(std::span<const Event> events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i % kAhead == 0) expect(events.subspan(i));
    arrive(events[i], seq_ + 1);
  }
}

void Engine::Impl::expect(std::span<const Event> events) {
  if (events.size() < 2) return;
  look_ahead_.look(events.first(std::min(events.size(), kAhead)));
  window_look_ahead_.look(events);
}

void Engine::Impl::push(const Event& event, std::uint64_t number, OwnerMask mine) {
  mine_ = mine;
  arrive(event, number << kNumbersBetween);
}

inline void Engine::Impl::tidy() {
  if (only_shard_ != nullptr) return only_shard_->tidy();
  for (const auto& shard : shards_) shard->tidy();
}

inline std::vector<PendingMatch>& Engine::Impl::waiting() {
  if (waiting_.size() <= depth_) waiting_.push_back(std::make_unique<std::vector<PendingMatch>>());
  return *waiting_[depth_];
}

/// A source event, as the one of this number or, where the engine has come further, the next.
inline void Engine::Impl::arrive(const Event& event, std::uint64_t seq) {
  if (next_at_ <= event.ts.ns) fire_before(event.ts, kAllTimers);
  ++stats_.events;
  last_ts_ = std::max(last_ts_, event.ts);
  seq_ = std::max(seq_ + 1, seq);
  if (options_.part != nullptr) {
    place_ = std::max(place_, {.at = event.ts.ns, .phase = AlertPlace::kEvent, .seq = seq_});
  }
  shard_of(seq_).expire_some(event.ts.ns);
  const TypeReaders& readers = dispatch_.of(event.type, event.origin);
  if (!readers.empty()) {
    Event arrived = event;
    arrived.seq = seq_;
    std::vector<PendingMatch>& matches = waiting();
    deliver(readers, arrived, matches);
    if (!matches.empty()) return report_sorted(matches);
  }
  tidy();
}

void Engine::Impl::advance(Timestamp watermark) {
  // A window ends at an instant that still belongs to what comes after it.
  fire_before(watermark + Duration{1}, kAllTimers);
}

bool Engine::Impl::fire_before(Timestamp ts, std::size_t timers) {
  const DueKey last{
      .at = ts.ns, .phase = DueKey::kWindow, .rank = std::numeric_limits<std::uint32_t>::max()};
  for (; timers > 0; --timers) {
    if (!fire_first(last)) return true;
  }
  return next_at_ > ts.ns;
}

/// Fires what is due first, unless that is after `last`.
bool Engine::Impl::fire_first(const DueKey& last) {
  std::optional<DueKey> next;
  std::size_t shard = 0;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    if (shards_[i]->next_at() > last.at) continue;
    // At the end of the log it matters when the last deadline of a rule is over.
    if (!finishing_) shards_[i]->drop_stale(last.at);
    const std::optional<DueKey> due = shards_[i]->next_due();
    if (!due || (next && *next <= *due)) continue;
    next = due;
    shard = i;
  }
  const bool fires = next && *next <= last;
  if (fires) fire(shard, *next);
  update_next();
  return fires;
}

void Engine::Impl::update_next() {
  next_at_ = nfa::kNever;
  for (const auto& shard : shards_) next_at_ = std::min(next_at_, shard->next_at());
}

void Engine::Impl::fire(std::size_t index, const DueKey& due) {
  Shard& shard = *shards_[index];
  if (options_.part != nullptr) place_ = std::max(place_, place_of(due));
  if (due.phase == DueKey::kWindow) {
    window_arena_.reset();
    Event event = window_events_[due.index].make(shard.close_window(), window_arena_);
    event.seq = ++seq_;
    dispatch({&event, 1});
    return;
  }
  std::vector<PendingMatch>& matches = waiting();
  shard.fire(matches);
  report_all(matches);
}

/// What the engine itself makes, while it is at work on what caused it.
void Engine::Impl::dispatch(std::span<Event> events) {
  std::vector<PendingMatch>& matches = waiting();
  for (const Event& event : events) {
    const TypeReaders& readers = dispatch_.of(event.type, event.origin);
    if (!readers.empty()) deliver(readers, event, matches);
  }
  if (!matches.empty()) return report_sorted(matches);
  if (depth_ == 0) tidy();
}

void Engine::Impl::report_sorted(std::vector<PendingMatch>& matches) {
  if (matches.size() > 1) {
    // By hand stable: std::stable_sort asks for memory.
    for (std::uint32_t i = 0; i < matches.size(); ++i) matches[i].order = i;
    std::ranges::sort(matches, {}, [](const PendingMatch& m) {
      return std::tuple(m.rule, m.start_seq, m.order);
    });
  }
  report_all(matches);
}

/// Lists the matches of a sequence into reports.
class Engine::Impl::Lister final : public nfa::MatchListing {
 public:
  Lister(Impl& engine, const PendingMatch& match)
      : engine_(engine),
        match_(match),
        wanted_(engine.options_.matches != nullptr &&
                        !engine.read_by_someone(engine.program_->rules[match.rule])
                    ? engine.options_.matches->wanted()
                    : kAll) {}

  void on_match(std::span<const nfa::BoundEvent> bound) override { engine_.report(match_, bound); }
  std::uint64_t wanted() const override { return wanted_; }
  void on_more(std::uint64_t count) override {
    engine_.stats_.rules[match_.rule].matches += count;
    engine_.options_.matches->on_more(match_.rule, count);
  }

 private:
  Impl& engine_;
  const PendingMatch& match_;
  std::uint64_t wanted_;
};

void Engine::Impl::report_all(std::vector<PendingMatch>& matches) {
  ++depth_;
  for (const PendingMatch& match : matches) {
    if (match.chain != 0) {
      report_run(match);
    } else {
      Lister lister(*this, match);
      match.shard->list(match, lister);
    }
  }
  matches.clear();
  if (--depth_ == 0) tidy();
}

inline void Engine::Impl::deliver(const TypeReaders& readers, const Event& event,
                                  std::vector<PendingMatch>& matches) {
  tests_.begin(event);
  keys_.begin(event);
  const bool shared = options_.part != nullptr && event.origin == EventOrigin::kSource;
  if (readers.groups.size() > 1) {
    deliver_to_several(readers.groups, shared, event, matches);
  } else if (!readers.groups.empty() && (!shared || owns(readers.groups.front().owner))) {
    KeyOfEvent key;
    if (find_counted(readers.groups.front(), event, key)) {
      deliver_to(readers.groups.front(), key, matches);
    }
  }
  if (!readers.windows.empty()) feed_windows(readers.windows, event);
}

/// All keys first: memory is asked for the places of one while another is found.
void Engine::Impl::deliver_to_several(const std::vector<RuleGroup>& groups, bool shared,
                                      const Event& event, std::vector<PendingMatch>& matches) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    KeyOfEvent& key = keys_found_[i];
    key.present = false;
    if (shared && !owns(groups[i].owner)) continue;
    if (!find_counted(groups[i], event, key)) continue;
    const Shard& shard = shard_of(key.hash);
    if (shard.has_many_keys()) shard.prefetch_slot(groups[i].key, key.hash);
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (keys_found_[i].present) deliver_to(groups[i], keys_found_[i], matches);
  }
}

/// False: the event does not have the group's key. (The compiler would rather call it.)
[[gnu::always_inline]] inline bool Engine::Impl::find_counted(const RuleGroup& group,
                                                              const Event& event, KeyOfEvent& key) {
  find_key(group, event, key);
  Counter& counter = counters_[group.counter];
  const bool counts = key.present || has_own_key(group, event);
  ++(counts ? counter.with_key : counter.without_key);
  if (key.present) counter.last = event.ts.ns;
  return key.present;
}

inline void Engine::Impl::deliver_to(const RuleGroup& group, const KeyOfEvent& key,
                                     std::vector<PendingMatch>& matches) {
  Shard& shard = shard_of(key.hash);
  shard.deliver(group, key, matches);
  next_at_ = std::min(next_at_, shard.next_at());
}

/// The common case without a copy: one value, in a slot of the event.
inline void Engine::Impl::find_key(const KeySlots& of, const Event& event, KeyOfEvent& key) {
  if (of.one != kNoSlot && is_in_key_form(event.slots[of.one])) {
    key.present = true;
    key.values = {event.slots + of.one, 1};
    key.hash = hash_key(key.values);
  } else if (of.slots.empty()) {
    key = {.present = true, .hash = 0, .values = {}};
  } else {
    key = keys_.of(of);
  }
}

/// Who lacks only the field that ties a sequence's steps has the rules' key.
inline bool Engine::Impl::has_own_key(const RuleGroup& group, const Event& event) {
  if (group.own_key == group.key) return false;
  const std::size_t own = program_->keys[group.own_key].names.size();
  if (!group.in_slots || group.slots.size() <= own) return keys_.of(group.own_key).present;
  return std::all_of(group.slots.begin(), group.slots.begin() + static_cast<std::ptrdiff_t>(own),
                     [&](std::uint16_t slot) { return !event.slots[slot].is_null(); });
}

/// Whether the event under way is one of the windows'.
bool Engine::Impl::takes_part(const WindowReader& reader) {
  const nfa::ExprId where = program_->derives[reader.derive].where;
  const auto holds = [this](nfa::ExprId e) { return tests_.holds(e); };
  return std::ranges::any_of(
             reader.tests,
             [&](const nfa::Test* test) { return std::ranges::all_of(test->one_event, holds); }) &&
         (where == nfa::kNoExpr || holds(where));
}

void Engine::Impl::feed_windows(const std::vector<WindowReader>& readers, const Event& event) {
  const bool shared = options_.part != nullptr && event.origin == EventOrigin::kSource;
  for (const WindowReader& reader : readers) {
    if (shared && !owns(reader.owner)) continue;
    if (!reader.all && !takes_part(reader)) continue;
    KeyOfEvent key;
    find_key(reader, event, key);
    if (!key.present) continue;
    Shard& shard = shard_of(key.hash);
    shard.add_to_window(reader.derive, key);
    next_at_ = std::min(next_at_, shard.next_at());
  }
}

bool Engine::Impl::read_by_someone(const nfa::Rule& rule) const {
  const auto read = [&](TypeId type) {
    return type != kOtherType &&
           (!program_->readers[type].rules.empty() || !program_->readers[type].derives.empty());
  };
  return read(rule.alert_type) || read(rule.rule_type);
}

void Engine::Impl::report_run(const PendingMatch& match) {
  const nfa::BindingPool& pool = match.shard->bindings();
  std::vector<nfa::BoundEvent> bound = std::move(bound_);  // reporting may lead back here
  bound.resize(pool.length(match.chain));
  std::size_t i = bound.size();
  for (nfa::ChainRef c = match.chain; c != 0; c = pool.at(c).previous) {
    bound[--i] = {pool.at(c).name, &pool.event(c)};
  }
  report(match, bound);
  match.shard->release(match);
  bound_ = std::move(bound);
}

/// Of the rule's own key; where the event alone is the match, of that.
std::span<const Value> Engine::Impl::key_values(const PendingMatch& match, std::vector<Value>& own,
                                                ValueArena& arena) const {
  if (match.partition != 0) return match.shard->key_values(match, own.emplace_back());
  const nfa::KeySpec& spec = program_->keys[program_->rules[match.rule].key];
  for (const FieldId field : spec.fields_of(match.event->type)) {
    own.push_back(key_form(match.event->get(field), arena));
  }
  return own;
}

void Engine::Impl::report(const PendingMatch& match, std::span<const nfa::BoundEvent> bound) {
  const nfa::Rule& rule = program_->rules[match.rule];
  RuleStats& stats = stats_.rules[match.rule];
  // What a match causes has the place of that match.
  if (depth_ == 1) place_.rule = std::max(place_.rule, match.rule);
  ++stats.matches;
  const bool read = read_by_someone(rule);
  AlertLimiter::Decision decision;
  if (options_.matches != nullptr) {
    options_.matches->on_match(match.rule, match.detected_at, bound);
    if (!read) return;
  }
  ValueArena arena;
  Alert alert;
  std::vector<Value> own;
  const std::span<const Value> key = key_values(match, own, arena);
  if (options_.matches == nullptr) {
    std::string bytes;
    if (rule.alert.cooldown) append_key_bytes(bytes, key);
    decision = limiters_[match.rule].offer(bytes, match.detected_at);
  }
  const bool sent = decision.sent && wanted_[match.rule] && options_.matches == nullptr;
  if (!decision.sent) ++stats.suppressed;
  if (!sent && !read) return;

  for (std::size_t i = 0; i < key.size(); ++i) {
    alert.key.emplace_back(program_->keys[rule.key].names[i], key[i]);
  }
  fill(alert, match, bound, arena);
  alert.suppressed = decision.suppressed;
  if (sent) {
    ++stats.alerts;
    ++stats_.alerts;
    sink_.on_alert(alert);
  }
  if (read) emit_as_event(alert, !decision.sent);
}

void Engine::Impl::fill(Alert& alert, const PendingMatch& match,
                        std::span<const nfa::BoundEvent> bound, ValueArena& arena) const {
  const nfa::Rule& rule = program_->rules[match.rule];
  alert.rule = &rule;
  alert.program = program_.get();
  alert.stream = rule.alert.stream;
  alert.detected_at = match.detected_at;
  alert.start = bound.front().event->ts;
  alert.end = bound.back().event->ts;
  for (const nfa::BoundName& name : rule.automaton.names) {
    alert.match.push_back({.name = name.text, .list = name.list, .events = {}});
  }
  for (const nfa::BoundEvent& b : bound) alert.match[b.name].events.push_back(b.event);

  const nfa::MatchView view(bound);
  nfa::EvalContext context;
  context.bound = &view;
  context.tables = program_->tables;
  context.scratch = &arena;
  for (const auto& [name, expr] : rule.alert.fields) {
    alert.fields.emplace_back(name, program_->exprs.eval(expr, context));
  }
  for (const nfa::MessagePart& part : rule.alert.message) {
    alert.message += part.text;
    if (part.expr != nfa::kNoExpr) {
      append_text(alert.message, program_->exprs.eval(part.expr, context));
    }
  }
  alert.id = alert_id(rule, alert.key, alert.match);
}

void Engine::Impl::emit_as_event(const Alert& alert, bool kept_back) {
  ValueArena arena;
  std::vector<Event> events;
  for (const TypeId type : {alert.rule->alert_type, alert.rule->rule_type}) {
    if (type == kOtherType) continue;
    events.push_back(make_alert_event(alert, type, kept_back, arena));
    events.back().seq = ++seq_;
  }
  dispatch(events);
}

bool Engine::Impl::exhausted(const Feeders& feeders) const {
  return std::ranges::all_of(feeders.rules, [&](nfa::RuleId r) { return exhausted(r); }) &&
         std::ranges::all_of(feeders.derives, [&](nfa::DeriveId d) { return exhausted_window(d); });
}

bool Engine::Impl::exhausted_window(nfa::DeriveId derive) const {
  return std::ranges::none_of(shards_,
                              [&](const auto& shard) { return shard->windows_open(derive); }) &&
         exhausted(derive_feeders_[derive]);
}

bool Engine::Impl::exhausted(nfa::RuleId rule) const {
  return matcher_.log_ended(rule) &&
         std::ranges::none_of(shards_,
                              [&](const auto& shard) { return shard->pending(rule) > 0; }) &&
         exhausted(rule_feeders_[rule]);
}

/// Loops that nothing else closes are closed by the end of their rule's input: of a rule that reads
/// windows or alerts that is the last of these.
void Engine::Impl::end_rules() {
  const auto ends = [&](nfa::RuleId r) {
    if (!exhausted(rule_feeders_[r])) return false;
    std::int64_t last = last_ts_.ns;
    for (const std::size_t counter : dispatch_.counters_of(r)) {
      last = std::max(last, counters_[counter].last);
    }
    matcher_.end_of_log(r, last);
    for (const auto& shard : shards_) shard->end_of_log(r);
    update_next();
    return true;
  };
  while (std::erase_if(unended_, ends) > 0) {
  }
}

bool Engine::Impl::finish(Timestamp last, std::size_t timers) {
  if (!finishing_) {
    finishing_ = true;
    last_ts_ = std::max(last_ts_, last);
    for (nfa::RuleId r = 0; r < program_->rules.size(); ++r) unended_.push_back(r);
    end_rules();
  }
  for (;; --timers) {
    if (timers == 0) return false;
    if (!fire_first(kLastDue)) break;
    end_rules();
  }
  if (options_.tracer != nullptr) {
    for (const auto& shard : shards_) shard->clear();
  }
  return true;
}

std::uint64_t Engine::Impl::open_runs() const {
  std::uint64_t sum = 0;
  for (const auto& shard : shards_) sum += shard->open_runs();
  return sum;
}

EngineStats Engine::Impl::stats() const {
  EngineStats stats = stats_;
  for (nfa::RuleId rule = 0; rule < stats.rules.size(); ++rule) {
    for (const std::size_t counter : dispatch_.counters_of(rule)) {
      stats.rules[rule].events += counters_[counter].with_key;
      stats.rules[rule].without_key += counters_[counter].without_key;
    }
  }
  return stats;
}

void RuleStats::add(const RuleStats& other) noexcept {
  matches += other.matches;
  alerts += other.alerts;
  suppressed += other.suppressed;
  events += other.events;
  without_key += other.without_key;
}

void EngineStats::add(const EngineStats& other) noexcept {
  alerts += other.alerts;
  for (std::size_t r = 0; r < rules.size(); ++r) rules[r].add(other.rules[r]);
}

Engine::Engine(nfa::ProgramPtr program, EngineOptions options, AlertSink& sink)
    : impl_(std::make_unique<Impl>(std::move(program), std::move(options), sink)) {}
Engine::~Engine() = default;

void Engine::push(std::span<const Event> events) {
  impl_->push(events);
}
void Engine::expect(std::span<const Event> events) {
  impl_->expect(events);
}
void Engine::push(const Event& event, std::uint64_t number, OwnerMask mine) {
  impl_->push(event, number, mine);
}
bool Engine::fire_before(Timestamp ts, std::size_t timers) {
  return impl_->fire_before(ts, timers);
}
bool Engine::finish(Timestamp last, std::size_t timers) {
  return impl_->finish(last, timers);
}
const AlertPlace& Engine::place() const noexcept {
  return impl_->place();
}
void Engine::advance(Timestamp watermark) {
  impl_->advance(watermark);
}
void Engine::finish() {
  impl_->finish();
}
EngineStats Engine::stats() const {
  return impl_->stats();
}
std::uint64_t Engine::open_runs() const {
  return impl_->open_runs();
}
const nfa::Program& Engine::program() const noexcept {
  return impl_->program();
}

}  // namespace weir::runtime
