#include "weir/connectors/table.hpp"

#include <algorithm>

#include "codec/cell.hpp"
#include "codec/codecs.hpp"
#include "codec/csv_row.hpp"
#include "codec/json_string.hpp"
#include "codec/json_tree.hpp"
#include "table/memory_table.hpp"
#include "weir/connectors/record_reader.hpp"

namespace weir::connectors {
namespace {

std::string_view type_word(ValueType type) {
  switch (type) {
    case ValueType::kInt:
      return "int";
    case ValueType::kFloat:
      return "float";
    case ValueType::kBool:
      return "bool";
    case ValueType::kTimestamp:
      return "timestamp";
    default:
      return "string";
  }
}

/// Reads one file; a row at a time goes into the table or leaves an error.
class TableReader {
 public:
  TableReader(std::string_view bytes, const TableSpec& spec)
      : bytes_(bytes), spec_(spec), table_(std::make_shared<MemoryTable>()) {
    table_->set_key_columns(spec.key.size());
  }

  TableResult run() {
    RecordReader reader(memory_byte_stream(bytes_),
                        spec_.ndjson ? RecordFraming::kLines : RecordFraming::kCsv);
    RecordBlock block;
    bool header = !spec_.ndjson;
    while (result_.errors.size() < kMaxTableErrors && reader.next(block)) {
      for (const RawRecord& record : block.records) {
        go_to(record.offset);
        if (record.fault != RejectReason::kNone) {
          error("this row cannot be read: " + std::string(to_string(record.fault)));
        } else if (header) {
          if (!read_header(record.bytes)) return std::move(result_);
        } else if (spec_.ndjson) {
          read_object(record.bytes);
        } else {
          read_row(record.bytes);
        }
        header = false;
        if (result_.errors.size() >= kMaxTableErrors) break;
      }
    }
    line_ = 0;
    if (header) error("the file has no header");
    // A column that no row of an NDJSON file has: known only now. An empty file has no columns to
    // miss.
    if (spec_.ndjson && !lines_.empty()) check_columns();
    if (result_.errors.empty()) result_.table = table_;
    return std::move(result_);
  }

 private:
  void go_to(std::uint64_t offset) {
    line_ += static_cast<std::uint64_t>(
        std::count(bytes_.begin() + static_cast<std::ptrdiff_t>(counted_),
                   bytes_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    counted_ = offset;
  }
  void error(std::string message) { result_.errors.push_back({line_, std::move(message)}); }

  bool check_columns() {
    const std::size_t before = result_.errors.size();
    for (const std::string& key : spec_.key) {
      if (!table_->has_column(key)) error("there is no key column " + key);
    }
    for (const auto& [name, type] : spec_.types) {
      if (!table_->has_column(name)) error("there is no column " + name);
    }
    return result_.errors.size() == before;
  }

  bool read_header(std::string_view header) {
    if (split_csv_row(header, ',', table_->arena(), cells_) != RejectReason::kNone) {
      error("the header has a quote that is not closed");
      return false;
    }
    for (const std::string_view cell : cells_) {
      if (cell.empty()) error("the header has a column without a name");
      if (table_->has_column(cell))
        error("the header has the column " + std::string(cell) + " twice");
      table_->column(cell);
      header_.emplace_back(cell);
    }
    return result_.errors.empty() && check_columns();
  }

  ValueType declared(std::string_view column) const {
    for (const auto& [name, type] : spec_.types) {
      if (name == column) return type;
    }
    return ValueType::kNull;
  }

  /// `text` as `type`; an error and null where it is none.
  Value typed(std::string_view column, std::string_view text, ValueType type) {
    const auto value = read_typed(text, type, time_);
    if (value) return *value;
    error("column " + std::string(column) + ": \"" + std::string(text.substr(0, 80)) + "\" is no " +
          std::string(type_word(type)));
    return {};
  }

  void read_row(std::string_view row) {
    std::uint64_t replaced = 0;
    row = repair_utf8(row, table_->arena(), replaced);
    if (split_csv_row(row, ',', table_->arena(), cells_) != RejectReason::kNone) {
      error("a quote is not closed, or text follows it");
      return;
    }
    if (cells_.size() != header_.size()) {
      error("this row has " + std::to_string(cells_.size()) + " cells, the header has " +
            std::to_string(header_.size()));
      return;
    }
    const std::size_t errors = result_.errors.size();
    std::vector<Value> values(cells_.size());
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (cells_[i].empty()) continue;
      const ValueType type = declared(header_[i]);
      const Value value =
          type == ValueType::kNull ? read_cell(cells_[i]) : typed(header_[i], cells_[i], type);
      values[i] = table_->arena().copy(value);
    }
    if (result_.errors.size() == errors) add(std::move(values));
  }

  void read_object(std::string_view text) {
    const RejectReason fault = tree_.parse(text);
    if (fault != RejectReason::kNone) {
      error("this row is no JSON (" + std::string(to_string(fault)) + ", byte " +
            std::to_string(tree_.error_offset() + 1) + ")");
      return;
    }
    if (tree_.root().kind != JsonNode::Kind::kObject) {
      error("this row is no JSON object");
      return;
    }
    const std::size_t errors = result_.errors.size();
    std::vector<Value> values;
    std::vector<std::size_t> nested;
    flatten(tree_.root(), "", values, nested);
    if (result_.errors.size() == errors) add(std::move(values));
  }

  /// Members by dotted path; `nested` are the columns that were found inside objects, which go
  /// before members named by the whole path.
  void flatten(const JsonNode& object, const std::string& prefix, std::vector<Value>& values,
               std::vector<std::size_t>& nested) {
    std::vector<std::string> seen;
    tree_.for_each(object, [&](const JsonNode& member) {
      const std::string key(unescape_json(member.key, table_->arena()));
      const std::string name = prefix + key;
      if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
        error("the row has " + name + " twice");
        return;
      }
      seen.push_back(key);
      if (member.kind == JsonNode::Kind::kObject) {
        flatten(member, name + ".", values, nested);
        return;
      }
      const std::size_t column = table_->column(name);
      if (column >= values.size()) values.resize(column + 1);
      if (std::find(nested.begin(), nested.end(), column) != nested.end()) return;
      values[column] = member_value(name, member);
      if (!prefix.empty()) nested.push_back(column);
    });
  }

