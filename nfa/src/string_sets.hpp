// All texts and regular expressions that one-event predicates look for in one thing (a field,
// lower(field) ...), found by one scan.
//
// A set holds the literals of `contains` that are long enough, patterns of `like` with text between
// stars, and the expressions of `matches`. It is made with the pool's flat tests and compiled when
// it is first scanned with, or ahead of that by build().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "hyperscan.hpp"
#include "weir/nfa/expr.hpp"
#include "weir/nfa/string_store.hpp"

namespace weir::nfa {

struct ExprTables;

/// Immutable to its users; any number of threads may scan at once.
class StringSet {
 public:
  /// The first `either` patterns find the same in a text and in its repaired form, the others only
  /// see UTF-8.
  StringSet(ExprId subject, std::uint32_t first_pattern, std::vector<HsPattern> patterns,
            std::size_t either);

  ExprId subject() const noexcept { return subject_; }
  /// Its patterns are numbered from here on.
  std::uint32_t first_pattern() const noexcept { return first_pattern_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t either() const noexcept { return either_; }
  /// So many tests one by one take longer than a scan.
  std::size_t break_even() const noexcept { return break_even_; }

  /// Writes the patterns found, each once, counted from first_pattern(), in no order; returns how
  /// many. REQUIRES: room for size(). Compiles what is not compiled.
  std::size_t scan(std::string_view text, std::uint32_t* found) const;

  /// Once; the first caller's `store` counts.
  void build(StringStore* store, StringBuildStats& stats) const;
  /// Bytes; none before it is built.
  std::size_t memory() const;

 private:
  std::size_t scan_valid(std::string_view text, std::uint32_t* found) const;
  // Within once_:
  void load_or_compile(StringStore& store, StringBuildStats& stats) const;
  void compile(std::uint32_t first, std::uint32_t last) const;

  ExprId subject_;
  std::uint32_t first_pattern_;
  std::size_t size_;
  std::size_t either_;
  std::size_t break_even_;
  struct Piece {
    std::uint32_t first = 0;  // of patterns_
    HsDatabase database;
  };
  mutable std::vector<HsPattern> patterns_;  // until they are built
  mutable std::once_flag once_;
  mutable std::atomic<bool> built_{false};  // what call_once knows, without its price
  mutable std::vector<Piece> pieces_;  // one, but where all are too large together for Hyperscan
};

class StringSets {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  /// Of every one-event predicate of the pool. The pool does not grow any more.
  StringSets(const ExprPool& pool, const ExprTables& tables);

  std::size_t size() const noexcept { return sets_.size(); }
  const StringSet& at(std::uint32_t set) const noexcept { return *sets_[set]; }
  /// Its number among all patterns; kNone where it is asked alone. `arg`: the member of a kContains
  /// or kLike node; 0 for a kMatches node.
  std::uint32_t pattern_of(const ExprPool& pool, ExprId predicate, std::size_t arg) const noexcept {
    return pattern_of_[pool.at(predicate).first_arg + arg];
  }
  std::uint32_t set_of(std::uint32_t pattern) const noexcept { return set_of_[pattern]; }
  /// REQUIRES: the subject has a set.
  std::uint32_t set_of_subject(ExprId subject) const noexcept;

  /// Compiles all sets, or loads them; on so many threads (0: as the machine has).
  StringBuildStats build(StringStore* store, unsigned threads) const;
  std::size_t memory() const;

 private:
  class Collector;
  std::vector<std::unique_ptr<StringSet>> sets_;
  std::vector<std::uint32_t> pattern_of_;  // by place in the pool's arguments
  std::vector<std::uint32_t> set_of_;      // by pattern
};

}  // namespace weir::nfa
