// The keys of every mapping in rule files.
#pragma once

#include <span>

#include "weir/pattern-lang/mapping_spec.hpp"

namespace weir::lang::yaml {

using lang::KeySpec;
using lang::MappingSpec;

extern const MappingSpec kFileSpec;
extern const MappingSpec kEventClassSpec;
extern const MappingSpec kFormatSpec;
extern const MappingSpec kFormatLineSpec;
extern const MappingSpec kTableSpec;
extern const MappingSpec kDeriveSpec;
extern const MappingSpec kRuleSpec;
extern const MappingSpec kAlertSpec;
extern const MappingSpec kEvidenceSpec;
extern const MappingSpec kTestSpec;
extern const MappingSpec kExpectationSpec;

/// All of the above.
std::span<const MappingSpec* const> all_specs() noexcept;

}  // namespace weir::lang::yaml
