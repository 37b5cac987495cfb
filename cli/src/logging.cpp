// The one file that includes spdlog, which costs seconds.
#include "logging.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "weir/event/value.hpp"

namespace weir::cli {
namespace {

std::shared_ptr<spdlog::logger> logger;
LogForm form_of_lines = LogForm::kText;
bool of_a_run = false;

spdlog::level::level_enum least_level(int verbose, bool run) {
  // A run says what it does; the other commands only what is wrong.
  const int told = verbose + (run ? 1 : 0);
  return told == 0 ? spdlog::level::warn : told == 1 ? spdlog::level::info : spdlog::level::debug;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

void write(spdlog::level::level_enum level, std::string_view reason, std::string_view text) {
  if (!logger || !logger->should_log(level)) return;
  if (!of_a_run) return logger->log(level, spdlog::string_view_t(text.data(), text.size()));
  std::string line;
  if (form_of_lines == LogForm::kJson) {
    line += "\"reason\":";
    append_json_string(line, reason);
    line += ",\"message\":";
    append_json_string(line, text);
    line += '}';
  } else {
    line = printable(text);
  }
  logger->log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void set_up_logging(int verbose, const Io& io) {
  const auto mode = io.err.color() ? spdlog::color_mode::always : spdlog::color_mode::never;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_st>(mode);
  logger = std::make_shared<spdlog::logger>("weir", std::move(sink));
  logger->set_pattern("%^%l%$: %v");
  logger->set_level(least_level(verbose, false));
}

void set_up_run_logging(int verbose, LogForm form, const Io& io) {
  const bool color = form == LogForm::kText && io.err.color();
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
      color ? spdlog::color_mode::always : spdlog::color_mode::never);
  logger = std::make_shared<spdlog::logger>("weir", std::move(sink));
  // The pattern writes the beginning of the object, write() the rest.
  logger->set_pattern(form == LogForm::kJson ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)"
                                             : "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v",
                      spdlog::pattern_time_type::utc);
  logger->set_level(least_level(verbose, true));
  logger->flush_on(spdlog::level::debug);
  form_of_lines = form;
  of_a_run = true;
}

void log_choice(std::string_view text) {
  write(spdlog::level::info, "choice", text);
}

void log_detail(std::string_view text) {
  write(spdlog::level::debug, "detail", text);
}

void log_line(LogLevel level, std::string_view reason, std::string_view text) {
  write(level_of(level), reason, text);
}

}  // namespace weir::cli
