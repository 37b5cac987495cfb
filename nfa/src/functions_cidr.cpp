// Networks: cidr(ip, "10.0.0.0/8").
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "functions.hpp"

namespace weir::nfa {
namespace {

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool v6 = false;
};

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const Address& a) noexcept {
  return a.v6 && std::equal(kMapped.begin(), kMapped.end(), a.bytes.begin());
}

void unmap(Address& a) noexcept {
  std::array<std::uint8_t, 16> v4{};
  std::copy(a.bytes.begin() + 12, a.bytes.end(), v4.begin());
  a = {v4, false};
}

std::optional<Address> parse_address(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN + 1> buffer{};
  if (text.empty() || text.size() >= buffer.size()) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::memcpy(buffer.data(), text.data(), text.size());
  Address a;
  a.v6 = text.find(':') != std::string_view::npos;
  if (inet_pton(a.v6 ? AF_INET6 : AF_INET, buffer.data(), a.bytes.data()) != 1) return std::nullopt;
  return a;
}

void clear_past(std::array<std::uint8_t, 16>& bytes, unsigned prefix) noexcept {
  for (unsigned bit = prefix; bit < 128; ++bit) {
    const auto keep = static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] & keep);
  }
}

}  // namespace

bool Network::contains(std::string_view address_text) const noexcept {
  auto a = parse_address(address_text);
  if (!a) return false;
  if (is_mapped(*a)) unmap(*a);
  if (a->v6 != v6) return false;
  const std::size_t whole = prefix / 8U;
  if (std::memcmp(a->bytes.data(), address.data(), whole) != 0) return false;
  const unsigned rest = prefix % 8U;
  if (rest == 0) return true;
  const unsigned mask = 0xFFU & (0xFF00U >> rest);
  return (a->bytes[whole] & mask) == address[whole];
}

std::optional<Network> parse_network(std::string_view text, std::string& error) {
  const std::size_t slash = text.find('/');
  auto a = parse_address(text.substr(0, slash));
  if (!a) {
    error = "\"" + std::string(text) +
            "\" is no network; write one as \"10.0.0.0/8\" or \"2001:db8::/32\"";
    return std::nullopt;
  }
  unsigned bits = a->v6 ? 128 : 32;
  unsigned prefix = bits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (code != std::errc{} || end != digits.data() + digits.size() || prefix > bits) {
      error = "the prefix of \"" + std::string(text) + "\" is no number from 0 to " +
              std::to_string(bits);
      return std::nullopt;
    }
  }
  if (is_mapped(*a) && prefix >= 96) {
    unmap(*a);
    prefix -= 96;
  }
  Network network{a->bytes, static_cast<std::uint8_t>(prefix), a->v6};
  clear_past(network.address, prefix);
  return network;
}

std::string to_text(const Network& network) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  inet_ntop(network.v6 ? AF_INET6 : AF_INET, network.address.data(), buffer.data(),
            static_cast<socklen_t>(buffer.size()));
  return std::string(buffer.data()) + "/" + std::to_string(network.prefix);
}

}  // namespace weir::nfa
