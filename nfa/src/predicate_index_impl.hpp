// The parts of a PredicateIndex. Built by predicate_index_build.cpp, read by predicate_index.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "index_affixes.hpp"
#include "index_build.hpp"
#include "index_ranks.hpp"
#include "index_values.hpp"
#include "weir/nfa/predicate_index.hpp"

namespace weir::nfa {

/// Types whose values compare with each other share a place.
inline constexpr std::size_t kTypePlaces = 8;
constexpr std::size_t place_of(ValueType type) noexcept {
  return static_cast<std::size_t>(type == ValueType::kFloat ? ValueType::kInt : type);
}

/// `!=`: all that compare with a type, less those whose constant is the value.
struct Unequal {
  ValueIndex constants;
  struct OfType {
    std::size_t first_word = 0;  // their positions as bits
    std::vector<std::uint64_t> words;
  };
  std::array<OfType, kTypePlaces> of_type;
};

/// Patterns of the subject's string set.
struct TextIndex {
  std::uint32_t set = 0;             // of the pool's StringSets
  std::vector<std::uint32_t> lists;  // of positions, by pattern of the set; kNone
  Postings positions;
  std::size_t patterns = 0;
  static constexpr std::uint32_t kNone = 0xffffffff;
};

/// All tests of one thing.
struct SubjectIndex {
  ExprId subject = kNoExpr;
  bool in_slot = false;  // it is a field that lives in a slot
  FieldId field = 0;
  std::vector<std::uint32_t> null;
  std::vector<std::uint32_t> not_null;
  ValueIndex equal;
  std::unique_ptr<Unequal> unequal;
  std::array<std::unique_ptr<RankIndex>, kTypePlaces> ranks;
  std::unique_ptr<AffixIndex> prefixes;
  std::unique_ptr<AffixIndex> suffixes;
  ValueIndex members;
  std::unique_ptr<TextIndex> texts;
};

class PredicateIndex::Impl {
 public:
  Impl(const ExprPool& pool, std::span<const ExprId> predicates,
       const PredicateIndexOptions& options);

  void match(EventTests& tests, std::vector<std::uint32_t>& hits) const;
  void match_bits(EventTests& tests, std::span<std::uint64_t> bits) const;
  std::size_t size() const noexcept { return indexing_.size(); }
  std::size_t memory() const noexcept;
  Indexing indexing(std::uint32_t position) const noexcept { return indexing_[position]; }
  std::string dump(const ExprPool& pool, const FieldPlan& plan) const;

 private:
  struct Asked {
    ExprId predicate = kNoExpr;
    std::uint32_t position = 0;
  };
  template <typename Sink>
  void find(EventTests& tests, Sink& sink) const;
  std::vector<IndexEntry> split(const ExprPool& pool, std::span<const ExprId> predicates,
                                const PredicateIndexOptions& options);
  static void drop_small(const ExprPool& pool, std::size_t least, std::vector<IndexEntry>& entries,
                         std::vector<bool>& asked);
  void build(const ExprPool& pool, std::span<const IndexEntry> of_subject);

  std::vector<SubjectIndex> subjects_;  // by ExprId of the subject
  std::vector<Asked> asked_;            // the cheapest first
  std::vector<Indexing> indexing_;      // by position
  bool overlaps_ = false;               // a predicate may be found twice
  ValueArena arena_;                    // of constants that are not the pool's
};

}  // namespace weir::nfa
