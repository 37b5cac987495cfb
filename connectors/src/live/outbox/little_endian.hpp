// Numbers in files, the same on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::connectors {

template <typename Number>
void append_little_endian(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i)
    out += static_cast<char>(number >> (8 * i) & 0xFF);
}

/// REQUIRES: `bytes` has so many.
template <typename Number>
Number read_little_endian(std::string_view bytes) noexcept {
  Number number = 0;
  for (std::size_t i = sizeof number; i > 0; --i) {
    number = static_cast<Number>(number << 8 | static_cast<unsigned char>(bytes[i - 1]));
  }
  return number;
}

}  // namespace weir::connectors
