// A table in memory: rows of cells, found by the text of their keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "weir/event/value.hpp"
#include "weir/nfa/expr.hpp"

namespace weir::connectors {

/// Filled by one thread, then immutable and shared. Owns its cells.
class MemoryTable final : public nfa::Table {
 public:
  std::int64_t find(std::span<const Value> key) const override;
  Value cell(std::int64_t row, std::string_view column) const override;
  bool has_column(std::string_view column) const override { return columns_.contains(column); }
  std::size_t key_columns() const override { return key_columns_; }

  // Filling.
  ValueArena& arena() noexcept { return arena_; }
  void set_key_columns(std::size_t n) noexcept { key_columns_ = n; }
  /// The column's index; made where it is new.
  std::size_t column(std::string_view name);
  /// `cells` by column index, shorter where the rest is null; what they point to is in arena().
  /// Returns the row that has the key already, or nothing.
  std::optional<std::int64_t> add(std::vector<Value> cells, std::span<const Value> key);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept {
      return std::hash<std::string_view>{}(s);
    }
  };

  ValueArena arena_;
  std::size_t key_columns_ = 0;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> columns_;
  std::unordered_map<std::string, std::int64_t> rows_by_key_;
  std::vector<std::vector<Value>> rows_;
};

}  // namespace weir::connectors
