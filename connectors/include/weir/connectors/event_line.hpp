// The event lines of rule tests (language contract, section 6):
//   time type field=value ...      0s login user=bob ip=10.0.0.1 ok=true note="two words"
//   watermark time
// A time is absolute (0s, 1m30s from the test's start; ISO 8601) or relative to the line before
// (+5s).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/event/time.hpp"
#include "weir/event/value.hpp"

namespace weir::connectors {

/// A time as tests write it.
struct TimeSpec {
  enum class Kind : std::uint8_t {
    kFromStart,     // offset, from the test's start, which is the epoch
    kFromPrevious,  // offset, from the line before
    kInstant,
  } kind = Kind::kFromStart;
  Duration offset;
  Timestamp instant;

  /// The instant, given that of the line before. Saturates.
  Timestamp resolve(Timestamp previous) const noexcept;
};

/// The whole of `text`: "90500ms", "+5s", "2026-01-01T00:00:05Z".
std::optional<TimeSpec> parse_time_spec(std::string_view text) noexcept;

/// Takes a time off the start of a line, and the blanks behind it: for lines of a text format that
/// begin with one. An ISO 8601 timestamp is not taken (it is part of such a line). Nothing where
/// there is none.
std::optional<TimeSpec> take_time_spec(std::string_view& line) noexcept;

struct EventLine {
  enum class Kind : std::uint8_t { kBlank, kEvent, kWatermark } kind = Kind::kBlank;
  TimeSpec time;
  std::string type;
  std::vector<std::pair<std::string, OwnedValue>> fields;  // by dotted name, in written order
};

struct EventLineError {
  std::string message;     // empty: none
  std::size_t column = 0;  // from 1, in bytes
  explicit operator bool() const noexcept { return !message.empty(); }
};

/// One line without its line end; "#" before anything else begins a comment. Values are JSON
/// scalars (numbers, true, false, null); other bare words are strings; "quoted strings" have JSON's
/// escapes. A field that is written twice is an error, and so is a name of kMaxJsonDepth parts.
EventLine parse_event_line(std::string_view line, EventLineError& error);

/// The event of a line. Everything it points to is copied to `arena`; its raw record is JSON, with
/// an object for each head of a dotted name, shown by json_record_format(). Position, seq: the
/// caller's.
Event make_event(const EventLine& line, Timestamp ts, const FieldPlan& plan, ValueArena& arena);

}  // namespace weir::connectors
