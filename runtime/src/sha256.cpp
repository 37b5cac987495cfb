#include "sha256.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sha256_blocks.hpp"

namespace weir::runtime {
namespace {

std::uint32_t read_big(const std::uint8_t* p) noexcept {
  return (std::uint32_t{p[0]} << 24) | (std::uint32_t{p[1]} << 16) | (std::uint32_t{p[2]} << 8) |
         std::uint32_t{p[3]};
}

}  // namespace

void sha256_block(Sha256State& state, const std::uint8_t* bytes) noexcept {
  std::array<std::uint32_t, 64> w;
  for (std::size_t i = 0; i < 16; ++i) w[i] = read_big(bytes + 4 * i);
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + kSha256Rounds[i] + w[i];
    const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const std::array<std::uint32_t, 8> sum = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state[i] += sum[i];
}

Sha256::Sha256(bool own_instructions)
    : block_(own_instructions && has_sha256_instructions() ? sha256_block_own : sha256_block) {}

void Sha256::update(std::string_view bytes) noexcept {
  const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t left = bytes.size();
  while (left != 0) {
    const std::size_t at = length_ % 64;
    if (at == 0 && left >= 64) {
      block_(state_, from);
      from += 64;
      left -= 64;
      length_ += 64;
      continue;
    }
    const std::size_t n = std::min(left, 64 - at);
    std::memcpy(pending_.data() + at, from, n);
    from += n;
    left -= n;
    length_ += n;
    if (length_ % 64 == 0) block_(state_, pending_.data());
  }
}

std::array<std::uint8_t, 32> Sha256::digest() noexcept {
  const std::uint64_t bits = length_ * 8;
  const std::size_t at = length_ % 64;
  // A one bit, zeros, and the length in the last 8 bytes of a block.
  std::array<char, 72> padding{};
  padding[0] = static_cast<char>(0x80);
  const std::size_t zeros = (at < 56 ? 56 : 120) - at;
  for (std::size_t i = 0; i < 8; ++i) {
    padding[zeros + i] = static_cast<char>((bits >> (56 - 8 * i)) & 0xff);
  }
  update({padding.data(), zeros + 8});

  std::array<std::uint8_t, 32> out;
  for (std::size_t i = 0; i < 32; ++i) {
    out[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  }
  return out;
}

std::string hex_prefix(const std::array<std::uint8_t, 32>& digest, std::size_t digits) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(std::min(digits, digest.size() * 2), '0');
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = kDigits[(digest[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 0xf];
  }
  return out;
}

}  // namespace weir::runtime
