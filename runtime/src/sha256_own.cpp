// SHA-256 by the SHA extensions of x86 (Gulley et al., "Intel SHA Extensions", 2013). They hold the
// state as two vectors, (a, b, e, f) and (c, d, g, h), and do two rounds at a time.
#include "sha256_blocks.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace weir::runtime {

#if defined(__x86_64__)

bool has_sha256_instructions() noexcept {
  static const bool has = [] {
    constexpr unsigned kSsse3 = 1U << 9;
    constexpr unsigned kSse41 = 1U << 19;
    constexpr unsigned kSha = 1U << 29;
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & kSsse3) == 0 || (c & kSse41) == 0) {
      return false;
    }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & kSha) != 0;
  }();
  return has;
}

__attribute__((target("sha,sse4.1"))) void sha256_block_own(Sha256State& state,
                                                            const std::uint8_t* bytes) noexcept {
  auto* const at = reinterpret_cast<__m128i*>(state.data());
  const auto* const from = reinterpret_cast<const __m128i*>(bytes);
  const auto* const rounds = reinterpret_cast<const __m128i*>(kSha256Rounds.data());
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

  const __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128(at), 0xb1);
  const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128(at + 1), 0x1b);
  __m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
  __m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);
  const __m128i abef_before = abef;
  const __m128i cdgh_before = cdgh;

  __m128i w[4];  // the last 16 words of the schedule, four at a time
  for (int i = 0; i < 16; ++i) {
    __m128i& next = w[i & 3];
    if (i < 4) {
      next = _mm_shuffle_epi8(_mm_loadu_si128(from + i), big_endian);
    } else {
      const __m128i last = w[(i + 3) & 3];
      const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(next, w[(i + 1) & 3]),
                                        _mm_alignr_epi8(last, w[(i + 2) & 3], 4));
      next = _mm_sha256msg2_epu32(sum, last);
    }
    const __m128i words = _mm_add_epi32(next, _mm_load_si128(rounds + i));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, words);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(words, 0x0e));
  }

  abef = _mm_add_epi32(abef, abef_before);
  cdgh = _mm_add_epi32(cdgh, cdgh_before);
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128(at, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(at + 1, _mm_alignr_epi8(dchg, feba, 8));
}

#else

bool has_sha256_instructions() noexcept {
  return false;
}
void sha256_block_own(Sha256State& state, const std::uint8_t* bytes) noexcept {
  sha256_block(state, bytes);
}

#endif

}  // namespace weir::runtime
