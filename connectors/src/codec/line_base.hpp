// What every line of one kind has by itself: its fields and its time, before any expression of a
// format.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/codec.hpp"

namespace weir::connectors {

/// Where a line's time stands and how it is written.
struct LineTime {
  enum class Kind : std::uint8_t {
    kNone,
    kIso8601,
    kAccessLog,  // 17/May/2015:10:05:03 +0000
    kYearless,   // `civil` without its year, local
    kUser,       // as TimeOptions say
  } kind = Kind::kNone;
  std::string_view text;
  CivilTime civil;
};

/// Reads lines of one kind. Immutable; any number of threads may read at once.
class LineBase {
 public:
  virtual ~LineBase() = default;
  virtual const std::vector<std::string>& names() const noexcept = 0;
  /// So many of the names, from the first on, are shown in evidence; the rest repeats them.
  virtual std::size_t shown() const noexcept { return names().size(); }
  virtual std::string_view default_type() const noexcept = 0;
  /// The field that a format's expressions read where it does not say.
  virtual std::string_view default_on() const noexcept = 0;
  /// Fills `values` (null on the way in, one a name). Strings are views of the line or made in
  /// `arena`.
  virtual RejectReason read(std::string_view line, std::span<Value> values, LineTime& time,
                            ValueArena& arena) const = 0;
};

std::unique_ptr<LineBase> syslog_base();
std::unique_ptr<LineBase> access_log_base();
std::unique_ptr<LineBase> text_base();
/// --pattern: named groups are the fields, their numbers as in CSV. `time_field` names the group
/// with the time; empty: the first of the usual names. Null, with `error`, where the expression is
/// none.
std::unique_ptr<LineBase> regex_base(std::string_view pattern, std::string_view time_field,
                                     std::string& error);

/// Names under which logs have their time, the likeliest first.
std::span<const std::string_view> usual_time_fields() noexcept;

}  // namespace weir::connectors
