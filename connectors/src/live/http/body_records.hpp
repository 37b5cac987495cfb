// The body of a POST, cut into records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::connectors {

enum class SplitResult : std::uint8_t { kOk, kBadArray, kTooMany };

/// The body's lines; or, where its first character is a "[" and `arrays` are looked for, the text
/// of that array's elements as they stand there. Elements are not judged, but where the array
/// itself is broken, or something stands behind it, there are no records at all (kBadArray, with
/// `problem` a sentence). Empty lines are no records. Records point into `body`, whose capacity
/// may grow.
SplitResult split_body(std::string& body, bool arrays, std::size_t max_records,
                       std::vector<std::string_view>& records, std::string& problem);

}  // namespace weir::connectors
