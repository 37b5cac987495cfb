// What a config says to the live engine, and to whoever decodes for it.
#pragma once

#include "config/config.hpp"
#include "rules.hpp"
#include "weir/connectors/live/partition_decoder.hpp"
#include "weir/runtime/live_engine.hpp"

namespace weir::cli {

runtime::LiveOptions live_options(const RunConfig& config, std::size_t workers);

/// `rules` outlives what is returned.
connectors::DecodeOptions decode_options(const SourceConfig& config, const RuleSet& rules);

}  // namespace weir::cli
