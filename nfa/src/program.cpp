#include "weir/nfa/program.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::nfa {

std::string Program::plan_text(RuleId rule) const {
  const std::optional<SequencePlan>& sequence = rules[rule].sequence;
  if (!sequence) return "run by run";
  for (const FamilyPlan& family : families) {
    if (!family.has(rule)) continue;
    return fmt::format("family of {} rules that {}: events are kept once for all",
                       family.members.size(),
                       family.alike() ? "differ in constants" : "have their first steps in common");
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
