// Records into events: one codec a format.
//
// A record is judged by its structure, all of it, and by the fields that rules read (the
// FieldPlan's); what is wrong with other fields does no harm. Formats, their types and fields:
//
//   ndjson      type from a field ("type") or Options::type; fields by dotted path: the nested one,
//   else
//               a member of the top level whose key is the whole dotted name. An object where a
//               scalar is read is null, an array is a list of its scalars. A key that occurs twice
//               is an error where a rule reads it.
//   csv         a header names the columns (dotted names are welcome); a cell is a number where it
//   is a
//               JSON number of at most 15 digits, else a string; empty is null. A schema says
//               otherwise.
//   syslog      RFC 3164 and RFC 5424, type `syslog`: host, program, pid (integer), message; msgid
//   and
//               data (structured data) of RFC 5424; facility and severity where <PRI> stands.
//   access-log  common and combined, type `access`: ip, ident, user, request, method, path,
//   protocol,
//               status, bytes, referrer, user_agent; "-" is null. (message is the whole line;
//               evidence leaves it out.)
//   text        type `text`: line; the time is a leading ISO 8601 timestamp (which stays part of
//   it). regex       type `text`: the named groups of Options::pattern, numbers told as in CSV.
//   formats     a FormatSpec: a base's fields, and those of the first expression that matches.
//
// Text formats put U+FFFD in the place of every byte that is no UTF-8, and count it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/connectors/record_reader.hpp"
#include "weir/connectors/reject.hpp"
#include "weir/connectors/time_reader.hpp"
#include "weir/event/event.hpp"
#include "weir/event/schema.hpp"

namespace weir::connectors {

/// Objects and arrays inside one another in a JSON record.
inline constexpr std::size_t kMaxJsonDepth = 512;

enum class LogFormat : std::uint8_t { kAuto, kNdjson, kCsv, kSyslog, kAccessLog, kText, kRegex };
/// "auto", "ndjson" (also "json", "jsonl"), "csv", "syslog", "access-log", "text", "regex".
std::optional<LogFormat> parse_log_format(std::string_view name) noexcept;
std::string_view to_string(LogFormat format) noexcept;

/// The format of a log by its first bytes; its path's suffix (".csv", ".ndjson", ".jsonl", ".json",
/// a
/// ".gz" or ".zst" behind it left out) decides where the bytes allow it. Text where nothing else
/// fits.
LogFormat detect_format(std::string_view first_bytes, std::string_view path);

/// One expression of a format (language contract, section 2).
struct FormatLine {
  std::string type;                                      // of the events whose text it matches
  std::string match;                                     // RE2, also with (?<name>...)
  std::vector<std::pair<std::string, ValueType>> types;  // of groups that are no strings
};

/// `formats:` of a rule file, resolved.
struct FormatSpec {
  std::string name;
  LogFormat base = LogFormat::kText;  // kSyslog, kAccessLog, kText or kNdjson
  std::string on;                     // dotted; empty: `message`, for kText `line`
  std::vector<FormatLine> lines;      // none: the base's own type
};

/// The type of lines that no expression of a format matches.
inline constexpr std::string_view kUnparsedType = "unparsed";

/// What an expression offers, or why it is none.
struct ExpressionInfo {
  std::vector<std::string> groups;  // named ones, in order
  std::string error;                // empty: it is fine
};
/// Compiles an expression as the codecs do. For `weir check`.
ExpressionInfo inspect_expression(std::string_view expression);

/// "int", "float", "bool", "string", "timestamp".
std::optional<ValueType> parse_group_type(std::string_view name) noexcept;

struct CodecOptions {
  LogFormat format = LogFormat::kAuto;
  std::shared_ptr<const FormatSpec> spec;  // where set, it is the format
  std::string pattern;                     // of kRegex
  std::string type;                        // every event's type; empty: see type_field
  /// Field that holds the type. Empty: `type` for ndjson and csv; the others have a type of their
  /// own.
  std::string type_field;
  /// Field that holds the time. Empty: the first that a record (a CSV header) has of ts, timestamp,
  /// time, @timestamp, eventTime, event_time, datetime, date. Of no meaning where the format says
  /// where the time stands (syslog, access-log, text).
  std::string time_field;
  TimeOptions time;
  /// Of syslog lines without one; the log's first line is in it. A line that lies half a year and
  /// more before the one before it is in the next year, unless `year_rollover` is off.
  std::int64_t year = 1970;
  bool year_rollover = true;
  char csv_delimiter = ',';
  std::shared_ptr<const Schema> schema;  // types of CSV columns; may be null
  /// JSON records are read over an index of many of them. Off: each by the slow reader that else
  /// says what is wrong with those that the fast one refuses; the events are the same.
  bool json_index = true;
};

/// Decodes the records of one source, in order. Used by one thread at a time.
class Codec {
 public:
  virtual ~Codec() = default;

  virtual RecordFraming framing() const noexcept { return RecordFraming::kLines; }
  /// What a record is depends on those before it, so that all of a log go through one codec in
  /// their order. False: blocks of a log may go to several codecs.
  virtual bool in_order() const noexcept { return false; }
  /// The first record is a header, to be given to begin().
  virtual bool has_header() const noexcept { return false; }
  /// False, with `error` a sentence, where the whole input cannot be read by this header.
  virtual bool begin(std::string_view header, std::string& error);

  /// A hint: the records that lie in `bytes`, one a line, will be given to decode() next, front to
  /// back (some may be left out). Until then, or until the next hint, `bytes` and kRecordPadding
  /// behind them stay as they are. What decode() says of a record does not depend on hints.
  virtual void look_ahead(std::string_view bytes);

  /// Decodes one record into `event` (type, type_name, ts, plan, slots, raw, format). What the
  /// event points to lives in `arena`, in the record's bytes (which must have kRecordPadding
  /// readable bytes behind them) and in the plan. On a fault the event is void and `detail` may say
  /// more. `known`: the event's time, where the caller has it; the record's own is then not read.
  virtual RejectReason decode(std::string_view record, const Timestamp* known, ValueArena& arena,
                              Event& event, std::string& detail) = 0;

  /// How this codec's events are shown. It is on its own: events may outlive the codec, not this.
  /// After begin(), where there is a header.
  virtual std::shared_ptr<const RecordFormat> format() const = 0;

  /// Bytes that were no UTF-8 and are now U+FFFD.
  std::uint64_t replaced_utf8() const noexcept { return replaced_utf8_; }

 protected:
  std::uint64_t replaced_utf8_ = 0;
};

/// Null, with `error` a sentence, where the options make no codec (a bad expression, an unknown
/// time field of a format). Options::format must not be kAuto without a spec. `plan` outlives the
/// codec and its events.
std::unique_ptr<Codec> make_codec(const CodecOptions& options, const FieldPlan& plan,
                                  std::string& error);

/// A copy of a record in `arena` with kRecordPadding readable bytes behind it, for Codec::decode
/// where records come from elsewhere than a RecordReader.
std::string_view pad_record(std::string_view record, ValueArena& arena);

/// How JSON records are shown: "type", "ts", then the record's members as they are, less its own of
/// these two names. For events that are made of JSON by hand.
std::shared_ptr<const RecordFormat> json_record_format();

}  // namespace weir::connectors
