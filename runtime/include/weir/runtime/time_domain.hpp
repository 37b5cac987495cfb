// Which rules share event time: those that are fed by the same sources.
//
// A rule's watermark is the least of the source partitions that feed it (docs/language.md, section
// 5). Rules that the same sources feed have one watermark and one order of events and alerts; rules
// that a source does not feed do not wait for it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weir/nfa/program.hpp"
#include "weir/runtime/engine_part.hpp"

namespace weir::runtime {

/// Names of the event types that a source can give; none: any.
using SourceTypes = std::optional<std::vector<std::string>>;

struct TimeDomain {
  std::vector<std::uint32_t> sources;  // that feed it, ascending
  Members members;                     // its rules and windows: whole components
};

/// Every rule is in one domain, in the order of their first rules; what no source feeds is in the
/// last one, which then has no sources. A chain, or a window and what reads it, is fed by all that
/// feeds any part of it. O(rules * sources).
std::vector<TimeDomain> time_domains(const nfa::Program& program,
                                     std::span<const SourceTypes> sources);

}  // namespace weir::runtime
