#include "weir/runtime/time_domain.hpp"

#include <algorithm>

#include "parallel/components.hpp"

namespace weir::runtime {
namespace {

/// By source: which TypeIds it can give, kOtherType among them where it can give a type that no
/// rule names.
std::vector<std::vector<bool>> types_by_source(const nfa::Program& program,
                                               std::span<const SourceTypes> sources) {
  std::vector<std::vector<bool>> gives;
  for (const SourceTypes& types : sources) {
    std::vector<bool>& mine = gives.emplace_back(program.plan.type_count(), !types.has_value());
    if (!types) continue;
    for (const std::string& name : *types) mine[program.plan.type_id(name)] = true;
  }
  return gives;
}

bool feeds_rule(const std::vector<bool>& gives, const nfa::Rule& rule) {
  if (rule.input_all && std::ranges::find(gives, true) != gives.end()) return true;
  return std::ranges::any_of(rule.input, [&](TypeId t) { return t != kOtherType && gives[t]; });
}

bool feeds_window(const std::vector<bool>& gives, const nfa::Derive& derive) {
  return std::ranges::any_of(derive.input, [&](const nfa::Test& test) {
    if (test.any_type) return std::ranges::find(gives, true) != gives.end();
    return static_cast<bool>(gives[test.type]);
  });
}

}  // namespace

std::vector<TimeDomain> time_domains(const nfa::Program& program,
                                     std::span<const SourceTypes> sources) {
  const std::vector<std::vector<bool>> gives = types_by_source(program, sources);
  const std::size_t rules = program.rules.size();
  const std::size_t members = rules + program.derives.size();
  std::vector<TimeDomain> domains;
  for (const Component& component : components_of(program)) {
    std::vector<std::uint32_t> feeding;
    for (std::uint32_t s = 0; s < sources.size(); ++s) {
      if (std::ranges::any_of(component, [&](std::uint32_t m) {
            return m < rules ? feeds_rule(gives[s], program.rules[m])
                             : feeds_window(gives[s], program.derives[m - rules]);
          })) {
        feeding.push_back(s);
      }
    }
    auto domain = std::ranges::find(domains, feeding, &TimeDomain::sources);
    if (domain == domains.end()) {
      domain = domains.insert(domain, {feeding, {std::vector<bool>(members)}});
    }
    for (const std::uint32_t m : component) domain->members.is_member[m] = true;
  }
  std::ranges::stable_partition(domains, [](const TimeDomain& d) { return !d.sources.empty(); });
  return domains;
}

}  // namespace weir::runtime
