#include "test_events.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "formats.hpp"
#include "log_input.hpp"
#include "weir/connectors/event_line.hpp"

namespace weir::cli {
namespace {

using lang::Code;

/// Calls `each(line, offset)` for every line of a test's `events`, also empty ones.
template <typename F>
void for_lines(const std::string& text, F each) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line(text.data() + begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    each(line, begin);
    begin = end + 1;
  }
}

lang::Place place_of(const lang::Text& text, std::size_t begin, std::size_t end) {
  return {text.place.snippet,
          {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(std::max(begin, end))}};
}

}  // namespace

bool TestEvents::load(const lang::TestDef& test, const RuleSet& rules, const FieldPlan& plan,
                      lang::Diagnostics& diagnostics) {
  connectors::LogOptions options;
  // Lines stand in any order, so that none says that a year has passed.
  options.codec.year_rollover = false;
  if (test.year) options.codec.year = *test.year;
  options.codec.time.default_year = options.codec.year;
  if (!test.format.empty()) {
    std::string error;
    if (!choose_own_format(test.format, rules, options.codec, error)) {
      diagnostics.report(Code::E0605, test.format.place, error);
      return false;
    }
  }
  // A test of neither lines nor a log has been reported by the reader.
  if (!test.has_events && test.log.empty()) return false;
  bool ok = true;
  if (!test.has_events) {
    ok = load_log(test, rules, plan, options, diagnostics);
  } else if (test.format.empty()) {
    ok = load_lines(test, plan, diagnostics);
  } else {
    ok = load_format_lines(test, plan, options.codec, diagnostics);
  }
  // A watermark speaks of the events of its instant, too, so that it comes after them.
  std::stable_sort(inputs_.begin(), inputs_.end(), [](const TestInput& a, const TestInput& b) {
    return a.ts != b.ts ? a.ts < b.ts : !a.watermark && b.watermark;
  });
  return ok;
}

bool TestEvents::load_lines(const lang::TestDef& test, const FieldPlan& plan,
                            lang::Diagnostics& diagnostics) {
  bool ok = true;
  Timestamp previous;
  for_lines(test.events.value, [&](std::string_view line, std::size_t offset) {
    connectors::EventLineError error;
    const connectors::EventLine parsed = connectors::parse_event_line(line, error);
    if (error) {
      const std::size_t at = error.column == 0 ? 0 : error.column - 1;
      // A word; of a string that has no end, what there is of it.
      const bool text = at < line.size() && line[at] == '"';
      const std::size_t end = text ? line.size() : std::min(line.find(' ', at), line.size());
      diagnostics.report(Code::E0602, place_of(test.events, offset + at, offset + end),
                         error.message);
      ok = false;
      return;
    }
    if (parsed.kind == connectors::EventLine::Kind::kBlank) return;
    TestInput input;
    input.ts = previous = parsed.time.resolve(previous);
    input.watermark = parsed.kind == connectors::EventLine::Kind::kWatermark;
    if (!input.watermark) {
      input.event = connectors::make_event(parsed, input.ts, plan, arena_);
      input.event.position = {0, 0, offset};
    }
    inputs_.push_back(input);
  });
  return ok;
}

bool TestEvents::load_format_lines(const lang::TestDef& test, const FieldPlan& plan,
                                   const connectors::CodecOptions& options,
                                   lang::Diagnostics& diagnostics) {
  std::string error;
  const auto codec = connectors::make_codec(options, plan, error);
  if (codec == nullptr) {
    diagnostics.report(Code::E0605, test.format.place, error);
    return false;
  }
  bool ok = true;
  bool header = codec->has_header();
  Timestamp previous;
  for_lines(test.events.value, [&](std::string_view line, std::size_t offset) {
    if (!ok && header) return;
    if (line.find_first_not_of(" \t") == std::string_view::npos) return;
    const lang::Place place = place_of(test.events, offset, offset + line.size());
    if (header) {
      header = false;
      ok = codec->begin(line, error);
      if (!ok) diagnostics.report(Code::E0602, place, error);
      return;
    }
    TestInput input;
    const auto time = connectors::take_time_spec(line);
    if (time) input.ts = time->resolve(previous);
    input.watermark = time.has_value() ? false : line.starts_with("watermark ");
    if (input.watermark) {
      const auto at = connectors::parse_time_spec(line.substr(10));
      if (!at) {
        diagnostics.report(Code::E0602, place, "this watermark has no time");
        ok = false;
        return;
      }
      input.ts = at->resolve(previous);
    } else {
      char* record =
          static_cast<char*>(arena_.allocate(line.size() + connectors::kRecordPadding, 8));
      std::memcpy(record, line.data(), line.size());
      std::memset(record + line.size(), 0, connectors::kRecordPadding);
      std::string detail;
      const auto fault = codec->decode({record, line.size()}, time ? &input.ts : nullptr, arena_,
                                       input.event, detail);
      if (fault != connectors::RejectReason::kNone) {
        diagnostics.report(Code::E0602, place,
                           fmt::format("this is no line of format `{}`: {}{}{}", test.format.value,
                                       to_string(fault), detail.empty() ? "" : ", ", detail));
        ok = false;
        return;
      }
      input.ts = input.event.ts;
      input.event.position = {0, 0, offset};
    }
    previous = input.ts;
    inputs_.push_back(input);
  });
  format_ = codec->format();
  return ok;
}

bool TestEvents::load_log(const lang::TestDef& test, const RuleSet& rules, const FieldPlan& plan,
                          connectors::LogOptions options, lang::Diagnostics& diagnostics) {
  std::string error;
  auto log = open_log(test.full_log_path, 0, std::move(options), rules, plan, error);
  if (log == nullptr) {
    diagnostics.report(Code::E0604, test.log.place, error);
    return false;
  }
  bool ok = true;
  for (bool more = true; more && ok;) {
    batches_.emplace_back();
    more = log->next(batches_.back());
    for (const Event& event : batches_.back().events) {
      inputs_.push_back({event.ts, false, event});
    }
    for (const connectors::Rejection& rejection : batches_.back().rejections) {
      diagnostics.report(Code::E0604, test.log.place,
                         fmt::format("the record at byte {} cannot be read: {}{}{}",
                                     rejection.position.offset, to_string(rejection.reason),
                                     rejection.detail.empty() ? "" : ", ", rejection.detail));
      ok = false;
      break;
    }
  }
  if (ok && log->error()) {
    diagnostics.report(Code::E0604, test.log.place, log->error().message);
    ok = false;
  }
  format_ = log->format();
  return ok;
}

}  // namespace weir::cli
