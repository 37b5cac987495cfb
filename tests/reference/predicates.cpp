// What a partition's predicates see, and whether they hold.
#include <algorithm>

#include "partition.hpp"

namespace weir::reference {

/// Names as seen from a place: inside a repeated group its names mean the current iteration, else
/// all that is bound to them.
class Partition::NameScope : public Scope {
 public:
  NameScope(const Partition& partition, const std::vector<Binding>& bound,
            const std::vector<Frame>& frames, const RefEvent* candidate)
      : partition_(partition), bound_(bound), frames_(frames), candidate_(candidate) {}

  /// `name` stands for the candidate here.
  void set_own(int name) { own_ = name; }
  /// The element of a NOT or UNTIL, which names the candidate where nothing is bound to that name.
  void set_element(std::string_view element) { element_ = element; }

  const RefEvent* candidate() const override { return candidate_; }
  bool is_name(std::string_view name) const override {
    return partition_.tree_.find_name(name) >= 0 || name == element_;
  }
  std::vector<const RefEvent*> bound(std::string_view text) const override {
    const int name = partition_.tree_.find_name(text);
    if (name < 0 || name == own_) return {candidate_};
    std::size_t from = 0;
    for (auto f = frames_.rbegin(); f != frames_.rend(); ++f) {
      if (f->node->is_group() && f->node->loop && f->node->defines.contains(name)) {
        from = f->iteration;
        break;
      }
    }
    std::vector<const RefEvent*> out;
    for (std::size_t i = from; i < bound_.size(); ++i) {
      if (bound_[i].name == name) out.push_back(partition_.events_[bound_[i].event]);
    }
    return out;
  }

 private:
  const Partition& partition_;
  const std::vector<Binding>& bound_;
  const std::vector<Frame>& frames_;
  const RefEvent* candidate_;
  int own_ = -1;
  std::string_view element_;
};

namespace {

// The condition of an event class sees the event and nothing else.
class EventScope : public Scope {
 public:
  explicit EventScope(const RefEvent& e) : event_(e) {}
  const RefEvent* candidate() const override { return &event_; }
  bool is_name(std::string_view) const override { return false; }
  std::vector<const RefEvent*> bound(std::string_view) const override { return {}; }

 private:
  const RefEvent& event_;
};

}  // namespace

bool Partition::fits(const Alternative& alternative, const RefEvent& e,
                     const std::vector<Binding>& bound, const std::vector<Frame>& frames,
                     bool own_is_candidate) {
  const EventTest& test = alternative.test;
  if (!test.any && std::find(test.types.begin(), test.types.end(), e.type) == test.types.end())
    return false;
  if (test.class_where != nullptr && !evaluator_.holds(*test.class_where, EventScope(e)))
    return false;
  NameScope scope(*this, bound, frames, &e);
  if (alternative.name < 0) {
    scope.set_element(test.element);
  } else if (own_is_candidate) {
    scope.set_own(alternative.name);
  }
  return std::all_of(alternative.where.begin(), alternative.where.end(),
                     [&](const lang::Expr* where) { return evaluator_.holds(*where, scope); });
}

const Alternative* Partition::first_fit(const Alternatives& alternatives, const RefEvent& e,
                                        const std::vector<Binding>& bound,
                                        const std::vector<Frame>& frames, bool own_is_candidate) {
  for (const Alternative& a : alternatives) {
    if (fits(a, e, bound, frames, own_is_candidate)) return &a;
  }
  return nullptr;
}

bool Partition::guard_hit(const Guard& guard, const std::vector<Binding>& bound,
                          const RefEvent& e) {
  if (guard.item->next && !guard.fresh) return false;
  if (guard.until && e.ts > *guard.until) return false;
  return first_fit(guard.item->what, e, bound, guard.frames, false) != nullptr;
}

// UNTIL of the loops that the thread stands in. It is written outside of the loop, so names of a
// repeated group mean all iterations in it.
bool Partition::until_hit(const Thread& thread, const std::vector<Binding>& bound,
                          const RefEvent& e, bool begun_only) {
  for (std::size_t i = 0; i < thread.frames.size(); ++i) {
    const Frame& f = thread.frames[i];
    if (!f.node->until || (begun_only && bound.size() == f.entry)) continue;
    const std::vector<Frame> outside(thread.frames.begin(),
                                     thread.frames.begin() + static_cast<std::ptrdiff_t>(i));
    if (first_fit(*f.node->until, e, bound, outside, false) != nullptr) return true;
  }
  return false;
}

// No event that a leading NOT forbids in the time before the event that begins the match; one of
// exactly that time counts. It may read what begins the match.
bool Partition::leading_not_hit(const std::vector<Binding>& bound, std::size_t e) {
  for (const NotItem& item : tree_.leading) {
    if (!item.within) continue;
    for (std::size_t i = 0; i < e; ++i) {
      if (events_[e]->ts - events_[i]->ts > *item.within) continue;
      if (first_fit(item.what, *events_[i], bound, {}, false) != nullptr) return true;
    }
  }
  return false;
}

Walk Partition::walk(const std::vector<Binding>& bound) {
  return {tree_, bound.size(), bound.empty() ? Timestamp{} : events_[bound.front().event]->ts,
          [this, &bound](const std::vector<Frame>& frames) {
            const NameScope scope(*this, bound, frames, nullptr);
            const auto& where = frames.back().node->where;
            return std::all_of(where.begin(), where.end(), [&](const lang::Expr* expr) {
              return evaluator_.holds(*expr, scope);
            });
          }};
}

bool Partition::passes_where(const std::vector<Binding>& bound) {
  const std::vector<Frame> outside;
  const NameScope scope(*this, bound, outside, nullptr);
  return std::all_of(tree_.where.begin(), tree_.where.end(),
                     [&](const lang::Expr* where) { return evaluator_.holds(*where, scope); });
}

}  // namespace weir::reference
