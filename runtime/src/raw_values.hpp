// Values written down as bytes that may be copied and moved: raw records of events that no source
// holds. In memory only; the form may change.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "weir/event/value.hpp"

namespace weir::runtime {

/// The values of all lists, one after the other.
std::string_view write_raw(std::initializer_list<std::span<const Value>> lists, ValueArena& arena);

/// All that was written. Strings are views into `raw`, lists live in `arena`.
/// REQUIRES: `raw` is what write_raw() made, or a copy of it.
std::span<const Value> read_raw(std::string_view raw, ValueArena& arena);

}  // namespace weir::runtime
