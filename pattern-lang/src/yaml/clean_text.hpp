// The text of a rule file as the YAML reader sees it, and the way back to the bytes on disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/pattern-lang/diagnostic.hpp"
#include "weir/pattern-lang/source.hpp"

namespace weir::lang::yaml {

/// Bytes of one line.
inline constexpr std::size_t kMaxLineBytes = 1024 * 1024;

/// Valid UTF-8, without byte order mark, control characters and carriage returns: what is left
/// needs no conversion inside yaml-cpp, so that its marks are byte offsets of `text()`. Offsets of
/// this text are called clean; those of the file, file offsets.
class CleanText {
 public:
  /// Nothing, and a diagnostic, where the file is too large, not UTF-8 or holds control characters.
  static std::optional<CleanText> make(const SnippetPtr& whole, Diagnostics& diagnostics);

  std::string_view text() const noexcept { return text_; }
  /// O(log of the number of lines) where lines end in CR LF, else O(1).
  std::uint32_t to_file(std::uint32_t clean) const noexcept;
  /// Every line of the file ends in CR LF.
  bool all_crlf() const noexcept { return all_crlf_; }
  /// Bytes of byte order marks before the text.
  std::uint32_t bom() const noexcept { return bom_; }

 private:
  std::string text_;
  std::vector<std::uint32_t> removed_;  // clean offsets of the line feeds that had a CR before them
  std::uint32_t bom_ = 0;
  bool all_crlf_ = false;
};

/// The offset of the first byte that is not well-formed UTF-8 (overlong forms and surrogates are
/// not); `text.size()` where all is.
std::size_t invalid_utf8(std::string_view text) noexcept;

}  // namespace weir::lang::yaml
