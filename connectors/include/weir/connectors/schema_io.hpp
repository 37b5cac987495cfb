// Schemas: found in logs, written and read as JSON.
//
//   {"types": {"auth": {"user": "string", "ip": "string?", "port": "int"}}}
//
// A field's type is bool, int, float, string, timestamp, duration, list or any (of several types,
// or never seen but as null); a question mark behind it says that some events of the type lack the
// field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/connectors/log_source.hpp"
#include "weir/event/schema.hpp"

namespace weir::connectors {

/// A file of a schema that is larger is refused.
inline constexpr std::size_t kMaxSchemaBytes = 16 * 1024 * 1024;
/// A log's records are looked at up to this many, unless asked otherwise.
inline constexpr std::uint64_t kInferRecords = 100'000;
/// Fields a type: those that come first; a log with keys as data has no end of them.
inline constexpr std::size_t kInferFields = 10'000;

/// Adds what a log's records hold to a schema. One object may look at several logs.
class SchemaInference {
 public:
  /// Looks at up to `max_records` of a log. False, with `error`, where it cannot be opened or
  /// breaks off (what came before counts).
  bool add(const std::string& path, const LogOptions& options, std::uint64_t max_records,
           std::string& error);
  bool add(LogSource& source, std::uint64_t max_records, std::string& error);
  /// Records seen, and of them refused.
  std::uint64_t records() const noexcept { return records_; }
  std::uint64_t rejected() const noexcept { return rejected_; }

  Schema schema() const;

 private:
  struct FieldSeen {
    std::uint64_t count = 0;
    ValueType type = ValueType::kNull;
    bool mixed = false;
  };
  struct TypeSeen {
    std::uint64_t count = 0;
    std::map<std::string, FieldSeen, std::less<>> fields;
  };
  void look_at(const Event& event);

  std::map<std::string, TypeSeen, std::less<>> types_;
  std::uint64_t records_ = 0;
  std::uint64_t rejected_ = 0;
};

/// Types and fields in order of name, a field a line.
std::string write_schema(const Schema& schema);

/// Nothing, with `error` a sentence, where `json` is no schema.
std::optional<Schema> read_schema(std::string_view json, std::string& error);
std::optional<Schema> load_schema(const std::string& path, std::string& error);

}  // namespace weir::connectors
