// The index's structures, and what an event finds in them.
#include "predicate_index_impl.hpp"

#include <algorithm>
#include <bit>

namespace weir::nfa {
namespace {

/// Hits as a list, until there are so many that a bitset is read faster than a list is sorted.
class ListSink {
 public:
  ListSink(std::vector<std::uint32_t>& hits, std::vector<std::uint64_t>& room, std::size_t size)
      : hits_(hits), room_(room), begin_(hits.size()), words_((size + 63) / 64) {}

  void add(std::uint32_t position) {
    if (dense_) {
      set(position);
    } else if (hits_.size() < begin_ + most()) {
      hits_.push_back(position);
    } else {
      become_dense();
      set(position);
    }
  }
  void add(std::span<const std::uint32_t> positions) {
    if (!positions.empty()) add_some(positions);
  }
  void add_some(std::span<const std::uint32_t> positions) {
    if (!dense_ && hits_.size() + positions.size() <= begin_ + most()) {
      hits_.insert(hits_.end(), positions.begin(), positions.end());
      return;
    }
    if (!dense_) become_dense();
    for (const std::uint32_t p : positions) set(p);
  }
  void add_first(const HalfLines& lines, std::uint32_t n) {
    if (!dense_ && hits_.size() + n > begin_ + most()) become_dense();
    if (dense_) {
      lines.set_first(n, room_.data());
    } else {
      add(lines.first(n));
    }
  }
  void add_words(std::size_t first, std::span<const std::uint64_t> words) {
    if (!dense_) become_dense();
    for (std::size_t i = 0; i < words.size(); ++i) room_[first + i] |= words[i];
  }

  void finish(bool distinct) {
    if (dense_) {
      write_dense();
      return;
    }
    if (hits_.size() - begin_ < 2) return;
    const auto own = std::span(hits_).subspan(begin_);
    if (!std::ranges::is_sorted(own)) std::ranges::sort(own);
    if (distinct) return;
    const auto rest = std::ranges::unique(own);
    hits_.resize(hits_.size() - rest.size());
  }

 private:
  /// As many are sorted in the time in which the words are read.
  std::size_t most() const noexcept { return 4 + words_ / 8; }
  void write_dense() {
    std::size_t count = 0;
    for (std::size_t w = 0; w < words_; ++w) {
      count += static_cast<std::size_t>(std::popcount(room_[w]));
    }
    hits_.resize(begin_ + count);
    std::uint32_t* out = hits_.data() + begin_;
    for (std::size_t w = 0; w < words_; ++w) {
      const auto first = static_cast<std::uint32_t>(w * 64);
      for (std::uint64_t word = room_[w]; word != 0; word &= word - 1) {
        *out++ = first + static_cast<std::uint32_t>(std::countr_zero(word));
      }
    }
  }
  void set(std::uint32_t p) noexcept { room_[p / 64] |= std::uint64_t{1} << (p % 64); }
  void become_dense() {
    dense_ = true;
    room_.assign(words_, 0);
    for (std::size_t i = begin_; i < hits_.size(); ++i) set(hits_[i]);
    hits_.resize(begin_);
  }

  std::vector<std::uint32_t>& hits_;
  std::vector<std::uint64_t>& room_;
  std::size_t begin_;
  std::size_t words_;
  bool dense_ = false;
};

class BitSink {
 public:
  explicit BitSink(std::span<std::uint64_t> bits) : bits_(bits) {}
  void add(std::uint32_t p) noexcept { bits_[p / 64] |= std::uint64_t{1} << (p % 64); }
  void add(std::span<const std::uint32_t> positions) noexcept {
    for (const std::uint32_t p : positions) add(p);
  }
  void add_first(const HalfLines& lines, std::uint32_t n) noexcept {
    lines.set_first(n, bits_.data());
  }
  void add_words(std::size_t first, std::span<const std::uint64_t> words) noexcept {
    for (std::size_t i = 0; i < words.size(); ++i) bits_[first + i] |= words[i];
  }

