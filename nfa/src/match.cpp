#include "weir/nfa/match.hpp"

namespace weir::nfa {

const Event* MatchView::last(NameId name, RegId /*scope*/) const {
  for (auto it = bound_.rbegin(); it != bound_.rend(); ++it) {
    if (it->name == name) return it->event;
  }
  return nullptr;
}

std::span<const Event* const> MatchView::all(NameId name, RegId /*scope*/,
                                             ValueArena& scratch) const {
  std::size_t n = 0;
  for (const BoundEvent& b : bound_) n += b.name == name ? 1 : 0;
  auto* list =
      static_cast<const Event**>(scratch.allocate(n * sizeof(const Event*), alignof(const Event*)));
  std::size_t i = 0;
  for (const BoundEvent& b : bound_) {
    if (b.name == name) list[i++] = b.event;
  }
  return {list, n};
}

}  // namespace weir::nfa
