// The one file that includes spdlog, which costs seconds.
#include "logging.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace weir::cli {
namespace {

std::shared_ptr<spdlog::logger> logger;

}  // namespace

void set_up_logging(int verbose, const Io& io) {
  const auto mode = io.err.color() ? spdlog::color_mode::always : spdlog::color_mode::never;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_st>(mode);
  logger = std::make_shared<spdlog::logger>("weir", std::move(sink));
  logger->set_pattern("%^%l%$: %v");
  logger->set_level(verbose == 0   ? spdlog::level::warn
                    : verbose == 1 ? spdlog::level::info
                                   : spdlog::level::debug);
}

void log_choice(std::string_view text) {
  if (logger) logger->info(spdlog::string_view_t(text.data(), text.size()));
}

void log_detail(std::string_view text) {
  if (logger) logger->debug(spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace weir::cli
