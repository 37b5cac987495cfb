// Value -> positions, by hash.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "weir/event/value.hpp"

namespace weir::nfa {

/// Lists of positions laid end to end.
class Postings {
 public:
  /// Returns the list's number.
  std::uint32_t add(std::span<const std::uint32_t> positions) {
    all_.insert(all_.end(), positions.begin(), positions.end());
    ends_.push_back(static_cast<std::uint32_t>(all_.size()));
    return static_cast<std::uint32_t>(ends_.size() - 1);
  }
  std::span<const std::uint32_t> at(std::uint32_t list) const noexcept {
    const std::uint32_t begin = list == 0 ? 0 : ends_[list - 1];
    return {all_.data() + begin, ends_[list] - begin};
  }
  std::size_t memory() const noexcept {
    return (all_.capacity() + ends_.capacity()) * sizeof(std::uint32_t);
  }

 private:
  std::vector<std::uint32_t> all_;
  std::vector<std::uint32_t> ends_;
};

class ValueIndex {
 public:
  ValueIndex() = default;
  /// What the values point to outlives the index. Nulls are left out.
  explicit ValueIndex(std::vector<std::pair<Value, std::uint32_t>> entries);

  bool empty() const noexcept { return slots_.empty(); }
  std::size_t size() const noexcept { return size_; }  // distinct values
  /// Positions of the constants that equal `v`, ascending.
  std::span<const std::uint32_t> find(const Value& v) const noexcept;
  std::size_t memory() const noexcept {
    return slots_.capacity() * sizeof(Slot) + postings_.memory();
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    Value value;  // null where free
    std::uint32_t list = 0;
  };
  /// The place of `v`, or the free one where it belongs.
  std::size_t place(const Value& v, std::uint64_t hash) const noexcept;
  bool may_hold(const Value& v) const noexcept;

  std::vector<Slot> slots_;  // open addressing, a power of two, at most half full
  Postings postings_;
  std::size_t size_ = 0;
  std::uint64_t lengths_ = 0;  // of the strings: bit min(length, 63)
};

}  // namespace weir::nfa
