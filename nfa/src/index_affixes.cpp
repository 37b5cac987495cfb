#include "index_affixes.hpp"

#include <algorithm>
#include <map>

#include "sort_unique.hpp"

namespace weir::nfa {
namespace {

unsigned char byte_at(std::string_view text, std::size_t i, AffixIndex::End end) noexcept {
  return static_cast<unsigned char>(end == AffixIndex::End::kFront ? text[i]
                                                                   : text[text.size() - 1 - i]);
}

}  // namespace

AffixIndex::AffixIndex(const std::vector<std::pair<std::string_view, std::uint32_t>>& entries,
                       End end)
    : end_(end) {
  std::map<std::string, std::vector<std::uint32_t>> sorted;
  for (const auto& [text, position] : entries) {
    std::string key(text);
    if (end == End::kBack) std::ranges::reverse(key);
    sorted[std::move(key)].push_back(position);
  }
  for (auto& [text, positions] : sorted) {
    sort_unique(positions);
    postings_.add(positions);
    const auto id = static_cast<std::uint32_t>(affixes_.size());
    std::uint32_t parent = id == 0 ? kNone : id - 1;
    while (parent != kNone && !text.starts_with(text_of(affixes_[parent]))) {
      parent = affixes_[parent].parent;
    }
    affixes_.push_back({static_cast<std::uint32_t>(bytes_.size()),
                        static_cast<std::uint32_t>(text.size()), parent});
    bytes_ += text;
    if (!text.empty()) ++of_byte_[static_cast<unsigned char>(text[0]) + 1U];
  }
  if (!affixes_.empty() && affixes_[0].size == 0) of_byte_[0] = 1;
  for (std::size_t b = 1; b < of_byte_.size(); ++b) of_byte_[b] += of_byte_[b - 1];
}

std::uint32_t AffixIndex::last_affix(std::string_view text) const noexcept {
  if (affixes_.empty()) return kNone;
  const std::uint32_t of_all = affixes_[0].size == 0 ? 0 : kNone;
  if (text.empty()) return of_all;
  const unsigned first = byte_at(text, 0, end_);
  // Binary search for the last affix that is not above the text. Both ends of the range share some
  // bytes with it, and what lies between shares at least the fewer of them (Manber & Myers 1990).
  std::uint32_t low = of_byte_[first];  // not above it: all before low
  std::uint32_t high = of_byte_[first + 1];
  const std::uint32_t begin = low;
  std::size_t low_common = 1;
  std::size_t high_common = 1;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const std::string_view affix = text_of(affixes_[middle]);
    const std::size_t most = std::min(affix.size(), text.size());
    std::size_t common = std::min({low_common, high_common, most});
    while (common < most &&
           static_cast<unsigned char>(affix[common]) == byte_at(text, common, end_)) {
      ++common;
    }
    const bool above = common < affix.size() &&
                       (common == text.size() ||
                        static_cast<unsigned char>(affix[common]) > byte_at(text, common, end_));
    if (above) {
      high = middle;
      high_common = common;
    } else {
      low = middle + 1;
      low_common = common;
    }
  }
  if (low == begin) return of_all;
  // low_common is what the last affix not above the text shares with it.
  std::uint32_t found = low - 1;
  while (found != kNone && affixes_[found].size > low_common) found = affixes_[found].parent;
  return found;
}

std::size_t AffixIndex::memory() const noexcept {
  return sizeof(*this) + bytes_.capacity() + affixes_.capacity() * sizeof(Affix) +
         postings_.memory();
}

}  // namespace weir::nfa
