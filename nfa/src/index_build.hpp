// What an index is made of: predicates taken apart into tests of one thing against a constant.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "weir/nfa/predicate_index.hpp"

namespace weir::nfa {

/// How a predicate may be found; the structures of one subject.
enum class Family : std::uint8_t {
  kNull,
  kNotNull,
  kEqual,
  kUnequal,
  kRank,
  kPrefix,
  kSuffix,
  kText,    // a pattern of the subject's string set; the constant is its number there
  kMember,  // an item of a list
};

/// The predicate at `position` holds where the subject passes this test.
struct IndexEntry {
  ExprId subject = kNoExpr;
  Family family = Family::kNull;
  std::uint8_t accepts = 0;  // kRank: Outcomes
  Value constant;            // lives in the pool, or in the index's arena
  std::uint32_t position = 0;
};

/// Takes predicates apart.
class PredicateSplitter {
 public:
  PredicateSplitter(const ExprPool& pool, const PredicateIndexOptions& options, ValueArena& arena)
      : pool_(pool), options_(options), arena_(arena) {}

  /// Entries of which any one makes the predicate hold, and without which it does not. False where
  /// there are none such: it has to be asked. True without entries: it never holds.
  bool split(ExprId predicate, std::uint32_t position, std::vector<IndexEntry>& out);

 private:
  bool any_of(ExprId predicate, std::uint32_t position, std::vector<IndexEntry>& out);
  bool compared(ExprId predicate, IndexEntry entry, std::vector<IndexEntry>& out) const;
  bool text_test(ExprId predicate, IndexEntry entry, std::vector<IndexEntry>& out);
  bool pattern_test(ExprId predicate, std::size_t arg, IndexEntry entry,
                    std::vector<IndexEntry>& out) const;
  bool member_test(ExprId predicate, std::size_t arg, IndexEntry entry,
                   std::vector<IndexEntry>& out) const;
  bool like_test(ExprId predicate, std::size_t arg, IndexEntry entry, std::vector<IndexEntry>& out);
  bool tests_constants(ExprId predicate) const noexcept;

  const ExprPool& pool_;
  const PredicateIndexOptions& options_;
  ValueArena& arena_;
};

}  // namespace weir::nfa
