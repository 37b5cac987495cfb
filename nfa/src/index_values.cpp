#include "index_values.hpp"

#include <algorithm>
#include <bit>

#include "sort_unique.hpp"

namespace weir::nfa {
namespace {

std::uint64_t length_bit(std::string_view s) noexcept {
  return std::uint64_t{1} << std::min<std::size_t>(s.size(), 63);
}

}  // namespace

ValueIndex::ValueIndex(std::vector<std::pair<Value, std::uint32_t>> entries) {
  std::erase_if(entries, [](const auto& e) { return e.first.is_null(); });
  if (entries.empty()) return;
  slots_.resize(std::bit_ceil(2 * entries.size()));
  std::vector<std::vector<std::uint32_t>> lists;
  for (const auto& [value, position] : entries) {
    const std::uint64_t hash = hash_value(value);
    Slot& slot = slots_[place(value, hash)];
    if (slot.value.is_null()) {
      slot = {hash, value, static_cast<std::uint32_t>(lists.size())};
      lists.emplace_back();
      if (value.type() == ValueType::kString) lengths_ |= length_bit(value.as_string());
    }
    lists[slot.list].push_back(position);
  }
  for (std::vector<std::uint32_t>& list : lists) {
    sort_unique(list);
    postings_.add(list);
  }
  size_ = lists.size();
}

// What is equal is identical, and what is identical has one hash. A constant list that holds a null
// equals nothing, itself included: each gets a slot of its own, that none finds.
std::size_t ValueIndex::place(const Value& v, std::uint64_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = hash & mask;
  while (!slots_[i].value.is_null() && (slots_[i].hash != hash || !equals(slots_[i].value, v))) {
    i = (i + 1) & mask;
  }
  return i;
}

bool ValueIndex::may_hold(const Value& v) const noexcept {
  return v.type() != ValueType::kString || (lengths_ & length_bit(v.as_string())) != 0;
}

std::span<const std::uint32_t> ValueIndex::find(const Value& v) const noexcept {
  if (slots_.empty() || v.is_null() || !may_hold(v)) return {};
  const Slot& slot = slots_[place(v, hash_value(v))];
  return slot.value.is_null() ? std::span<const std::uint32_t>{} : postings_.at(slot.list);
}

}  // namespace weir::nfa
