// How the work of one Program is shared among several engines: which rules each owns, for which
// keys.
//
// Rules and windows that read one another (through alert streams and derived streams) form
// components; components do not see each other. A component is either
//
//   spread  over all workers by its keys: every rule has a key, and what one key does is decided
//           without looking at another's; or
//   pinned  whole to one worker: windows (their closing order runs over all keys), rules without a
//           key, rules whose max_per counts over all keys, and chains whose keys do not agree.
//
// The key group of a key, its hash modulo kKeyGroups, says which worker has it. The hash is of the
// key's values alone: two rules with equal values have them on one worker, whatever their fields
// are called, so that a chain of rules with one key stays on the worker of that key.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "parallel/components.hpp"
#include "weir/nfa/program.hpp"
#include "weir/runtime/engine_part.hpp"

namespace weir::runtime {

inline constexpr std::size_t kKeyGroups = 256;
/// The fields that make the key of an event of `type`; null where such events take no part.
const std::vector<FieldId>* key_fields(const nfa::KeySpec& spec, TypeId type) noexcept;

class Split {
 public:
  /// Deterministic: by the Program and the number of workers alone. `members`: whole components;
  /// null: all of them. REQUIRES: 1 to kMaxWorkers.
  Split(const nfa::Program& program, std::size_t workers, const Members* members = nullptr);

  std::vector<EnginePart> parts;                     // by worker
  std::array<std::uint8_t, kKeyGroups> worker_of{};  // by key group

  static constexpr std::uint8_t kSpread = 0xff;
  static constexpr std::uint8_t kNobody = 0xfe;  // it takes no part
  std::vector<std::uint8_t> rule_worker;    // by RuleId: whom it is pinned to, or kSpread, kNobody
  std::vector<std::uint8_t> derive_worker;  // by DeriveId

 private:
  bool spread(const Component& component, const nfa::Program& program,
              std::vector<nfa::KeySpecId>& keys);
  void pin(const Component& component, std::size_t worker);
};

}  // namespace weir::runtime
