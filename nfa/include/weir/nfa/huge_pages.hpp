// Memory in pages of 2 MiB where the system has them: what is large and read at random (tables of
// keys, the state behind them) gains by it, since each access is a look-up in the page tables less.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace weir::nfa {

inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// Large parts in whole pages of 2 MiB, smaller ones as usual, at a multiple of a line of the
/// cache; to be given back by std::free().
inline void* allocate_pages(std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  const bool large = bytes >= kHugePage;
  const std::size_t unit = large ? kHugePage : kLine;
  const std::size_t rounded = (bytes + unit - 1) / unit * unit;
  void* const memory = std::aligned_alloc(unit, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  if (large) madvise(memory, rounded, MADV_HUGEPAGE);  // where it is refused, pages are small
  return memory;
}

/// For containers.
template <typename T>
struct HugePages {
  using value_type = T;
  HugePages() = default;
  template <typename U>
  explicit(false) HugePages(const HugePages<U>& /*other*/) {}

  T* allocate(std::size_t n) { return static_cast<T*>(allocate_pages(n * sizeof(T))); }
  void deallocate(T* memory, std::size_t /*n*/) { std::free(memory); }
  friend bool operator==(const HugePages&, const HugePages&) { return true; }
};

}  // namespace weir::nfa
