#include "codec/name_table.hpp"

#include <bit>

namespace weir::connectors {

NameTable::NameTable() {
  // Longer than any name that is looked up.
  entries_.push_back({Head(std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", kReadable)),
                      std::string(kReadable, '\0'), kNone, 0});
  slots_.assign(2, 0);
  shift_ = 63;
}

void NameTable::add(std::string_view name, std::uint32_t value) {
  std::string padded(name);
  padded.resize(name.size() + kReadable);
  const Head head(std::string_view(padded.data(), name.size()));
  entries_.push_back({head, std::string(name), value, 0});
  if (slots_.size() < 2 * entries_.size()) slots_.resize(2 * slots_.size());
  shift_ = 64U - static_cast<unsigned>(std::countr_zero(slots_.size()));
  slots_.assign(slots_.size(), 0);
  for (std::uint32_t index = 1; index < entries_.size(); ++index) {
    std::size_t slot = hash(entries_[index].head, entries_[index].name.size());
    while (slots_[slot & (slots_.size() - 1)] != 0) ++slot;
    slots_[slot & (slots_.size() - 1)] = index;
  }
}

}  // namespace weir::connectors
