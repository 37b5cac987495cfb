// Mappings with their traps: unknown keys, keys that stand twice, missing ones, values cut at a
// comma.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "yaml/keys.hpp"
#include "yaml/source_reader.hpp"

namespace weir::lang::yaml {

/// An entry whose key is text and stands there for the first time.
struct TextEntry {
  const Node* key = nullptr;
  const Node* value = nullptr;
  /// YAML ended the value at a comma; a diagnostic says so, and the value is not to be read.
  bool cut = false;
};

/// `node` as open mapping of names. `what` names it: "`fields`". Empty where it is none (a
/// diagnostic says so); `null_is_error` false lets `key:` with nothing after it pass as empty.
std::vector<TextEntry> read_entries(SourceReader& source, const Node& node, std::string_view what);

/// `node` as mapping with the keys of `spec`.
class MapReader {
 public:
  /// `what` names it for people: "rule `x`". Reports what is unknown or missing.
  MapReader(SourceReader& source, const Node& node, const MappingSpec& spec, std::string what);

  /// It is a mapping.
  bool ok() const noexcept { return ok_; }
  /// The value, or null where the key is missing or its value was cut.
  const Node* find(std::string_view key) const noexcept;
  bool has(std::string_view key) const noexcept;
  /// The key stands there, or one that is likely to mean it: no need to say that it is missing.
  bool meant(std::string_view key) const;

 private:
  void report_unknown(const TextEntry& entry);
  void report_missing(const Node& node);

  SourceReader& source_;
  const MappingSpec& spec_;
  std::string what_;
  std::vector<TextEntry> entries_;
  bool ok_ = false;
  bool merged_ = false;  // it has a merge key, which is refused, and may bring what is missing
};

/// "a list", "a mapping", "text", "nothing": what a node is, for messages.
std::string_view kind_name(const Node& node) noexcept;

}  // namespace weir::lang::yaml
