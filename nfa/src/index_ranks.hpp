// Thresholds of one type, sorted: the rank of a value says which comparisons it satisfies.
//
// The thresholds t0 < t1 < ... cut the values into cells: below t0, t0 itself, between t0 and t1,
// t1 itself ... `x > t` and `x >= t` hold from some cell on, `x < t` and `x <= t` up to some cell.
// Sorted by that cell, those that hold are the first n of a list, where n is looked up by cell.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "weir/event/value.hpp"

namespace weir::nfa {

/// Comparisons that hold from a cell on (or, counted from the other end, up to one).
class HalfLines {
 public:
  struct Line {
    std::uint32_t cell = 0;
    std::uint32_t position = 0;
  };
  HalfLines() = default;
  /// `upward`: a line holds in its cell and in all after it; else in its cell and all before it.
  HalfLines(std::vector<Line> lines, std::size_t cells, bool upward);

  /// The lines that hold in `cell` are the first so many.
  std::uint32_t count(std::size_t cell) const noexcept {
    return counts_.empty() ? 0 : counts_[cell];
  }
  std::span<const std::uint32_t> first(std::uint32_t n) const noexcept {
    return {positions_.data(), n};
  }
  /// Sets the bits of first(n): words of a precomputed set, then what is left bit by bit.
  void set_first(std::uint32_t n, std::uint64_t* bits) const noexcept;
  std::size_t size() const noexcept { return positions_.size(); }
  std::size_t memory() const noexcept;

 private:
  std::vector<std::uint32_t> counts_;     // by cell
  std::vector<std::uint32_t> positions_;  // in the order of their cells
  // After each `spacing_` lines the set of those so far, as words first_word_ ...
  std::vector<std::uint64_t> checkpoints_;
  std::uint32_t spacing_ = 0;
  std::uint32_t first_word_ = 0;
  std::uint32_t words_ = 0;
};

class RankIndex {
 public:
  struct Entry {
    Value threshold;
    std::uint8_t accepts = 0;  // Outcomes: less and greater never both
    std::uint32_t position = 0;
  };
  /// All thresholds are of one type, or numbers; no nulls, no lists. What they point to outlives
  /// the index.
  explicit RankIndex(const std::vector<Entry>& entries);

  /// The cell of a value of the thresholds' type (of any number, where they are numbers).
  std::size_t cell(const Value& v) const noexcept;
  const HalfLines& above() const noexcept { return above_; }
  const HalfLines& below() const noexcept { return below_; }
  std::size_t thresholds() const noexcept { return thresholds_.size(); }
  std::size_t memory() const noexcept;

 private:
  void fill_keys();

  std::vector<Value> thresholds_;  // ascending, distinct
  // Rounded down, so that `threshold >= x` and `key >= x` are the same for every x of the key's
  // type. Thresholds below all integers are left out at the beginning of integers_.
  std::vector<std::int64_t> integers_;
  std::size_t first_integer_ = 0;
  std::vector<double> reals_;  // of numbers
  HalfLines above_;
  HalfLines below_;
};

}  // namespace weir::nfa
