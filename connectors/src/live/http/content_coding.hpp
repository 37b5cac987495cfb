// Bodies that were compressed for the way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "live/http/request_reader.hpp"

namespace weir::connectors {

enum class Unwrapped : std::uint8_t { kOk, kUnknownCoding, kCorrupt, kTooLarge, kNoRoom };

/// Whether a Content-Encoding is one that unwrap() knows: none, identity, gzip (x-gzip), zstd.
bool knows_coding(std::string_view coding) noexcept;

/// `body` as it was before `coding`. It stops at `max_bytes`, however much more there would be, and
/// where `share` has no more.
Unwrapped unwrap(std::string_view coding, std::string& body, std::size_t max_bytes,
                 BodyShare& share);

}  // namespace weir::connectors
