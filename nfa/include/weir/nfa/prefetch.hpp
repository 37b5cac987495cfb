// Asks memory for what is read soon.
#pragma once

namespace weir::nfa {

/// Any address will do. (The statement that does nothing has a volatile's effects: g++ 12 takes a
/// function that prefetches alone for a pure one, and leaves out the calls.)
inline void prefetch(const void* address) noexcept {
  __builtin_prefetch(address);
  asm volatile("" : : "r"(address));
}

}  // namespace weir::nfa
