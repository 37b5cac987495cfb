#include "why_trace.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "json_tree.hpp"
#include "output.hpp"

namespace weir::cli {
namespace {

// Of one name's events so many are shown at either end.
constexpr std::size_t kShownEnds = 2;

/// The key of the partition that an event is in, as the alert would name it.
std::vector<std::pair<std::string, std::string>> key_of(const nfa::Program& program,
                                                        const nfa::Rule& rule, const Event& event) {
  const nfa::KeySpec& spec = program.keys[rule.key];
  const std::vector<FieldId>* fields = &spec.fields;
  for (const auto& [type, of_type] : spec.by_type) {
    if (type == event.type) fields = &of_type;
  }
  std::vector<std::pair<std::string, std::string>> key;
  for (std::size_t i = 0; i < std::min(spec.names.size(), fields->size()); ++i) {
    key.emplace_back(spec.names[i], to_text(event.get((*fields)[i])));
  }
  return key;
}

/// What another match took away says least about what was lacking.
bool further(const RunStory& a, const RunStory& b) {
  const bool a_pruned = a.reason == nfa::EndReason::kPruned;
  const bool b_pruned = b.reason == nfa::EndReason::kPruned;
  if (a_pruned != b_pruned) return b_pruned;
  if (a.progress != b.progress) return a.progress > b.progress;
  if (a.bound_count != b.bound_count) return a.bound_count > b.bound_count;
  return a.start < b.start;
}

/// Told once: the same key came as far, and ended the same way.
bool alike(const RunStory& a, const RunStory& b) {
  return a.progress == b.progress && a.reason == b.reason && a.by == b.by && a.key == b.key;
}

/// Which of a name's events are left out: all but the first and last few.
std::vector<ShownEvent> show_bound(const nfa::RunView& run) {
  std::map<nfa::NameId, std::size_t> total;
  for (const auto& [name, event] : run.bound) ++total[name];
  std::map<nfa::NameId, std::size_t> seen;
  std::map<nfa::NameId, std::size_t> skipped;
  std::vector<ShownEvent> shown;
  for (const auto& [name, event] : run.bound) {
    const std::size_t n = seen[name]++;
    if (n >= kShownEnds && n + kShownEnds < total[name]) {
      ++skipped[name];
      continue;
    }
    shown.push_back({run.automaton->names[name].text, event->ts,
                     show_event(*event, run.program->plan), std::exchange(skipped[name], 0)});
  }
  return shown;
}

}  // namespace

std::string show_event(const Event& event, const FieldPlan& plan) {
  std::string text(event.type_name);
  for (const FieldId field : event.plan->fields) {
    const Value value = event.get(field);
    if (field == kTsField || field == kTypeField || value.is_null()) continue;
    text += fmt::format(" {}={}", plan.field(field).dotted, show(Tree::of(value)));
  }
  return printable(text);
}

bool WhyTracer::asked_for(const RunStory& story) const {
  return std::ranges::all_of(question_.key, [&](const auto& wanted) {
    return std::ranges::find(story.key, wanted) != story.key.end();
  });
}

void WhyTracer::on_run(const nfa::RunView& run, std::string_view) {
  RunStory story;
  const nfa::Rule& rule = run.program->rules[run.rule];
  if (!run.bound.empty()) story.key = key_of(*run.program, rule, *run.bound.front().second);
  if (!asked_for(story)) return;
  if (run.parent == 0) ++begun_;
  plan_ = &run.program->plan;
  story.bound_count = run.bound.size();
  story.start = run.bound.empty() ? Timestamp::min() : run.bound.front().second->ts;
  story.deadline = run.deadline;
  for (const nfa::NodeId id : run.waits) {
    const nfa::Node& node = run.program->nodes[id];
    story.progress = std::max(story.progress, node.progress);
    if (std::ranges::find(story.waits, node.label) == story.waits.end()) {
      story.waits.push_back(node.label);
    }
  }
  steps_ = std::max(steps_, story.progress);
  story.bound = show_bound(run);
  open_[run.id] = std::move(story);
}

void WhyTracer::on_end(nfa::RuleId, nfa::RunId run, nfa::EndReason reason, const Event* event,
                       Timestamp at, std::string_view by) {
  const auto it = open_.find(run);
  if (it == open_.end()) return;
  RunStory story = std::move(it->second);
  if (reason == nfa::EndReason::kMatched) ++matched_;
  // A run that took the event lives on in others; one that waits where another does is told there.
  if (reason == nfa::EndReason::kTaken || reason == nfa::EndReason::kDuplicate) {
    open_.erase(it);
    return;
  }
  // A complete run may go on, and is then told of again.
  if (reason != nfa::EndReason::kMatched) {
    open_.erase(it);
  } else {
    it->second = story;
  }
  story.reason = reason;
  story.ended = at;
  story.by = by;
  if (event != nullptr) story.event = show_event(*event, *plan_);
  if (question_.at && (story.start > *question_.at || story.ended < *question_.at)) return;
  keep(std::move(story));
}

void WhyTracer::keep(RunStory story) {
  if (story.reason == nfa::EndReason::kMatched) {
    if (matches_.size() < question_.keep) matches_.push_back(std::move(story));
    return;
  }
  const auto same =
      std::ranges::find_if(stories_, [&](const RunStory& s) { return alike(s, story); });
  if (same != stories_.end()) {
    story.alike = same->alike + 1;
    if (!further(story, *same)) {
      same->alike = story.alike;
      return;
    }
    stories_.erase(same);
  }
  const auto place = std::ranges::upper_bound(stories_, story, further);
  if (static_cast<std::size_t>(place - stories_.begin()) >= question_.keep) return;
  stories_.insert(place, std::move(story));
  if (stories_.size() > question_.keep) stories_.pop_back();
}

}  // namespace weir::cli
