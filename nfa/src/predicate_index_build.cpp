// Building of the index: predicates are taken apart, grouped by what they test, and what is not
// worth a structure is asked.
#include <algorithm>
#include <map>
#include <set>

#include "flat_tests.hpp"
#include "predicate_index_impl.hpp"
#include "sort_unique.hpp"
#include "string_sets.hpp"

namespace weir::nfa {
namespace {

Indexing indexing_of(Family family) noexcept {
  switch (family) {
    case Family::kNull:
    case Family::kNotNull:
      return Indexing::kNull;
    case Family::kEqual:
    case Family::kUnequal:
    case Family::kMember:
      return Indexing::kHash;
    case Family::kRank:
      return Indexing::kRank;
    case Family::kPrefix:
      return Indexing::kPrefix;
    case Family::kSuffix:
      return Indexing::kSuffix;
    case Family::kText:
      return Indexing::kStringSet;
  }
  return Indexing::kEval;
}

std::vector<std::uint32_t> positions_of(std::span<const IndexEntry> entries) {
  std::vector<std::uint32_t> out;
  for (const IndexEntry& e : entries) out.push_back(e.position);
  sort_unique(out);
  return out;
}

std::vector<std::pair<Value, std::uint32_t>> values_of(std::span<const IndexEntry> entries) {
  std::vector<std::pair<Value, std::uint32_t>> out;
  for (const IndexEntry& e : entries) out.emplace_back(e.constant, e.position);
  return out;
}

std::vector<std::pair<std::string_view, std::uint32_t>> texts_of(
    std::span<const IndexEntry> entries) {
  std::vector<std::pair<std::string_view, std::uint32_t>> out;
  for (const IndexEntry& e : entries) out.emplace_back(e.constant.as_string(), e.position);
  return out;
}

std::unique_ptr<Unequal> make_unequal(std::span<const IndexEntry> entries) {
  auto made = std::make_unique<Unequal>();
  made->constants = ValueIndex(values_of(entries));
  std::array<std::vector<std::uint32_t>, kTypePlaces> positions;
  for (const IndexEntry& e : entries) {
    positions[place_of(e.constant.type())].push_back(e.position);
  }
  for (std::size_t i = 0; i < kTypePlaces; ++i) {
    if (positions[i].empty()) continue;
    const auto [least, most] = std::ranges::minmax(positions[i]);
    Unequal::OfType& of = made->of_type[i];
    of.first_word = least / 64;
    of.words.resize(most / 64 - of.first_word + 1);
    for (const std::uint32_t p : positions[i]) {
      of.words[p / 64 - of.first_word] |= std::uint64_t{1} << (p % 64);
    }
  }
  return made;
}

void make_ranks(SubjectIndex& s, std::span<const IndexEntry> entries) {
  std::array<std::vector<RankIndex::Entry>, kTypePlaces> of_type;
  for (const IndexEntry& e : entries) {
    of_type[place_of(e.constant.type())].push_back({e.constant, e.accepts, e.position});
  }
  for (std::size_t i = 0; i < of_type.size(); ++i) {
    if (!of_type[i].empty()) s.ranks[i] = std::make_unique<RankIndex>(of_type[i]);
  }
}

std::unique_ptr<TextIndex> make_texts(const ExprPool& pool, std::span<const IndexEntry> entries) {
  const StringSets& sets = *pool.string_sets();
  auto made = std::make_unique<TextIndex>();
  made->set = sets.set_of_subject(entries.front().subject);
  made->lists.resize(sets.at(made->set).size(), TextIndex::kNone);
  std::map<std::int64_t, std::vector<std::uint32_t>> of_pattern;
  for (const IndexEntry& e : entries) of_pattern[e.constant.as_int()].push_back(e.position);
  for (auto& [pattern, positions] : of_pattern) {
    sort_unique(positions);
    made->lists[static_cast<std::size_t>(pattern)] = made->positions.add(positions);
  }
  made->patterns = of_pattern.size();
  return made;
}

/// Fewer entries of one kind about one thing are asked.
std::size_t least_of(const ExprPool& pool, ExprId subject, Family family, std::size_t least) {
  if (family != Family::kText) return least;
  const StringSets& sets = *pool.string_sets();
  return std::max(least, sets.at(sets.set_of_subject(subject)).break_even());
}

}  // namespace

std::vector<IndexEntry> PredicateIndex::Impl::split(const ExprPool& pool,
                                                    std::span<const ExprId> predicates,
                                                    const PredicateIndexOptions& options) {
  PredicateSplitter splitter(pool, options, arena_);
  std::vector<IndexEntry> entries;
  std::vector<bool> asked(predicates.size(), false);
  for (std::uint32_t i = 0; i < predicates.size(); ++i) {
    if (predicates[i] == kNoExpr) continue;
    const std::size_t before = entries.size();
    asked[i] = !splitter.split(predicates[i], i, entries);
    if (asked[i]) entries.resize(before);
  }
  drop_small(pool, options.least, entries, asked);
  for (std::uint32_t i = 0; i < predicates.size(); ++i) {
    if (!asked[i]) continue;
    asked_.push_back({predicates[i], i});
    const FlatTests* flat = pool.flat_tests();
    const bool is_flat = flat != nullptr && flat->entry(predicates[i]) != FlatTests::kNone;
    indexing_[i] = is_flat ? Indexing::kFlat : Indexing::kEval;
  }
  std::ranges::stable_sort(asked_, {}, [&](const Asked& a) { return pool.at(a.predicate).cost; });
  return entries;
}

/// Takes the predicates of small groups out of all groups: they are asked.
void PredicateIndex::Impl::drop_small(const ExprPool& pool, std::size_t least,
                                      std::vector<IndexEntry>& entries, std::vector<bool>& asked) {
  std::map<std::pair<ExprId, Family>, std::size_t> sizes;
  for (const IndexEntry& e : entries) ++sizes[{e.subject, e.family}];
  std::set<std::pair<ExprId, Family>> small;
  for (const auto& [group, size] : sizes) {
    if (size < least_of(pool, group.first, group.second, least)) small.insert(group);
  }
  for (const IndexEntry& e : entries) {
    if (small.contains({e.subject, e.family})) asked[e.position] = true;
  }
  std::erase_if(entries, [&](const IndexEntry& e) { return asked[e.position]; });
}

PredicateIndex::Impl::Impl(const ExprPool& pool, std::span<const ExprId> predicates,
                           const PredicateIndexOptions& options)
    : indexing_(predicates.size(), Indexing::kNever) {
  std::vector<IndexEntry> entries = split(pool, predicates, options);
  std::vector<std::uint32_t> found(predicates.size(), 0);
  for (const IndexEntry& e : entries) {
    if (indexing_[e.position] == Indexing::kNever) indexing_[e.position] = indexing_of(e.family);
    overlaps_ = overlaps_ || ++found[e.position] > 1;
  }
  // A list may hold one item twice.
  overlaps_ = overlaps_ || std::ranges::any_of(entries, [](const IndexEntry& e) {
                return e.family == Family::kMember;
              });
  std::ranges::stable_sort(entries, {},
                           [](const IndexEntry& e) { return std::pair(e.subject, e.family); });
  for (std::size_t i = 0; i < entries.size();) {
    std::size_t end = i;
    while (end < entries.size() && entries[end].subject == entries[i].subject) ++end;
    build(pool, std::span(entries).subspan(i, end - i));
    i = end;
  }
}

void PredicateIndex::Impl::build(const ExprPool& pool, std::span<const IndexEntry> of_subject) {
  SubjectIndex s;
  s.subject = of_subject.front().subject;
  const ExprNode& n = pool.at(s.subject);
  s.in_slot = n.op == Op::kField && n.a != kTsField && n.a != kTypeField;
  s.field = s.in_slot ? n.a : 0;
  const auto of = [&](Family family) {
    const auto range = std::ranges::equal_range(of_subject, family, {}, &IndexEntry::family);
    return std::span<const IndexEntry>(range.begin(), range.end());
  };
  s.null = positions_of(of(Family::kNull));
  s.not_null = positions_of(of(Family::kNotNull));
  s.equal = ValueIndex(values_of(of(Family::kEqual)));
  s.members = ValueIndex(values_of(of(Family::kMember)));
  if (!of(Family::kUnequal).empty()) s.unequal = make_unequal(of(Family::kUnequal));
  make_ranks(s, of(Family::kRank));
  if (const auto entries = of(Family::kPrefix); !entries.empty()) {
    s.prefixes = std::make_unique<AffixIndex>(texts_of(entries), AffixIndex::End::kFront);
  }
  if (const auto entries = of(Family::kSuffix); !entries.empty()) {
    s.suffixes = std::make_unique<AffixIndex>(texts_of(entries), AffixIndex::End::kBack);
  }
  if (const auto entries = of(Family::kText); !entries.empty()) {
    s.texts = make_texts(pool, entries);
  }
  subjects_.push_back(std::move(s));
}

std::size_t PredicateIndex::Impl::memory() const noexcept {
  std::size_t bytes = sizeof(*this) + subjects_.capacity() * sizeof(SubjectIndex) +
                      asked_.capacity() * sizeof(Asked) + indexing_.capacity() + arena_.capacity();
  for (const SubjectIndex& s : subjects_) {
    bytes += (s.null.capacity() + s.not_null.capacity()) * sizeof(std::uint32_t);
    bytes += s.equal.memory() + s.members.memory();
    if (s.unequal) {
      bytes += sizeof(Unequal) + s.unequal->constants.memory();
      for (const Unequal::OfType& of : s.unequal->of_type) {
        bytes += of.words.capacity() * sizeof(std::uint64_t);
      }
    }
    for (const auto& ranks : s.ranks) bytes += ranks ? ranks->memory() : 0;
    if (s.prefixes) bytes += s.prefixes->memory();
    if (s.suffixes) bytes += s.suffixes->memory();
    if (s.texts) {
      bytes += sizeof(TextIndex) + s.texts->lists.capacity() * sizeof(std::uint32_t) +
               s.texts->positions.memory();
    }
  }
  return bytes;
}

}  // namespace weir::nfa
