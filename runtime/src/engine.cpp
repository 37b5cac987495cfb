#include "weir/runtime/engine.hpp"

#include <algorithm>
#include <set>

#include "alert_json.hpp"
#include "limiter.hpp"
#include "shard.hpp"
#include "windows_event.hpp"

namespace weir::runtime {

class Engine::Impl {
 public:
  Impl(nfa::ProgramPtr program, EngineOptions options, AlertSink& sink);

  void push(const Event& event);
  void advance(Timestamp watermark);
  void finish();
  EngineStats stats() const;
  const nfa::Program& program() const noexcept { return *program_; }

 private:
  /// What feeds a rule or window: whatever emits a type that it reads.
  struct Feeders {
    std::vector<nfa::RuleId> rules;
    std::vector<nfa::DeriveId> derives;
  };

  void find_feeders();
  void dispatch(std::span<Event> events);
  void deliver(const Event& event, std::vector<PendingMatch>& matches);
  void feed_windows(const std::vector<nfa::DeriveId>& derives, const Event& event);
  void report(const PendingMatch& match);
  void report_all(std::vector<PendingMatch> matches);
  void fill(Alert& alert, const PendingMatch& match, ValueArena& arena) const;
  bool read_by_someone(const nfa::Rule& rule) const;
  void emit_as_event(const Alert& alert, bool kept_back);
  void fire_through(const DueKey& last);
  void fire_next(std::size_t shard);
  void update_due(std::size_t shard);
  void end_rules();
  bool exhausted(nfa::RuleId rule) const;
  bool exhausted_window(nfa::DeriveId derive) const;
  bool exhausted(const Feeders& feeders) const;
  void tidy();

  Shard& shard_of(const KeyOfEvent& key, std::size_t& index) {
    index = static_cast<std::size_t>(key.hash % shards_.size());
    return *shards_[index];
  }

