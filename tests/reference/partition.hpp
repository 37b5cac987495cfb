// One rule, one partition: the ordered list of runs of section 4.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "expression.hpp"
#include "log.hpp"
#include "run.hpp"
#include "ways.hpp"

namespace weir::reference {

/// A match as a partition finds it.
struct Found {
  Timestamp detected_at;
  bool by_event = true;
  std::size_t event = 0;  // the completing one
  std::vector<Binding> bound;
};

class Partition {
 public:
  /// More runs than that, and the partition gives up (see gave_up()).
  explicit Partition(const Tree& tree, std::size_t max_runs) : tree_(tree), max_runs_(max_runs) {}

  /// The next event in the order of (ts, seq). It is in the rule's input and in this partition, and
  /// outlives the partition.
  void event(const RefEvent& e);
  /// The watermark has reached `t`: what is due at or before it happens.
  void watermark(Timestamp t);
  /// The end of a bounded log, whose largest event time is `last`.
  void close(Timestamp last);

  const std::vector<Found>& found() const { return found_; }
  const std::vector<const RefEvent*>& events() const { return events_; }
  bool gave_up() const { return gave_up_; }

 private:
  class NameScope;
  enum class Taken { kNo, kYes, kYesAndStays };

  /// Something that falls due: of run `run`, its main wait or its iteration `iterate`.
  struct Due {
    Timestamp at;
    std::size_t run = 0;
    std::optional<std::size_t> iterate;
    bool closes = false;  // a waiting possessive loop
  };

  // Time.
  void advance(Timestamp limit, bool inclusive, std::optional<Timestamp> log_end);
  std::optional<Due> earliest(std::optional<Timestamp> log_end) const;
  Timestamp closing(const Run& run, const Thread& iterating,
                    std::optional<Timestamp> log_end) const;
  void happen(const Due& due, std::optional<Timestamp> log_end);
  void drop_expired(Timestamp now);
  std::optional<Timestamp> group_expiry(const Thread& thread,
                                        const std::vector<Binding>& bound) const;
  Timestamp expiry(const Thread& thread, const std::vector<Binding>& bound) const;

  // Events.
  void step(const Run& run, std::size_t e, bool starting, std::vector<Run>& out);
  Taken try_take(const Thread& thread, const std::vector<Binding>& bound, std::size_t e,
                 bool starting, bool first_only, std::vector<Run>& out);
  void take(const Thread& thread, const std::vector<Binding>& bound, int name, std::size_t e,
            std::uint32_t filled, bool starting, std::vector<Run>& out);
  bool survives(Thread& thread, const std::vector<Binding>& bound, std::size_t e, bool took);
  bool guard_hit(const Guard& guard, const std::vector<Binding>& bound, const RefEvent& e);
  bool until_hit(const Thread& thread, const std::vector<Binding>& bound, const RefEvent& e,
                 bool begun_only);
  bool leading_not_hit(const std::vector<Binding>& bound, std::size_t e);
  lang::Contiguity contiguity(const Thread& thread, std::size_t bound) const;

  // Predicates.
  bool fits(const Alternative& alternative, const RefEvent& e, const std::vector<Binding>& bound,
            const std::vector<Frame>& frames, bool own_is_candidate);
  const Alternative* first_fit(const Alternatives& alternatives, const RefEvent& e,
                               const std::vector<Binding>& bound, const std::vector<Frame>& frames,
                               bool own_is_candidate);
  bool in_time(const Thread& thread, const Alternative& alternative, const RefEvent& e) const;
  Walk walk(const std::vector<Binding>& bound);
  bool passes_where(const std::vector<Binding>& bound);

  // Matches.
  void report(Timestamp at, std::optional<std::size_t> e);
  void prune(const std::vector<Binding>& match);
  void unique_runs();

  const Tree& tree_;
  std::size_t max_runs_;
  bool gave_up_ = false;
  std::vector<const RefEvent*> events_;
  std::vector<Run> runs_;  // the most preferred first
  std::vector<Found> found_;
  std::set<std::string> reported_;
  Evaluator evaluator_;
};

}  // namespace weir::reference
