// Equality of short texts.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::connectors {

template <typename Word>
inline bool same_words(std::string_view a, std::string_view b) noexcept {
  const auto differ = [&](std::size_t at) {
    Word words[2];
    std::memcpy(&words[0], a.data() + at, sizeof(Word));
    std::memcpy(&words[1], b.data() + at, sizeof(Word));
    return words[0] ^ words[1];
  };
  return (differ(0) | differ(a.size() - sizeof(Word))) == 0;
}

/// Two words that overlap are compared sooner than a function is called.
inline bool same_text(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  if (a.size() < sizeof(std::uint32_t) || a.size() > 2 * sizeof(std::uint64_t)) return a == b;
  return a.size() < sizeof(std::uint64_t) ? same_words<std::uint32_t>(a, b)
                                          : same_words<std::uint64_t>(a, b);
}

}  // namespace weir::connectors
