// SHA-256 (FIPS 180-4): for the ids of alerts and for masked values, a few hundred bytes at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::runtime {

using Sha256State = std::array<std::uint32_t, 8>;

class Sha256 {
 public:
  /// `own_instructions`: by those that the processor has for it, where it has them; the same
  /// result.
  explicit Sha256(bool own_instructions = true);

  void update(std::string_view bytes) noexcept;
  /// Ends the message; the object is of no use afterwards.
  std::array<std::uint8_t, 32> digest() noexcept;

 private:
  void (*block_)(Sha256State& state, const std::uint8_t* bytes) noexcept;
  Sha256State state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> pending_{};
  std::uint64_t length_ = 0;  // in bytes
};

/// The first `digits` hex digits of a digest, at most 64.
std::string hex_prefix(const std::array<std::uint8_t, 32>& digest, std::size_t digits);

}  // namespace weir::runtime
