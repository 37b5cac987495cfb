// The pieces of a rule file's text that the formatter writes anew, or must leave alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/source_reader.hpp"
#include "yaml/tree.hpp"

namespace weir::lang::yaml {

/// Columns that a line with a pattern in it may take before the pattern becomes a block.
inline constexpr std::size_t kFormatWidth = 100;

/// Clean bytes [begin, end) are to read `text`, and are no further looked at.
struct Piece {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string text;
};

/// The pieces of one document, in order, none overlapping.
std::vector<Piece> layout(std::string_view clean, const Tree& tree,
                          const std::vector<Embedded>& embedded);

}  // namespace weir::lang::yaml
