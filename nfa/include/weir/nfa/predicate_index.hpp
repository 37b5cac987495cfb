// Which of many predicates hold for an event, without asking each of them.
//
// Predicates that test one thing of the event against constants are grouped by that thing (a field,
// lower(field) ...), whose value is looked up once: equality by hash, ranges by the value's rank
// among the sorted thresholds, startswith and endswith by search among the sorted affixes, texts
// and regular expressions by one scan for all of them. What is left is asked one by one. The idea
// is that of content-based publish/subscribe (Yan & Garcia-Molina 1994; Fabret et al. 2001).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/nfa/event_tests.hpp"

namespace weir::nfa {

/// What is switched off is asked one by one: the same answers, later.
struct PredicateIndexOptions {
  bool hash = true;         // ==, !=, in
  bool ranks = true;        // < <= > >=
  bool affixes = true;      // startswith, endswith
  bool nulls = true;        // is null, is not null
  bool string_sets = true;  // contains, like, matches
  /// Fewer predicates of one kind about one thing are asked one by one: that is faster.
  std::size_t least = 4;
};

/// How a predicate is found.
enum class Indexing : std::uint8_t {
  kNever,      // it can hold for no event
  kHash,       // by the value
  kRank,       // by the value's rank among thresholds
  kPrefix,     // among sorted prefixes
  kSuffix,     // among sorted suffixes
  kNull,       // by whether there is a value
  kStringSet,  // by the one scan for all texts and regular expressions
  kFlat,       // asked: flat instructions
  kEval,       // asked: evaluated node by node
};
std::string_view to_string(Indexing indexing) noexcept;

/// Immutable; any number of threads may ask at once, each with an EventTests of its own.
class PredicateIndex {
 public:
  /// REQUIRES: each of `predicates` is a one-event node of `pool`, which outlives the index (it may
  /// be moved) and has been finished.
  PredicateIndex(const ExprPool& pool, std::span<const ExprId> predicates,
                 const PredicateIndexOptions& options = {});
  ~PredicateIndex();
  PredicateIndex(PredicateIndex&&) noexcept;
  PredicateIndex& operator=(PredicateIndex&&) noexcept;

  /// Appends the positions, in what the index was made of, of all predicates that hold for the
  /// event that `tests` holds; ascending. Time grows with the things tested and with the hits.
  void match(EventTests& tests, std::vector<std::uint32_t>& hits) const;

  /// Sets bit i where predicate i holds and leaves the others. REQUIRES: (size() + 63) / 64 words.
  void match_bits(EventTests& tests, std::span<std::uint64_t> bits) const;

  std::size_t size() const noexcept;
  /// Bytes.
  std::size_t memory() const noexcept;
  /// Of an `or`: of its first part.
  Indexing indexing(std::uint32_t position) const noexcept;

  /// Deterministic text: the groups, and what is asked one by one.
  std::string dump(const ExprPool& pool, const FieldPlan& plan) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::nfa