 private:
  std::span<std::uint64_t> bits_;
};

/// Those of `all` that do not compare with the very value.
template <typename Sink>
void find_unequal(const Unequal& unequal, const Value& v, Sink& sink) {
  const Unequal::OfType& all = unequal.of_type[place_of(v.type())];
  if (all.words.empty()) return;
  auto equal = unequal.constants.find(v);
  std::array<std::uint64_t, 16> words{};
  for (std::size_t done = 0; done < all.words.size();) {
    // Some words at a time, less the bits of equal constants.
    const std::size_t n = std::min(words.size(), all.words.size() - done);
    std::copy_n(all.words.begin() + static_cast<std::ptrdiff_t>(done), n, words.begin());
    const std::size_t first = all.first_word + done;
    for (; !equal.empty() && equal[0] / 64 < first + n; equal = equal.subspan(1)) {
      words[equal[0] / 64 - first] &= ~(std::uint64_t{1} << (equal[0] % 64));
    }
    sink.add_words(first, std::span(words).first(n));
    done += n;
  }
}

/// What a text finds among the tests of its subject.
template <typename Sink>
void find_text(const SubjectIndex& s, const Value& v, EventTests& tests, Sink& sink) {
  const std::string_view text = v.as_string();
  const auto found = [&](std::span<const std::uint32_t> positions) { sink.add(positions); };
  if (s.prefixes) s.prefixes->find(text, found);
  if (s.suffixes) s.suffixes->find(text, found);
  if (s.texts) {
    for (const std::uint32_t pattern : tests.text_hits(s.texts->set, v)) {
      const std::uint32_t list = s.texts->lists[pattern];
      if (list != TextIndex::kNone) sink.add(s.texts->positions.at(list));
    }
  }
}

/// What a value finds among the tests of its subject.
template <typename Sink>
void find_in(const SubjectIndex& s, const Value& v, EventTests& tests, Sink& sink) {
  if (v.is_null()) {
    sink.add(s.null);
    return;
  }
  sink.add(s.not_null);
  if (!s.equal.empty()) sink.add(s.equal.find(v));
  if (s.unequal) find_unequal(*s.unequal, v, sink);
  if (const RankIndex* ranks = s.ranks[place_of(v.type())].get()) {
    const std::size_t cell = ranks->cell(v);
    sink.add_first(ranks->above(), ranks->above().count(cell));
    sink.add_first(ranks->below(), ranks->below().count(cell));
  }
  if (v.type() == ValueType::kString) {
    find_text(s, v, tests, sink);
  } else if (v.type() == ValueType::kList && !s.members.empty()) {
    for (const Value& item : v.as_list()) sink.add(s.members.find(item));
  }
}

/// Where the event holds the field; REQUIRES: the field lives in a slot.
const Value& slot_of(const Event& event, FieldId field) noexcept {
  static constexpr Value kNothing;
  const std::uint16_t slot = event.plan->slot_of[field];
  return slot == kNoSlot ? kNothing : event.slots[slot];
}

}  // namespace

template <typename Sink>
void PredicateIndex::Impl::find(EventTests& tests, Sink& sink) const {
  for (const SubjectIndex& s : subjects_) {
    if (s.in_slot) {
      find_in(s, slot_of(tests.event(), s.field), tests, sink);
    } else {
      find_in(s, tests.value(s.subject), tests, sink);
    }
  }
  for (const Asked& a : asked_) {
    if (tests.holds(a.predicate)) sink.add(a.position);
  }
}

void PredicateIndex::Impl::match(EventTests& tests, std::vector<std::uint32_t>& hits) const {
  ListSink sink(hits, tests.word_room(), indexing_.size());
  find(tests, sink);
  sink.finish(!overlaps_);
}

void PredicateIndex::Impl::match_bits(EventTests& tests, std::span<std::uint64_t> bits) const {
  BitSink sink(bits);
  find(tests, sink);
}

PredicateIndex::PredicateIndex(const ExprPool& pool, std::span<const ExprId> predicates,
                               const PredicateIndexOptions& options)
    : impl_(std::make_unique<Impl>(pool, predicates, options)) {}
PredicateIndex::~PredicateIndex() = default;
PredicateIndex::PredicateIndex(PredicateIndex&&) noexcept = default;
PredicateIndex& PredicateIndex::operator=(PredicateIndex&&) noexcept = default;

void PredicateIndex::match(EventTests& tests, std::vector<std::uint32_t>& hits) const {
  impl_->match(tests, hits);
}
void PredicateIndex::match_bits(EventTests& tests, std::span<std::uint64_t> bits) const {
  impl_->match_bits(tests, bits);
}
std::size_t PredicateIndex::size() const noexcept {
  return impl_->size();
}
std::size_t PredicateIndex::memory() const noexcept {
  return impl_->memory();
}
Indexing PredicateIndex::indexing(std::uint32_t position) const noexcept {
  return impl_->indexing(position);
}
std::string PredicateIndex::dump(const ExprPool& pool, const FieldPlan& plan) const {
  return impl_->dump(pool, plan);
}

std::string_view to_string(Indexing indexing) noexcept {
  switch (indexing) {
    case Indexing::kNever:
      return "never holds";
    case Indexing::kHash:
      return "hash";
    case Indexing::kRank:
      return "threshold rank";
    case Indexing::kPrefix:
      return "sorted prefixes";
    case Indexing::kSuffix:
      return "sorted suffixes";
    case Indexing::kNull:
      return "null";
    case Indexing::kStringSet:
      return "string set";
    case Indexing::kFlat:
      return "asked (flat)";
    case Indexing::kEval:
      return "asked (evaluated)";
  }
  return {};
}

}  // namespace weir::nfa
