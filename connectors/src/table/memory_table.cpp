#include "table/memory_table.hpp"

namespace weir::connectors {
namespace {

/// One text for all key columns: each with its length before it, so that ("a", "bc") is not ("ab",
/// "c"). False where one of them is null.
bool key_text(std::span<const Value> key, std::string& out) {
  std::string part;
  for (const Value& value : key) {
    part.clear();
    if (!nfa::append_key_text(part, value)) return false;
    out += std::to_string(part.size());
    out += ':';
    out += part;
  }
  return true;
}

}  // namespace

std::int64_t MemoryTable::find(std::span<const Value> key) const {
  std::string text;
  if (key.size() != key_columns_ || !key_text(key, text)) return -1;
  const auto it = rows_by_key_.find(text);
  return it == rows_by_key_.end() ? -1 : it->second;
}

Value MemoryTable::cell(std::int64_t row, std::string_view column) const {
  const auto it = columns_.find(column);
  if (it == columns_.end() || row < 0 || static_cast<std::size_t>(row) >= rows_.size()) return {};
  const std::vector<Value>& cells = rows_[static_cast<std::size_t>(row)];
  return it->second < cells.size() ? cells[it->second] : Value{};
}

std::size_t MemoryTable::column(std::string_view name) {
  const auto it = columns_.find(name);
  if (it != columns_.end()) return it->second;
  const std::size_t index = columns_.size();
  columns_.emplace(name, index);
  return index;
}

std::optional<std::int64_t> MemoryTable::add(std::vector<Value> cells, std::span<const Value> key) {
  std::string text;
  key_text(key, text);
  const auto row = static_cast<std::int64_t>(rows_.size());
  const auto [it, made] = rows_by_key_.emplace(std::move(text), row);
  rows_.push_back(std::move(cells));
  if (made) return std::nullopt;
  return it->second;
}

}  // namespace weir::connectors