  Value member_value(const std::string& name, const JsonNode& member) {
    const ValueType type = declared(name);
    ValueArena& arena = table_->arena();
    Value value = tree_.value(member, arena);
    const bool scalar =
        member.kind == JsonNode::Kind::kString || member.kind == JsonNode::Kind::kNumber ||
        member.kind == JsonNode::Kind::kTrue || member.kind == JsonNode::Kind::kFalse;
    if (type != ValueType::kNull && scalar) {
      const bool quoted = value.type() == ValueType::kString;
      value = typed(name, quoted ? value.as_string() : member.text, type);
    } else if (member.kind == JsonNode::Kind::kNumber && value.is_null()) {
      error("column " + name + ": the number " + std::string(member.text.substr(0, 80)) +
            " is out of range");
    }
    return arena.copy(value);
  }

  void add(std::vector<Value> values) {
    std::vector<Value> key;
    for (const std::string& name : spec_.key) {
      const std::size_t column = table_->has_column(name) ? table_->column(name) : values.size();
      key.push_back(column < values.size() ? values[column] : Value{});
      std::string text;
      if (!nfa::append_key_text(text, key.back())) {
        error("this row has no key: " + name + " is missing");
        return;
      }
    }
    const auto before = table_->add(std::move(values), key);
    lines_.push_back(line_);
    if (!before) return;
    std::string text;
    for (const Value& part : key) {
      if (!text.empty()) text += ", ";
      append_text(text, part);
    }
    error("the key " + text + " is in line " +
          std::to_string(lines_[static_cast<std::size_t>(*before)]) + " already");
  }

  std::string_view bytes_;
  const TableSpec& spec_;
  std::shared_ptr<MemoryTable> table_;
  TableResult result_;
  TimeReader time_;
  JsonTree tree_;
  std::vector<std::string> header_;
  std::vector<std::string_view> cells_;
  std::vector<std::uint64_t> lines_;  // by row
  std::uint64_t line_ = 1;
  std::uint64_t counted_ = 0;  // bytes whose lines are counted
};

}  // namespace

TableResult read_table(std::string_view bytes, const TableSpec& spec) {
  return TableReader(bytes, spec).run();
}

TableResult load_table(const std::string& path, const TableSpec& spec) {
  const auto refused = [](std::string message) {
    TableResult result;
    result.errors.push_back({0, std::move(message)});
    return result;
  };
  StreamError fault;
  const auto stream = open_byte_stream(path, fault);
  if (stream == nullptr) return refused(fault.message);
  std::string bytes;
  while (true) {
    const std::size_t have = bytes.size();
    if (have > kMaxTableBytes) return refused(path + ": a table is at most 1 GiB");
    bytes.resize(have + kReadBytes);
    const std::size_t n = stream->read(std::span(bytes).subspan(have));
    bytes.resize(have + n);
    if (n == 0) break;
  }
  if (stream->error()) return refused(stream->error().message);
  return read_table(bytes, spec);
}

}  // namespace weir::connectors
