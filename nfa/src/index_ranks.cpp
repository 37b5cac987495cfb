#include "index_ranks.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "flat_tests.hpp"

namespace weir::nfa {
namespace {

constexpr double kTwo63 = 9223372036854775808.0;

/// The first of `n` sorted keys that is not below `x`; n where all are. Four parts a round, and no
/// branch depends on a key.
template <typename T>
std::size_t lower_bound(const T* keys, std::size_t n, T x) noexcept {
  const auto below = [x](const T& key) { return static_cast<std::size_t>(key < x); };
  const T* base = keys;
  while (n >= 4) {
    const std::size_t part = n / 4;
    base += part * (below(base[part - 1]) + below(base[2 * part - 1]) + below(base[3 * part - 1]));
    n -= 3 * part;  // the last part is the longest; what lies past the others is not below x
  }
  std::size_t rest = 0;
  for (std::size_t i = 0; i < n; ++i) rest += below(base[i]);
  return static_cast<std::size_t>(base - keys) + rest;
}

/// The largest double that is not above `i`.
double real_below(std::int64_t i) noexcept {
  const auto d = static_cast<double>(i);
  const bool above = d >= kTwo63 || static_cast<std::int64_t>(d) > i;
  return above ? std::nextafter(d, -std::numeric_limits<double>::infinity()) : d;
}

/// The largest integer that is not above `d`. REQUIRES: d >= -2^63.
std::int64_t integer_below(double d) noexcept {
  if (d >= kTwo63) return std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::floor(d));
}

bool is_below(const Value& a, const Value& b) noexcept {
  const auto order = compare(a, b);
  return order && *order < 0;
}

}  // namespace

HalfLines::HalfLines(std::vector<Line> lines, std::size_t cells, bool upward) {
  if (lines.empty()) return;
  std::ranges::stable_sort(lines, [&](const Line& a, const Line& b) {
    if (a.cell != b.cell) return upward ? a.cell < b.cell : a.cell > b.cell;
    return a.position < b.position;
  });
  counts_.resize(cells);
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < cells; ++i) {
    const std::size_t cell = upward ? i : cells - 1 - i;
    while (n < lines.size() && lines[n].cell == cell) ++n;
    counts_[cell] = n;
  }
  for (const Line& line : lines) positions_.push_back(line.position);
  const auto [least, most] = std::ranges::minmax(positions_);
  first_word_ = least / 64;
  words_ = most / 64 - first_word_ + 1;
  // Some four words of memory a line, however many; setting what is left takes about as long as
  // reading the words.
  constexpr std::uint32_t kLeastSpacing = 16;
  spacing_ = std::max(kLeastSpacing, std::bit_ceil(words_ / 4 + 1));
  std::vector<std::uint64_t> so_far(words_, 0);
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    const std::uint32_t p = positions_[i];
    so_far[p / 64 - first_word_] |= std::uint64_t{1} << (p % 64);
    if ((i + 1) % spacing_ == 0) {
      checkpoints_.insert(checkpoints_.end(), so_far.begin(), so_far.end());
    }
  }
  checkpoints_.shrink_to_fit();
}

void HalfLines::set_first(std::uint32_t n, std::uint64_t* bits) const noexcept {
  if (n == 0) return;
  const std::uint32_t checkpoint = n / spacing_;
  if (checkpoint > 0) {
    const std::uint64_t* from = checkpoints_.data() + std::size_t{checkpoint - 1} * words_;
    std::uint64_t* to = bits + first_word_;
    for (std::uint32_t i = 0; i < words_; ++i) to[i] |= from[i];
  }
  for (std::uint32_t i = checkpoint * spacing_; i < n; ++i) {
    const std::uint32_t p = positions_[i];
    bits[p / 64] |= std::uint64_t{1} << (p % 64);
  }
}

std::size_t HalfLines::memory() const noexcept {
  return (counts_.capacity() + positions_.capacity()) * sizeof(std::uint32_t) +
         checkpoints_.capacity() * sizeof(std::uint64_t);
}

RankIndex::RankIndex(const std::vector<Entry>& entries) {
  for (const Entry& e : entries) thresholds_.push_back(e.threshold);
  std::ranges::sort(thresholds_, is_below);
  thresholds_.erase(std::unique(thresholds_.begin(), thresholds_.end(), equals), thresholds_.end());
  thresholds_.shrink_to_fit();
  fill_keys();
  std::vector<HalfLines::Line> above;
  std::vector<HalfLines::Line> up_to;
  for (const Entry& e : entries) {
    const auto at = std::ranges::lower_bound(thresholds_, e.threshold, is_below);
    const auto own = static_cast<std::uint32_t>(2 * (at - thresholds_.begin()) + 1);
    const bool with_equal = (e.accepts & kEqual) != 0;
    if ((e.accepts & kGreater) != 0) {
      above.push_back({with_equal ? own : own + 1, e.position});
    } else {
      up_to.push_back({with_equal ? own : own - 1, e.position});
    }
  }
  const std::size_t cells = 2 * thresholds_.size() + 1;
  above_ = HalfLines(std::move(above), cells, true);
  below_ = HalfLines(std::move(up_to), cells, false);
}

void RankIndex::fill_keys() {
  for (const Value& t : thresholds_) {
    if (t.type() == ValueType::kString) return;
    if (t.type() != ValueType::kFloat) {
      integers_.push_back(t.as_int());
      if (t.type() == ValueType::kInt) reals_.push_back(real_below(t.as_int()));
      continue;
    }
    reals_.push_back(t.as_float());
    if (t.as_float() < -kTwo63) {
      ++first_integer_;
    } else {
      integers_.push_back(integer_below(t.as_float()));
    }
  }
  integers_.shrink_to_fit();
  reals_.shrink_to_fit();
}

std::size_t RankIndex::cell(const Value& v) const noexcept {
  std::size_t at = 0;
  if (v.type() == ValueType::kString) {
    at = static_cast<std::size_t>(std::ranges::lower_bound(thresholds_, v, is_below) -
                                  thresholds_.begin());
  } else if (v.type() == ValueType::kFloat) {
    at = lower_bound(reals_.data(), reals_.size(), v.as_float());
  } else {
    at = first_integer_ + lower_bound(integers_.data(), integers_.size(), v.as_int());
  }
  const bool on_it = at < thresholds_.size() && equals(thresholds_[at], v);
  return 2 * at + static_cast<std::size_t>(on_it);
}

std::size_t RankIndex::memory() const noexcept {
  return thresholds_.capacity() * sizeof(Value) + integers_.capacity() * sizeof(std::int64_t) +
         reals_.capacity() * sizeof(double) + above_.memory() + below_.memory();
}

}  // namespace weir::nfa
