#include "parallel/components.hpp"

#include <algorithm>
#include <numeric>

namespace weir::runtime {
namespace {

/// Rules, then windows, as members of components: union-find.
class Components {
 public:
  explicit Components(const nfa::Program& program)
      : rules_(static_cast<std::uint32_t>(program.rules.size())),
        parent_(rules_ + program.derives.size()) {
    std::iota(parent_.begin(), parent_.end(), 0U);
    for (std::uint32_t r = 0; r < rules_; ++r) {
      join(r, program.rules[r].alert_type, program);
      join(r, program.rules[r].rule_type, program);
    }
    for (std::uint32_t d = 0; d < program.derives.size(); ++d) {
      join(rules_ + d, program.derives[d].type, program);
    }
  }

  std::vector<Component> all() {
    std::vector<Component> members(parent_.size());
    for (std::uint32_t m = 0; m < parent_.size(); ++m) members[find(m)].push_back(m);
    std::erase_if(members, [](const auto& c) { return c.empty(); });
    return members;
  }

 private:
  /// The root is the least member.
  std::uint32_t find(std::uint32_t m) {
    while (parent_[m] != m) m = parent_[m] = parent_[parent_[m]];
    return m;
  }
  void unite(std::uint32_t a, std::uint32_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }
  /// `emitter` and whatever reads the events of `type` that it emits.
  void join(std::uint32_t emitter, TypeId type, const nfa::Program& program) {
    if (type == kOtherType) return;
    for (const nfa::RuleId r : program.readers[type].rules) unite(emitter, r);
    for (const nfa::DeriveId d : program.readers[type].derives) unite(emitter, rules_ + d);
  }

  std::uint32_t rules_;
  std::vector<std::uint32_t> parent_;
};

}  // namespace

std::vector<Component> components_of(const nfa::Program& program) {
  return Components(program).all();
}

}  // namespace weir::runtime
