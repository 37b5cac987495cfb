// Sources and sinks, as the config describes them.
#pragma once

#include <memory>
#include <string>

#include "config/config.hpp"
#include "weir/connectors/live/sink.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::cli {

/// Null, with `error` a sentence, where it cannot be made here. `notices` outlives it.
std::unique_ptr<connectors::Source> make_source(const SourceConfig& config,
                                                connectors::Notices& notices, std::string& error);
std::unique_ptr<connectors::Sink> make_sink(const SinkConfig& config, connectors::Notices& notices,
                                            std::string& error);

}  // namespace weir::cli
