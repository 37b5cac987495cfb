// A config as people write it: YAML mappings read key by key, with the diagnostics that rule files
// have. Which keys there are, and what they mean, is the business of whoever reads.
//
// Secrets: what is written after `password`, `token` and the like is never shown. Diagnostics that
// show its line have stars in its place.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/event/time.hpp"
#include "weir/pattern-lang/diagnostic.hpp"
#include "weir/pattern-lang/mapping_spec.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::lang {

namespace yaml {
class MapReader;
class SourceReader;
struct Node;
}  // namespace yaml

class ConfigValue;

/// A mapping. What is unknown, missing or doubled in it has been reported by the time it is there.
/// A read says whether it has set `out`; where the key is missing, or its value no good (reported),
/// `out` stays as it is: defaults stand there beforehand.
class ConfigMap {
 public:
  ConfigMap(ConfigMap&&) noexcept;
  ~ConfigMap();

  /// It is a mapping.
  bool ok() const noexcept;
  bool has(std::string_view key) const noexcept;
  /// For messages: "source `payments`".
  const std::string& what() const noexcept { return what_; }
  void rename(std::string what) { what_ = std::move(what); }
  Place place() const;
  /// Of the key's value, or the mapping's where there is none.
  Place place(std::string_view key) const;
  Diagnostic& report(Code code, std::string_view key, std::string message);

  /// Text without `${...}`, which is refused: configs expand no variables.
  bool text(std::string_view key, std::string& out);
  std::optional<Text> text(std::string_view key);
  /// Any text: a regular expression may hold `${`.
  bool raw_text(std::string_view key, std::string& out);
  /// Any text, which no diagnostic shows.
  bool secret(std::string_view key, std::string& out);
  /// Text that says where a file is, seen from the config's folder.
  bool path(std::string_view key, std::string& out);
  bool flag(std::string_view key, bool& out);
  bool number(std::string_view key, std::uint64_t& out, std::uint64_t min, std::uint64_t max);
  template <class T>
  bool number(std::string_view key, T& out, std::uint64_t min, std::uint64_t max) {
    std::uint64_t wide = 0;
    if (!number(key, wide, min, max)) return false;
    out = static_cast<T>(wide);
    return true;
  }
  /// "30s". `min`: less is refused.
  bool duration(std::string_view key, Duration& out, Duration min = {});
  /// The same, or `never`: nothing.
  bool duration_or_never(std::string_view key, std::optional<Duration>& out);
  /// Whole units of a clock: what has a fraction of one is refused.
  template <class Period>
  bool duration(std::string_view key, std::chrono::duration<std::int64_t, Period>& out,
                Duration min = {}) {
    using Unit = std::chrono::duration<std::int64_t, Period>;
    Duration read;
    if (!whole_duration(key, read, min, std::chrono::nanoseconds(Unit(1)).count())) return false;
    out = std::chrono::duration_cast<Unit>(std::chrono::nanoseconds(read.ns));
    return true;
  }
  /// Bytes: "64KiB", "2GiB", "1MB".
  bool size(std::string_view key, std::uint64_t& out, std::uint64_t min = 0);
  /// The place of the word among `words`.
  std::optional<std::size_t> word(std::string_view key, std::span<const std::string_view> words);
  /// One text or a list of them.
  std::vector<Text> texts(std::string_view key);
  std::vector<Text> paths(std::string_view key);  // as path()
  /// The value has keys of its own, or is nothing where nothing is needed.
  bool is_mapping(std::string_view key) const noexcept;
  /// Nothing where the key is missing or holds no mapping.
  std::optional<ConfigMap> map(std::string_view key, const MappingSpec& spec);
  /// A list of mappings.
  std::vector<ConfigMap> maps(std::string_view key, const MappingSpec& spec, std::string_view item);
  /// A mapping whose keys are names, in written order.
  std::vector<std::pair<Text, ConfigValue>> entries(std::string_view key);

 private:
  friend class ConfigValue;
  friend void read_config_file(const SourceFile& file, const MappingSpec& top,
                               std::span<const MappingSpec* const> specs, Diagnostics& diagnostics,
                               const std::function<void(ConfigMap&)>& read);
  ConfigMap(yaml::SourceReader& source, const yaml::Node& node, const MappingSpec& spec,
            std::string what);
  const yaml::Node* find(std::string_view key) const noexcept;
  std::string name_of(std::string_view key) const;
  bool whole_duration(std::string_view key, Duration& out, Duration min, std::int64_t unit);

  yaml::SourceReader* source_;
  const yaml::Node* node_;
  std::unique_ptr<yaml::MapReader> reader_;  // null for an empty mapping
  std::string what_;
};

/// The value under a name that is no key of ours.
class ConfigValue {
 public:
  Place place() const;
  std::optional<Text> text() const;
  bool is_mapping() const noexcept;
  ConfigMap map(const MappingSpec& spec, std::string what) const;
  /// A mapping, or a list of them.
  std::vector<ConfigMap> maps(const MappingSpec& spec, std::string_view what) const;
  Diagnostic& report(Code code, std::string message) const;

 private:
  friend class ConfigMap;
  ConfigValue(yaml::SourceReader& source, const yaml::Node& node, std::string what)
      : source_(&source), node_(&node), what_(std::move(what)) {}

  yaml::SourceReader* source_;
  const yaml::Node* node_;
  std::string what_;
};

/// Reads a config and hands its mapping to `read`, once, where it has one; ConfigMaps and
/// ConfigValues live as long as that call. `top` is what it may hold, `specs` all mappings in it.
/// Bounded as rule files are.
void read_config_file(const SourceFile& file, const MappingSpec& top,
                      std::span<const MappingSpec* const> specs, Diagnostics& diagnostics,
                      const std::function<void(ConfigMap&)>& read);

/// Bytes of "64KiB"; nothing where it is none, or more than 2^63.
std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;

/// What is written after such a key is a secret: password, token, authorization, ...; not
/// password_file.
bool secret_key(std::string_view key);

/// Whether the text has a config's keys rather than a rule file's, by the words that begin its
/// lines: that also holds for YAML with faults in it.
bool looks_like_config(std::string_view text) noexcept;

}  // namespace weir::lang
