#include "codec/csv_row.hpp"

#include <algorithm>
#include <string>

namespace weir::connectors {
namespace {

/// The quoted cell that `rest` begins with; takes it away up to the delimiter. False where it is
/// bad.
bool quoted_cell(std::string_view& rest, char delimiter, ValueArena& arena,
                 std::string_view& cell) {
  std::string made;
  std::size_t begin = 1;
  while (true) {
    const std::size_t quote = rest.find('"', begin);
    if (quote == rest.npos) return false;
    const std::string_view piece = rest.substr(begin, quote - begin);
    const std::size_t after = quote + 1;
    if (after < rest.size() && rest[after] == '"') {
      made += piece;
      made += '"';
      begin = after + 1;
      continue;
    }
    if (after < rest.size() && rest[after] != delimiter) return false;
    if (made.empty()) {
      cell = piece;
    } else {
      made += piece;
      cell = arena.copy(made);
    }
    rest.remove_prefix(after);
    return true;
  }
}

}  // namespace

RejectReason split_csv_row(std::string_view row, char delimiter, ValueArena& arena,
                           std::vector<std::string_view>& cells) {
  cells.clear();
  std::string_view rest = row;
  while (true) {
    std::string_view cell;
    if (rest.starts_with('"')) {
      if (!quoted_cell(rest, delimiter, arena, cell)) return RejectReason::kCsvBadQuote;
    } else {
      const std::size_t end = std::min(rest.find(delimiter), rest.size());
      cell = rest.substr(0, end);
      rest.remove_prefix(end);
    }
    cells.push_back(cell);
    if (rest.empty()) return RejectReason::kNone;
    rest.remove_prefix(1);
  }
}

}  // namespace weir::connectors
