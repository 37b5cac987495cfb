#include "logging.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace weir::cli {

void set_up_logging(int verbose, const Io& io) {
  const auto mode = io.err.color() ? spdlog::color_mode::always : spdlog::color_mode::never;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_st>(mode);
  auto logger = std::make_shared<spdlog::logger>("weir", std::move(sink));
  logger->set_pattern("%^%l%$: %v");
  logger->set_level(verbose == 0   ? spdlog::level::warn
                    : verbose == 1 ? spdlog::level::info
                                   : spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace weir::cli
