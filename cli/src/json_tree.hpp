// Values of alerts as trees, to be compared with what a test expects and shown to people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/event/value.hpp"

namespace weir::cli {

struct TreeEntry;

struct Tree {
  enum class Kind : std::uint8_t { kNull, kBool, kInt, kFloat, kString, kList, kMap };
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;  // kString
  /// A timestamp or a duration; `text` is its JSON form.
  std::optional<Timestamp> time;
  std::optional<Duration> span;
  std::vector<Tree> items;
  std::vector<TreeEntry> entries;  // in the order of the record

  static Tree of(const Value& value);
  static Tree string(std::string_view s);
};

struct TreeEntry {
  std::string name;
  Tree value;
};

/// Nothing where `json` is none.
std::optional<Tree> parse_json(std::string_view json);

/// Version and implementation of the JSON parser.
std::string json_library();

/// The member at a dotted path: of nested maps, or of a name that has the dot in it. Null where
/// there is none.
const Tree* find_path(const Tree& tree, std::string_view dotted);

/// One line as people write it: {user: bob, n: 3}, [a, b], "two words", 1.5, null.
std::string show(const Tree& tree);

/// `text` bare where a rule test reads it back as this string, quoted elsewhere.
std::string show_string(std::string_view text);

/// "user=bob amount=5000 account.owner=ann": the members of a record but `type` and `ts`.
std::string show_fields(const Tree& record);

}  // namespace weir::cli
