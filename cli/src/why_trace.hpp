// Listens to what becomes of a rule's runs and keeps those that got furthest.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/nfa/trace.hpp"

namespace weir::cli {

/// What people asked about.
struct WhyQuestion {
  nfa::RuleId rule = 0;
  std::vector<std::pair<std::string, std::string>> key;  // field, value as text; empty: every key
  std::optional<Timestamp> at;                           // only runs that were open then
  std::size_t keep = 5;
};

/// An event that a run had bound, as it is shown.
struct ShownEvent {
  std::string name;
  Timestamp ts;
  std::string text;          // type and fields
  std::size_t left_out = 0;  // events of the name between the one before and this one
};

/// A run, after it has ended.
struct RunStory {
  std::vector<std::pair<std::string, std::string>> key;
  std::uint32_t progress = 0;
  std::size_t bound_count = 0;
  std::vector<ShownEvent> bound;
  std::vector<std::string> waits;  // steps that it waited for, preferred first
  Timestamp start;
  Timestamp deadline = Timestamp::max();
  Timestamp ended;
  nfa::EndReason reason = nfa::EndReason::kOpen;
  std::string by;           // the NOT, UNTIL or step at fault; may be empty
  std::string event;        // the event that did it; empty where time did
  std::uint64_t alike = 0;  // further runs of the key that came as far and ended so
};

/// Memory: the runs that are open, and `keep` stories.
class WhyTracer : public nfa::Tracer {
 public:
  explicit WhyTracer(WhyQuestion question) : question_(std::move(question)) {}

  bool wants(nfa::RuleId rule) const override { return rule == question_.rule; }
  void on_run(const nfa::RunView& run, std::string_view key_text) override;
  void on_end(nfa::RuleId rule, nfa::RunId run, nfa::EndReason reason, const Event* event,
              Timestamp at, std::string_view by) override;

  /// The furthest first, of equals the earliest.
  const std::vector<RunStory>& stories() const noexcept { return stories_; }
  const std::vector<RunStory>& matches() const noexcept { return matches_; }
  std::uint64_t begun() const noexcept { return begun_; }      // runs of the key asked for
  std::uint64_t matched() const noexcept { return matched_; }  // of them, reported
  /// What the pattern's last step has as its progress.
  std::uint32_t steps() const noexcept { return steps_; }

 private:
  bool asked_for(const RunStory& story) const;
  void keep(RunStory story);

  WhyQuestion question_;
  const FieldPlan* plan_ = nullptr;  // of the Program that is run
  std::map<nfa::RunId, RunStory> open_;
  std::vector<RunStory> stories_;
  std::vector<RunStory> matches_;
  std::uint64_t begun_ = 0;
  std::uint64_t matched_ = 0;
  std::uint32_t steps_ = 0;
};

/// "auth user=bob outcome=failure": an event on one line, with the fields that rules read.
std::string show_event(const Event& event, const FieldPlan& plan);

}  // namespace weir::cli
