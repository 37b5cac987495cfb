// The reference loop of replay-fraud: simdjson reads the fields of a file of payments and does
// nothing else. Compiled for the machine that it is built on (-march=native), alone in its file.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::bench {

struct JsonRead {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // of strings read
  double amounts = 0;       // the sum
  bool fault = true;        // the file could not be read, or a record not
};

/// Records of 7 fields, asked for in the order in which they stand.
JsonRead read_payments(const char* path) noexcept;

}  // namespace weir::bench
