#include "weir/pattern-lang/diagnostic.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <tuple>

namespace weir::lang {
namespace {

std::string_view path_of(const Place& place) {
  return place.snippet && place.snippet->file ? std::string_view(place.snippet->file->path)
                                              : std::string_view();
}

/// Where a diagnostic stands among all: file, place, then code and message so that equal ones meet.
auto sort_key(const Diagnostic& d) {
  const Snippet* snippet = d.place.snippet.get();
  const std::uint32_t begin = snippet ? snippet->file_position(d.place.span.begin) : 0;
  const std::uint32_t end = snippet ? snippet->file_position(d.place.span.end) : 0;
  return std::tuple(path_of(d.place), begin, end, d.code, std::string_view(d.message));
}

std::string lower(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substituted});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

Diagnostic& Diagnostics::report(Code code, Place place, std::string message) {
  Diagnostic& d = all_.emplace_back();
  d.code = code;
  d.place = std::move(place);
  d.message = std::move(message);
  return d;
}

void Diagnostics::add(Diagnostics others) {
  std::ranges::move(others.all_, std::back_inserter(all_));
}

bool Diagnostics::has_errors() const noexcept {
  return errors() > 0;
}

std::size_t Diagnostics::errors() const noexcept {
  return static_cast<std::size_t>(std::count_if(all_.begin(), all_.end(), [](const Diagnostic& d) {
    return d.severity() == Severity::kError;
  }));
}

std::size_t Diagnostics::warnings() const noexcept {
  return all_.size() - errors();
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> out = all_;
  std::stable_sort(out.begin(), out.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return sort_key(a) < sort_key(b);
  });
  const auto equal = [](const Diagnostic& a, const Diagnostic& b) {
    return sort_key(a) == sort_key(b);
  };
  out.erase(std::unique(out.begin(), out.end(), equal), out.end());
  return out;
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  // Longer words are no misspellings of anything, and the table below is quadratic.
  constexpr std::size_t kLongest = 100;
  if (word.empty() || word.size() > kLongest) return {};
  const std::string wanted = lower(word);
  const std::string* best = nullptr;
  std::size_t best_distance = 0;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongest) continue;
    const std::size_t length = std::max(wanted.size(), candidate.size());
    const std::size_t limit = std::min<std::size_t>(3, (length + 2) / 3);
    // Never less than what one is longer than the other.
    if (length - std::min(wanted.size(), candidate.size()) > limit) continue;
    const std::size_t distance = edit_distance(wanted, lower(candidate));
    if (distance > limit || distance >= wanted.size()) continue;
    if (best == nullptr || distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  return best ? *best : std::string();
}

}  // namespace weir::lang
