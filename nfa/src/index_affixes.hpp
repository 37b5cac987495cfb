// All constants that a text begins with, or ends with.
//
// The constants are sorted by bytes. Every constant that a text begins with is the last one that is
// not above the text, or a prefix of that one (a constant between a prefix of the text and the text
// itself begins with that prefix, too); each constant knows the longest other one that it begins
// with. Suffixes are the same, read from the end.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index_values.hpp"

namespace weir::nfa {

class AffixIndex {
 public:
  enum class End : std::uint8_t { kFront, kBack };

  AffixIndex() = default;
  AffixIndex(const std::vector<std::pair<std::string_view, std::uint32_t>>& entries, End end);

  bool empty() const noexcept { return affixes_.empty(); }
  std::size_t size() const noexcept { return affixes_.size(); }  // distinct
  std::size_t memory() const noexcept;

  /// Calls `found(positions)` for every constant that `text` begins (ends) with.
  template <typename Found>
  void find(std::string_view text, Found found) const {
    for (std::uint32_t i = last_affix(text); i != kNone; i = affixes_[i].parent) {
      found(postings_.at(i));
    }
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  struct Affix {
    std::uint32_t begin = 0;  // in bytes_
    std::uint32_t size = 0;
    std::uint32_t parent = kNone;  // the longest other affix that it begins with
  };
  /// The longest affix of `text`.
  std::uint32_t last_affix(std::string_view text) const noexcept;
  std::string_view text_of(const Affix& affix) const noexcept {
    return std::string_view(bytes_).substr(affix.begin, affix.size);
  }

  End end_ = End::kFront;
  std::string bytes_;           // of all affixes, end to end; those of suffixes turned round
  std::vector<Affix> affixes_;  // sorted
  Postings postings_;           // by affix
  std::array<std::uint32_t, 257> of_byte_{};  // affixes that begin with byte b: from b up to b + 1
};

}  // namespace weir::nfa
