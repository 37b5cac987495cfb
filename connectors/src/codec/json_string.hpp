// Escapes in the text of JSON strings (RFC 8259, section 7).
#pragma once

#include <cstddef>
#include <string_view>

#include "weir/event/value.hpp"

namespace weir::connectors {

/// How long the escape is that begins with the backslash at `at`; 0 where it is none.
std::size_t json_escape_length(std::string_view text, std::size_t at) noexcept;

/// Every backslash of a string's text begins an escape.
bool json_escapes_valid(std::string_view text) noexcept;

/// Resolves the escapes of a string's text, which must be well-formed; a view of the text where
/// there are none. A lone surrogate (which UTF-8 cannot hold) becomes U+FFFD.
std::string_view unescape_json(std::string_view text, ValueArena& arena);

/// The same into `out`, which has room for text.size() bytes; how many there are.
std::size_t unescape_json(std::string_view text, char* out) noexcept;

}  // namespace weir::connectors
