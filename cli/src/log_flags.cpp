// The flags that every command has which reads a log.
#include <fmt/core.h>

#include "command_line.hpp"
#include "weir/event/time.hpp"

namespace weir::cli {
namespace {

const char* const kReading = "Reading the log";
const char* const kTime = "Time";

CLI::Validator duration_check() {
  return CLI::Validator(
      [](std::string& text) {
        if (parse_duration(text)) return std::string();
        return fmt::format("\"{}\" is no duration; write one as 250ms, 10s, 5m, 2h, 1d or 1h30m",
                           text);
      },
      "", "duration");
}

CLI::Validator instant_check() {
  return CLI::Validator(
      [](std::string& text) {
        if (parse_iso8601(text)) return std::string();
        return fmt::format("\"{}\" is no time; write one as 2026-01-31 or 2026-01-31T08:00:00Z",
                           text);
      },
      "", "time");
}

}  // namespace

void add_log_options(CLI::App& command, LogOptions& o, bool positional) {
  if (positional) {
    command.add_option("log", o.logs, "the log: a file, plain, gzip or zstd; - for standard input")
        ->option_text("LOG...")
        ->required();
  } else {
    command.add_option("-l,--log", o.logs, "logs, plain, gzip or zstd; - for standard input")
        ->option_text("PATH...")
        ->required();
  }
  command
      .add_option("-f,--format", o.format,
                  "auto, ndjson, csv, syslog, access-log, regex (needs --pattern), text, or a "
                  "format of the rule files [auto]")
      ->option_text("NAME")
      ->group(kReading);
  command
      .add_option("--pattern", o.pattern,
                  "regular expression whose named groups, (?<user>\\S+), are the fields")
      ->option_text("REGEX")
      ->group(kReading);
  command.add_option("--type", o.type, "the type of every event")
      ->option_text("TYPE")
      ->group(kReading);
  command.add_option("--type-field", o.type_field, "the field that names an event's type [type]")
      ->option_text("FIELD")
      ->group(kReading);
  command
      .add_option("--time-field", o.time_field,
                  "the field that holds event time [ts, or the first there is of timestamp, time, "
                  "@timestamp, eventTime, event_time, datetime, date]")
      ->option_text("FIELD")
      ->group(kTime);
  command
      .add_option(
          "--time-format", o.time_format,
          "auto, iso8601, epoch_s, epoch_ms, epoch_us, epoch_ns or strptime:%d/%b/%Y [auto]")
      ->option_text("FORMAT")
      ->group(kTime);
  command.add_option("--zone", o.zone, "zone of local times, e.g. Europe/Berlin [UTC]")
      ->option_text("ZONE")
      ->group(kTime);
  command.add_option("--year", o.year, "year of times that name none (syslog) [1970]")
      ->option_text("YEAR")
      ->check(CLI::Range(1678, 2261))
      ->group(kTime);
  command
      .add_option("--out-of-order", o.out_of_order,
                  "how far events may come out of order; later ones are late [0s]")
      ->option_text("DURATION")
      ->check(duration_check())
      ->group(kTime);
  command.add_option("--since", o.since, "leave out events before this time")
      ->option_text("TIME")
      ->check(instant_check())
      ->group(kTime);
  command.add_option("--until", o.until, "leave out events from this time on")
      ->option_text("TIME")
      ->check(instant_check())
      ->group(kTime);
}

void add_reject_option(CLI::App& command, std::string& limit) {
  command
      .add_option("--max-rejected", limit,
                  "bad records to put up with, a number or a share of all [1% after 1,000 "
                  "records]; past it the exit code is 4")
      ->option_text("N|P%")
      ->group(kReading);
}

void add_schema_option(CLI::App& command, std::string& schema) {
  command
      .add_option("--schema", schema, "types of the events' fields, as `weir schema infer` prints")
      ->option_text("FILE");
}

}  // namespace weir::cli
