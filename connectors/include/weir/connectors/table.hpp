// Reference data for lookup(...) and `in table(...)`, from CSV or NDJSON files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/event/value.hpp"
#include "weir/nfa/expr.hpp"

namespace weir::connectors {

/// A larger file (decompressed) is refused.
inline constexpr std::size_t kMaxTableBytes = std::size_t{1} << 30U;
/// So many errors of a file are reported; the rest are not looked for.
inline constexpr std::size_t kMaxTableErrors = 20;

struct TableSpec {
  bool ndjson = false;
  std::vector<std::string> key;  // columns, one or more
  std::vector<std::pair<std::string, ValueType>>
      types;  // of columns: string, int, float, bool, timestamp
};

struct TableError {
  std::uint64_t line = 0;  // from 1, where the row begins; 0: the file as a whole
  std::string message;
};

struct TableResult {
  nfa::TablePtr table;             // null where there are errors
  std::vector<TableError> errors;  // in order of line
};

/// Reads a file, plain or compressed. CSV: RFC 4180 with a header; a cell is a number where it is a
/// JSON number of at most 15 digits, empty is null. NDJSON: an object a line, nested columns by
/// dotted path, arrays are lists. Errors: a key twice, a row without one or of another length, a
/// column that `spec` names and the file has not, a cell that is none of its type.
TableResult load_table(const std::string& path, const TableSpec& spec);

/// The same from memory.
TableResult read_table(std::string_view bytes, const TableSpec& spec);

}  // namespace weir::connectors
