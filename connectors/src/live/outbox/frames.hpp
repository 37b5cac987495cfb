// Records in a file, each with a checksum.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "live/outbox/record_pack.hpp"

namespace weir::connectors {

/// Larger ones are taken for damage.
inline constexpr std::size_t kMaxFrameBytes = std::size_t{256} << 20;

void append_frame(std::string& out, std::string_view packed);

/// Reads whole frames from `offset` on, about `bytes` of them and one at least, adds their records
/// to `pack` and where each ends to `ends`. False where there is no whole and sound frame (any
/// more): at the end, or before what is torn or damaged.
bool read_frames(int fd, std::uint64_t offset, std::size_t bytes, RecordPack& pack,
                 std::vector<std::uint64_t>& ends);

}  // namespace weir::connectors
