#include "codec/csv_row.hpp"

#include <algorithm>

namespace weir::connectors {
namespace {

/// The quoted cell that `rest` begins with; takes it away up to the delimiter. False where it is
/// bad.
bool quoted_cell(std::string_view& rest, char delimiter, ValueArena& arena,
                 std::string_view& cell) {
  std::size_t end = 1;  // behind what has been read
  std::size_t doubled = 0;
  while (true) {
    const std::size_t quote = rest.find('"', end);
    if (quote == rest.npos) return false;
    end = quote + 1;
    if (end == rest.size() || rest[end] != '"') break;
    ++end;
    ++doubled;
  }
  if (end < rest.size() && rest[end] != delimiter) return false;
  cell = rest.substr(1, end - 2);
  rest.remove_prefix(end);
  if (doubled == 0) return true;
  auto* const made = static_cast<char*>(arena.allocate(cell.size() - doubled, 1));
  char* out = made;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    *out++ = cell[i];
    if (cell[i] == '"') ++i;
  }
  cell = {made, cell.size() - doubled};
  return true;
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
