#include "weir/nfa/program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace weir::nfa {
namespace {

/// "its first 2 steps with x, y": with whom most first, few of them by name.
std::string sharing_text(const Program& program, const FamilyPlan& family, RuleId rule) {
  constexpr std::size_t kNamed = 4;
  const auto self = std::ranges::find(family.members, rule, &FamilyMember::rule);
  std::vector<std::vector<std::string_view>> with(self->path.size() + 1);  // by steps in common
  for (const FamilyMember& other : family.members) {
    if (other.rule == rule) continue;
    const auto apart = std::ranges::mismatch(self->path, other.path, {}, &FamilyMember::At::step,
                                             &FamilyMember::At::step);
    with[static_cast<std::size_t>(apart.in1 - self->path.begin())].push_back(
        program.rules[other.rule].id);
  }
  std::string text;
  for (std::size_t steps = with.size(); steps-- > 1;) {
    std::vector<std::string_view>& ids = with[steps];
    if (ids.empty()) continue;
    std::ranges::sort(ids);
    const std::size_t others = ids.size() > kNamed ? ids.size() - kNamed : 0;
    ids.resize(ids.size() - others);
    if (!text.empty()) text += ", ";
    if (steps == self->path.size()) {
      text += "all of its steps with ";
    } else {
      text += steps == 1 ? "its first step with " : fmt::format("its first {} steps with ", steps);
    }
    text += fmt::format("{}", fmt::join(ids, ", "));
    if (others > 0) text += fmt::format(" and {} more", others);
  }
  return text;
}

}  // namespace

std::string Program::plan_text(RuleId rule) const {
  const std::optional<SequencePlan>& sequence = rules[rule].sequence;
  if (!sequence) return "run by run";
  for (const FamilyPlan& family : families) {
    if (!family.has(rule)) continue;
    return fmt::format(
        "family of {} rules that have their {}steps in common: events are kept once "
        "for all; shares {}",
        family.members.size(), family.alike() ? "" : "first ", sharing_text(*this, family, rule));
  }
  const char* const before =
      sequence->leading.empty() ? "" : "; of each NOT before it the time of the last event";
  if (sequence->kept() == 0) return fmt::format("sequence of one event: nothing is kept{}", before);
  std::string text = fmt::format("sequence: the events of {} step{} are kept, not the runs{}",
                                 sequence->kept(), sequence->kept() == 1 ? "" : "s", before);
  if (sequence->key != rules[rule].key)
    text += "; the field that ties the steps is part of the key";
  if (sequence->first_alone && sequence->kept() > 0)
    text += "; of runs that share their fate the first alone";
  return text;
}

}  // namespace weir::nfa
