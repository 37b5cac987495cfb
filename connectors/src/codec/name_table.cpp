#include "codec/name_table.hpp"

#include <algorithm>

namespace weir::connectors {
namespace {

NameTable::Entry::Head head(std::string_view text) {
  using Entry = NameTable::Entry;
  char bytes[Entry::kHead] = {};
  std::copy_n(text.begin(), std::min(text.size(), Entry::kHead), bytes);
  return {Entry::load(bytes), Entry::load(bytes + sizeof(std::uint64_t))};
}

std::string_view name_of(const NameTable::Entry& entry) {
  return std::string_view(entry.key).substr(1, entry.size - 3);
}

}  // namespace

NameTable::NameTable() : entries_(1), slots_(4) {
  // No text in UTF-8 begins so.
  entries_[0].head = entries_[0].mask = head("\xff");
  entries_[0].next = first_ = entries_.data();
}

void NameTable::add(std::string_view name, std::uint32_t value) {
  Entry& entry = entries_.emplace_back();
  entry.key = '"' + std::string(name) + "\":";
  entry.size = static_cast<std::uint32_t>(entry.key.size());
  entry.value = value;
  // A guess takes a text as it stands: what is written with escapes is never guessed.
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ';
  });
  if (plain && entry.key.size() <= kReadable) {
    entry.head = head(entry.key);
    entry.mask = head(std::string(entry.key.size(), '\xff'));
  } else {
    entry.head = entries_[0].head;
    entry.mask = entries_[0].mask;
  }
  first_ = entries_.data();
  for (Entry& known : entries_) known.next = first_;
  if (slots_.size() < 2 * entries_.size()) slots_.resize(2 * slots_.size());
  std::fill(slots_.begin(), slots_.end(), 0);
  for (std::uint32_t index = 1; index < entries_.size(); ++index) {
    std::size_t slot = hash(name_of(entries_[index]));
    while (slots_[slot & (slots_.size() - 1)] != 0) ++slot;
    slots_[slot & (slots_.size() - 1)] = index;
  }
}

NameTable::Found NameTable::find(std::string_view name, Guess guess) noexcept {
  for (std::size_t slot = hash(name);; ++slot) {
    const std::uint32_t index = slots_[slot & (slots_.size() - 1)];
    if (index == 0) return {kNone, guess};
    Entry& entry = entries_[index];
    if (name_of(entry) != name) continue;
    *guess = &entry;
    return {entry.value, &entry.next};
  }
}

std::size_t NameTable::hash(std::string_view name) const noexcept {
  // The size and three bytes tell the keys of most records apart.
  const auto byte = [&](std::size_t at) {
    return std::size_t{static_cast<unsigned char>(name[at])};
  };
  if (name.empty()) return 0;
  return name.size() + 7 * byte(0) + 61 * byte(name.size() / 2) + 31 * byte(name.size() - 1);
}

}  // namespace weir::connectors
