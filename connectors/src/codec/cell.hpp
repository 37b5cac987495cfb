// Text into typed values: cells of CSV, groups of expressions.
#pragma once

#include <optional>
#include <string_view>

#include "weir/event/value.hpp"

#include "weir/connectors/time_reader.hpp"

namespace weir::connectors {

/// More digits than these are a number by accident: an identifier, a card's number.
inline constexpr std::size_t kMaxCellDigits = 15;

/// A number where `text` is a JSON number of at most kMaxCellDigits digits (that binary64 can
/// hold), null where it is empty, else the string itself, which the caller keeps.
Value read_cell(std::string_view text) noexcept;

/// `text` as a value of `type`; nothing where it is none. Strings are the text itself.
/// bool: "true" and "false". float: a JSON number; int: a whole one of 64 bits.
std::optional<Value> read_typed(std::string_view text, ValueType type, const TimeReader& time);

}  // namespace weir::connectors
