#include "run/live_options.hpp"

#include <limits>

#include "formats.hpp"

namespace weir::cli {

runtime::LiveOptions live_options(const RunConfig& config, std::size_t workers) {
  runtime::LiveOptions options;
  for (const SourceConfig& source : config.sources) {
    runtime::LiveSource& live = options.sources.emplace_back();
    live.name = source.name;
    live.out_of_order = source.out_of_order;
    if (!source.types.empty()) live.types = source.types;
  }
  options.workers = workers;
  options.max_ahead = config.max_ahead.value_or(Duration{std::numeric_limits<std::int64_t>::max()});
  // The other three quarters are the engine's and the queues'.
  options.max_waiting_bytes = config.limits.memory / 4;
  return options;
}

connectors::DecodeOptions decode_options(const SourceConfig& config, const RuleSet& rules) {
  connectors::DecodeOptions options;
  options.log.codec = config.codec;
  options.choose_format = [&rules, name = config.name](std::string_view first_bytes,
                                                       connectors::CodecOptions& codec) {
    detect_format(first_bytes, name, rules, codec);
  };
  if (!config.types.empty()) options.types = config.types;
  return options;
}

}  // namespace weir::cli