  nfa::ProgramPtr program_;
  EngineOptions options_;
  AlertSink& sink_;
  nfa::EventTests tests_;
  nfa::Matcher matcher_;
  EventKeys keys_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::set<std::pair<DueKey, std::size_t>> due_;  // each shard's next
  std::vector<std::optional<DueKey>> due_of_;     // by shard, as in due_
  std::vector<AlertLimiter> limiters_;            // by RuleId
  std::vector<bool> wanted_;                      // by RuleId: its alerts go to the sink
  std::vector<bool> window_read_;                 // by DeriveId: somebody reads its events
  std::vector<WindowEvents> window_events_;       // by DeriveId
  ValueArena window_arena_;                       // of the window's event under way
  std::vector<Feeders> rule_feeders_;
  std::vector<Feeders> derive_feeders_;
  std::vector<std::int64_t> last_input_;  // by RuleId: ts of the last event it saw
  std::size_t unended_ = 0;               // rules whose input goes on
  Timestamp last_ts_ = Timestamp::min();
  std::uint64_t seq_ = 0;
  unsigned depth_ = 0;
  std::vector<std::size_t> touched_;  // shards that may hold less than before
  bool finishing_ = false;
  EngineStats stats_;
};

Engine::Impl::Impl(nfa::ProgramPtr program, EngineOptions options, AlertSink& sink)
    : program_(std::move(program)),
      options_(std::move(options)),
      sink_(sink),
      tests_(program_->exprs, program_->tables),
      matcher_(*program_, tests_, options_.tracer),
      keys_(*program_),
      wanted_(program_->rules.size(), options_.only.empty()),
      last_input_(program_->rules.size(), std::numeric_limits<std::int64_t>::min()) {
  const std::size_t n = std::max<std::size_t>(options_.shards, 1);
  for (std::size_t i = 0; i < n; ++i) {
    shards_.push_back(
        std::make_unique<Shard>(*program_, matcher_, tests_, options_.tracer != nullptr,
                                options_.panes));
  }
  due_of_.resize(n);
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
    const nfa::Readers& readers = program_->readers[program_->derives[d].type];
    window_read_.push_back(!readers.rules.empty() || !readers.derives.empty());
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

void Engine::Impl::push(const Event& event) {
  fire_through({.at = event.ts.ns,
                .phase = DueKey::kWindow,
                .rank = std::numeric_limits<std::uint32_t>::max()});
  ++stats_.events;
  last_ts_ = std::max(last_ts_, event.ts);
  Event arrived = event;
  arrived.seq = ++seq_;
  dispatch({&arrived, 1});
}

void Engine::Impl::advance(Timestamp watermark) {
  // A window ends at an instant that still belongs to what comes after it.
  fire_through({.at = (watermark + Duration{1}).ns,
                .phase = DueKey::kWindow,
                .rank = std::numeric_limits<std::uint32_t>::max()});
}

void Engine::Impl::fire_through(const DueKey& last) {
  while (!due_.empty() && due_.begin()->first <= last) fire_next(due_.begin()->second);
}

void Engine::Impl::update_due(std::size_t index) {
  const std::optional<DueKey> now = shards_[index]->next_due();
  if (touched_.empty() || touched_.back() != index) touched_.push_back(index);
  std::optional<DueKey>& known = due_of_[index];
  if (now == known) return;
  if (known) due_.erase({*known, index});
  if (now) due_.insert({*now, index});
  known = now;
}

void Engine::Impl::fire_next(std::size_t index) {
  Shard& shard = *shards_[index];
  const DueKey due = *due_of_[index];
  if (due.phase == DueKey::kWindow) {
    window_arena_.reset();
    std::optional<Event> event;
    shard.close_window([&](const WindowResult& window) {
      event = window_events_[due.index].make(window, window_arena_);
    });
    update_due(index);
    event->seq = ++seq_;
    dispatch({&*event, 1});
    return;
  }
  std::vector<PendingMatch> matches;
  shard.fire(matches);
  update_due(index);
  report_all(std::move(matches));
}

void Engine::Impl::dispatch(std::span<Event> events) {
  std::vector<PendingMatch> matches;
  for (const Event& event : events) deliver(event, matches);
  std::ranges::stable_sort(matches, [](const PendingMatch& a, const PendingMatch& b) {
    return a.rule != b.rule ? a.rule < b.rule : a.start_seq < b.start_seq;
  });
  report_all(std::move(matches));
}

void Engine::Impl::report_all(std::vector<PendingMatch> matches) {
  ++depth_;
  for (const PendingMatch& match : matches) {
    report(match);
    match.shard->release(match);
  }
  if (--depth_ == 0) tidy();
}

void Engine::Impl::tidy() {
  for (const std::size_t index : touched_) shards_[index]->tidy();
  touched_.clear();
}

void Engine::Impl::deliver(const Event& event, std::vector<PendingMatch>& matches) {
  static const nfa::Readers kNobody;
  const nfa::Readers& named = event.type == kOtherType ? kNobody : program_->readers[event.type];
  const nfa::Readers& all = event.origin == EventOrigin::kSource ? program_->read_all : kNobody;
  if (named.rules.empty() && all.rules.empty() && named.derives.empty() && all.derives.empty()) {
    return;
  }
  tests_.begin(event);
  keys_.begin(event);
  const auto hand_to = [&](nfa::RuleId rule) {
    RuleStats& stats = stats_.rules[rule];
    const KeyOfEvent& key = keys_.of(program_->rules[rule].key);
    if (!key.present) {
      ++stats.without_key;
      return;
    }
    ++stats.events;
    last_input_[rule] = event.ts.ns;
    std::size_t index = 0;
    shard_of(key, index).deliver(rule, key, matches);
    update_due(index);
  };
  // Both lists ascend; a rule that names the type beside a `*` stands in both.
  auto a = named.rules.begin();
  auto b = all.rules.begin();
  while (a != named.rules.end() || b != all.rules.end()) {
    const bool from_a = b == all.rules.end() || (a != named.rules.end() && *a <= *b);
    const nfa::RuleId rule = from_a ? *a : *b;
    if (a != named.rules.end() && *a == rule) ++a;
    if (b != all.rules.end() && *b == rule) ++b;
    hand_to(rule);
  }
  feed_windows(named.derives, event);
  feed_windows(all.derives, event);
}

void Engine::Impl::feed_windows(const std::vector<nfa::DeriveId>& derives, const Event& event) {
  for (const nfa::DeriveId id : derives) {
    if (!window_read_[id]) continue;
    const nfa::Derive& derive = program_->derives[id];
    const bool takes_part = std::ranges::any_of(derive.input, [&](const nfa::Test& test) {
      return (test.any_type || test.type == event.type) &&
             std::ranges::all_of(test.one_event, [&](nfa::ExprId e) { return tests_.holds(e); });
    });
    if (!takes_part || (derive.where != nfa::kNoExpr && !tests_.holds(derive.where))) continue;
    const KeyOfEvent& key = keys_.of(derive.key);
    if (!key.present) continue;
    std::size_t index = 0;
    shard_of(key, index).add_to_window(id, key);
    update_due(index);
  }
}

bool Engine::Impl::read_by_someone(const nfa::Rule& rule) const {
  const auto read = [&](TypeId type) {
    return type != kOtherType &&
           (!program_->readers[type].rules.empty() || !program_->readers[type].derives.empty());
  };
  return read(rule.alert_type) || read(rule.rule_type);
}

void Engine::Impl::report(const PendingMatch& match) {
  const nfa::Rule& rule = program_->rules[match.rule];
  RuleStats& stats = stats_.rules[match.rule];
  ++stats.matches;
  const AlertLimiter::Decision decision =
      limiters_[match.rule].offer(match.shard->key_bytes(match.partition), match.detected_at);
  const bool sent = decision.sent && wanted_[match.rule];
  if (!decision.sent) ++stats.suppressed;
  const bool read = read_by_someone(rule);
  if (!sent && !read) return;

  ValueArena arena;
  Alert alert;
  fill(alert, match, arena);
  alert.suppressed = decision.suppressed;
  if (sent) {
    ++stats.alerts;
    ++stats_.alerts;
    sink_.on_alert(alert);
  }
  if (read) emit_as_event(alert, !decision.sent);
}

void Engine::Impl::fill(Alert& alert, const PendingMatch& match, ValueArena& arena) const {
  const nfa::Rule& rule = program_->rules[match.rule];
  const nfa::BindingPool& pool = match.shard->bindings();
  alert.rule = &rule;
  alert.program = program_.get();
  alert.stream = rule.alert.stream;
  alert.detected_at = match.detected_at;
  alert.end = pool.event(match.chain).ts;
  const std::span<const Value> key = match.shard->key_values(match.partition);
  for (std::size_t i = 0; i < key.size(); ++i) {
    alert.key.emplace_back(program_->keys[rule.key].names[i], key[i]);
  }
  for (const nfa::BoundName& name : rule.automaton.names) {
    alert.match.push_back({.name = name.text, .list = name.list, .events = {}});
  }
  for (nfa::ChainRef c = match.chain; c != 0; c = pool.at(c).previous) {
    alert.match[pool.at(c).name].events.push_back(&pool.event(c));
    alert.start = pool.event(c).ts;
  }
  for (Binding& binding : alert.match) std::ranges::reverse(binding.events);

  const nfa::ChainView bound(pool, match.chain, {});
  nfa::EvalContext context;
  context.bound = &bound;
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
  for (bool again = unended_ > 0; again;) {
    again = false;
    for (nfa::RuleId r = 0; r < program_->rules.size(); ++r) {
      if (matcher_.log_ended(r) || !exhausted(rule_feeders_[r])) continue;
      matcher_.end_of_log(r, std::max(last_ts_.ns, last_input_[r]));
      for (std::size_t i = 0; i < shards_.size(); ++i) {
        shards_[i]->end_of_log(r);
        update_due(i);
      }
      --unended_;
      again = unended_ > 0;
    }
  }
}

void Engine::Impl::finish() {
  if (finishing_) return;
  finishing_ = true;
  unended_ = program_->rules.size();
  end_rules();
  while (!due_.empty()) {
    fire_next(due_.begin()->second);
    end_rules();
  }
  if (options_.tracer != nullptr) {
    for (const auto& shard : shards_) shard->clear();
  }
}

EngineStats Engine::Impl::stats() const {
  EngineStats stats = stats_;
  for (const auto& shard : shards_) stats.open_runs += shard->open_runs();
  return stats;
}

Engine::Engine(nfa::ProgramPtr program, EngineOptions options, AlertSink& sink)
    : impl_(std::make_unique<Impl>(std::move(program), std::move(options), sink)) {}
Engine::~Engine() = default;

void Engine::push(const Event& event) {
  impl_->push(event);
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
const nfa::Program& Engine::program() const noexcept {
  return impl_->program();
}

}  // namespace weir::runtime
