// Line feeds among many bytes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace weir::connectors {

/// Calls visit(place) for each line feed, in order. Lines of logs are short: one search a line
/// costs more in beginning and ending than in searching.
template <typename Visit>
void for_each_line_feed(std::string_view bytes, Visit&& visit) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
#ifdef __SSE2__
  const __m128i line_feed = _mm_set1_epi8('\n');
  const auto find = [&](const char* block) {
    const __m128i loaded = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block));
    const int found = _mm_movemask_epi8(_mm_cmpeq_epi8(loaded, line_feed));
    return std::uint64_t{static_cast<std::uint32_t>(found)};
  };
  for (; end - at >= 64; at += 64) {
    std::uint64_t found =
        find(at) | find(at + 16) << 16 | find(at + 32) << 32 | find(at + 48) << 48;
    for (; found != 0; found &= found - 1) visit(at + std::countr_zero(found));
  }
#endif
  while (at != end) {
    const void* const found = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
    if (found == nullptr) return;
    visit(static_cast<const char*>(found));
    at = static_cast<const char*>(found) + 1;
  }
}

}  // namespace weir::connectors
