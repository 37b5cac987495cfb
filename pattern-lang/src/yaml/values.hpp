// Values of rule files: text, words, numbers, durations, keys, windows. Each reports what is wrong
// at the value and says what to type.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yaml/map_reader.hpp"
#include "yaml/source_reader.hpp"

namespace weir::lang::yaml {

// `what` names the value for people: "`severity`".

/// Text; not a bare `no` or `true`, which other YAML readers take for a boolean.
std::optional<Text> read_text(SourceReader& source, const Node& node, std::string_view what);
/// One text or a list of texts; what is wrong in the list is left out.
std::vector<Text> read_texts(SourceReader& source, const Node& node, std::string_view what);
/// The same of names: event types, fields. A comma in bare text is taken for a list without
/// brackets.
std::vector<Text> read_names(SourceReader& source, const Node& node, std::string_view what);
std::optional<bool> read_bool(SourceReader& source, const Node& node, std::string_view what);
std::optional<std::uint64_t> read_number(SourceReader& source, const Node& node,
                                         std::string_view what, std::uint64_t min,
                                         std::uint64_t max);
std::optional<Duration> read_duration(SourceReader& source, const Node& node,
                                      std::string_view what);
std::optional<MaxPer> read_max_per(SourceReader& source, const Node& node);
std::optional<WindowDef> read_window(SourceReader& source, const Node& node);
KeyDef read_key(SourceReader& source, const Node& node);
/// A map from name to text, such as `types: {port: int}`, whose values are among `allowed`.
std::vector<std::pair<Text, Text>> read_types(SourceReader& source, const Node& node,
                                              std::string_view what);

/// The place of the word among `words`; nothing, and a diagnostic with the nearest, where it is
/// none.
std::optional<std::size_t> read_word(SourceReader& source, const Node& node, std::string_view what,
                                     std::span<const std::string_view> words);

/// A pattern or expression scalar as the snippet to parse; null, and a diagnostic, where it is no
/// text.
SnippetPtr read_code(SourceReader& source, const Node& node, std::string_view what,
                     std::string snippet_what);
ExprText read_expression(SourceReader& source, const Node& node, std::string_view what,
                         std::string snippet_what);
std::optional<Pattern> read_pattern(SourceReader& source, const Node& node,
                                    std::string snippet_what);

/// Bare words that YAML 1.1 takes for a boolean: yes, no, on, off, true, false in their cases.
bool boolean_word(std::string_view text) noexcept;
/// 12:30 or 1:02:03, which YAML 1.1 takes for a number to the base of 60.
bool sexagesimal(std::string_view text) noexcept;
/// 0755: a number to the base of 8 in YAML 1.1.
bool octal_looking(std::string_view text) noexcept;

}  // namespace weir::lang::yaml
