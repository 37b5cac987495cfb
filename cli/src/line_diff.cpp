#include "line_diff.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "output.hpp"

namespace weir::cli {
namespace {

constexpr std::size_t kContext = 3;
constexpr std::ptrdiff_t kMaxEdits = 1000;

using Lines = std::vector<std::string_view>;

Lines split_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

struct Edit {
  char mark;  // ' ', '-', '+'
  std::size_t before;
  std::size_t after;
};

/// The edits between what is left of two lists after their common ends are gone: Myers, "An O(ND)
/// difference algorithm and its variations", 1986, keeping the furthest points of every d.
bool shortest_edits(const Lines& a, const Lines& b, std::vector<Edit>& out) {
  const auto n = static_cast<std::ptrdiff_t>(a.size());
  const auto m = static_cast<std::ptrdiff_t>(b.size());
  const std::ptrdiff_t limit = std::min(n + m, kMaxEdits);
  std::vector<std::vector<std::ptrdiff_t>> trace;
  std::vector<std::ptrdiff_t> v(static_cast<std::size_t>(2 * limit + 3), 0);
  const auto at = [&](std::vector<std::ptrdiff_t>& w, std::ptrdiff_t k) -> std::ptrdiff_t& {
    return w[static_cast<std::size_t>(k + limit + 1)];
  };
  std::ptrdiff_t d = 0;
  for (bool found = false; !found; ++d) {
    if (d > limit) return false;
    trace.push_back(v);
    for (std::ptrdiff_t k = -d; k <= d && !found; k += 2) {
      const bool down = k == -d || (k != d && at(v, k - 1) < at(v, k + 1));
      std::ptrdiff_t x = down ? at(v, k + 1) : at(v, k - 1) + 1;
      while (x < n && x - k < m &&
             a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)])
        ++x;
      at(v, k) = x;
      found = x >= n && x - k >= m;
    }
  }
  std::ptrdiff_t x = n;
  std::ptrdiff_t y = m;
  const auto put = [&](char mark) {
    out.push_back({mark, static_cast<std::size_t>(x), static_cast<std::size_t>(y)});
  };
  while (--d >= 0) {
    auto& w = trace[static_cast<std::size_t>(d)];
    const std::ptrdiff_t k = x - y;
    const bool down = k == -d || (k != d && at(w, k - 1) < at(w, k + 1));
    const std::ptrdiff_t from_k = down ? k + 1 : k - 1;
    const std::ptrdiff_t from_x = d == 0 ? 0 : at(w, from_k);
    const std::ptrdiff_t from_y = d == 0 ? 0 : from_x - from_k;
    while (x > from_x && y > from_y) {
      --x;
      --y;
      put(' ');
    }
    if (d == 0) break;
    if (down) {
      --y;
      put('+');
    } else {
      --x;
      put('-');
    }
  }
  std::reverse(out.begin(), out.end());
  return true;
}

std::vector<Edit> edits_of(const Lines& a, const Lines& b) {
  std::vector<Edit> edits;
  if (shortest_edits(a, b, edits)) return edits;
  edits.clear();
  for (std::size_t i = 0; i < a.size(); ++i) edits.push_back({'-', i, 0});
  for (std::size_t i = 0; i < b.size(); ++i) edits.push_back({'+', a.size(), i});
  return edits;
}

}  // namespace

std::string unified_diff(std::string_view path, std::string_view before, std::string_view after,
                         bool color) {
  if (before == after) return "";
  const Lines a = split_lines(before);
  const Lines b = split_lines(after);
  const std::vector<Edit> edits = edits_of(a, b);
  std::string out = paint(color, Style::kBold, fmt::format("--- {}", path)) + "\n" +
                    paint(color, Style::kBold, fmt::format("+++ {} (laid out)", path)) + "\n";
  for (std::size_t i = 0; i < edits.size();) {
    if (edits[i].mark == ' ') {
      ++i;
      continue;
    }
    // A hunk: changes that are no more than two contexts apart, and the context around them.
    std::size_t last = i;
    for (std::size_t j = i; j < edits.size() && j - last <= 2 * kContext; ++j) {
      if (edits[j].mark != ' ') last = j;
    }
    const std::size_t begin = i - std::min(i, kContext);
    const std::size_t end = std::min(edits.size(), last + kContext + 1);
    std::size_t olds = 0;
    std::size_t news = 0;
    std::string body;
    for (std::size_t j = begin; j < end; ++j) {
      const Edit& e = edits[j];
      if (e.mark != '+') ++olds;
      if (e.mark != '-') ++news;
      const std::string line =
          fmt::format("{}{}", e.mark, e.mark == '+' ? b[e.after] : a[e.before]);
      body += paint(color,
                    e.mark == '+'   ? Style::kGreen
                    : e.mark == '-' ? Style::kRed
                                    : Style::kPlain,
                    line) +
              "\n";
    }
    out += paint(color, Style::kCyan,
                 fmt::format("@@ -{},{} +{},{} @@", edits[begin].before + (olds > 0), olds,
                             edits[begin].after + (news > 0), news)) +
           "\n" + body;
    i = end;
  }
  return out;
}

}  // namespace weir::cli
