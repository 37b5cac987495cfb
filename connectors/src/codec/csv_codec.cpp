#include <algorithm>

#include "codec/cell.hpp"
#include "codec/codecs.hpp"
#include "codec/csv_row.hpp"
#include "codec/event_builder.hpp"
#include "codec/line_base.hpp"
#include "weir/event/utf8.hpp"

namespace weir::connectors {
namespace {

constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

/// How a row's cells are read: by the header, and by the schema where there is one. Immutable.
struct CsvTable {
  std::vector<std::string> columns;
  char delimiter = ',';
  std::shared_ptr<const Schema> schema;
  TimeReader time;

  /// kNull: by the cell's looks.
  ValueType type_of(const TypeSchema* declared, std::size_t column) const {
    if (declared == nullptr) return ValueType::kNull;
    const auto it = declared->fields.find(columns[column]);
    return it == declared->fields.end() ? ValueType::kNull : it->second.type;
  }
  std::optional<Value> read(std::string_view cell, ValueType type) const {
    if (type == ValueType::kNull) return read_cell(cell);
    if (cell.empty()) return Value{};
    return read_typed(cell, type, time);
  }
};

class CsvFormat final : public RecordFormat {
 public:
  explicit CsvFormat(std::shared_ptr<const CsvTable> table) : table_(std::move(table)) {}

  void append_json(std::string& out, const Event& event) const override {
    append_event_head(out, event);
    ValueArena arena;
    std::uint64_t replaced = 0;
    std::vector<std::string_view> cells;
    const std::string_view row = repair_utf8(event.raw, arena, replaced);
    if (split_csv_row(row, table_->delimiter, arena, cells) != RejectReason::kNone ||
        cells.size() != table_->columns.size()) {
      append_member(out, "raw", Value::string(row));
      out += '}';
      return;
    }
    const TypeSchema* declared =
        table_->schema == nullptr ? nullptr : table_->schema->find(event.type_name);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      const auto value = table_->read(cells[i], table_->type_of(declared, i));
      append_member(out, table_->columns[i], value.value_or(Value::string(cells[i])));
    }
    out += '}';
  }

 private:
  std::shared_ptr<const CsvTable> table_;
};

class CsvCodec final : public Codec {
 public:
  CsvCodec(const CodecOptions& options, const FieldPlan& plan)
      : options_(options), builder_(plan, options_.schema.get()), time_(options.time) {}

  RecordFraming framing() const noexcept override { return RecordFraming::kCsv; }
  bool has_header() const noexcept override { return true; }

  bool begin(std::string_view header, std::string& error) override {
    auto table = std::make_shared<CsvTable>();
    table->delimiter = options_.csv_delimiter;
    table->schema = options_.schema;
    TimeOptions cell_time;
    cell_time.zone = options_.time.zone;
    table->time = TimeReader(cell_time);
    ValueArena arena;
    std::vector<std::string_view> cells;
    const std::string_view repaired = repair_utf8(header, arena, replaced_utf8_);
    if (split_csv_row(repaired, table->delimiter, arena, cells) != RejectReason::kNone) {
      error = "the header has a quote that is not closed";
      return false;
    }
    for (const std::string_view cell : cells) {
      if (cell.empty()) {
        error = "the header has a column without a name";
        return false;
      }
      if (std::find(table->columns.begin(), table->columns.end(), cell) != table->columns.end()) {
        error = "the header has the column " + std::string(cell) + " twice";
        return false;
      }
      table->columns.emplace_back(cell);
    }
    table_ = table;
    format_ = std::make_shared<CsvFormat>(table_);
    return find_columns(error);
  }

  RejectReason decode(std::string_view record, const Timestamp* known, ValueArena& arena,
                      Event& event, std::string& detail) override {
    detail.clear();
    const std::string_view row = repair_utf8(record, arena, replaced_utf8_);
    const RejectReason split = split_csv_row(row, table_->delimiter, arena, cells_);
    if (split != RejectReason::kNone) return split;
    if (cells_.size() != table_->columns.size()) {
      detail = std::to_string(cells_.size()) + " cells, the header has " +
               std::to_string(table_->columns.size());
      return RejectReason::kCsvRaggedRow;
    }
    std::string_view type;
    if (!options_.type.empty()) {
      type = builder_.lasting(options_.type, arena);
    } else {
      type = cells_[type_column_];
      if (type.empty()) return RejectReason::kMissingType;
    }
    TimeResult time;
    if (known != nullptr) {
      time.time = *known;
    } else {
      time = time_.read_text(cells_[time_column_]);
      if (time.fault != RejectReason::kNone) return time.fault;
    }
    const TypeSchema* declared = options_.schema == nullptr ? nullptr : options_.schema->find(type);
    const auto read_field = [&](FieldId field) {
      const std::size_t column = column_of_[field];
      if (column == kNoColumn) return FieldValue{};
      const auto value = table_->read(cells_[column], table_->type_of(declared, column));
      return value ? FieldValue{*value} : FieldValue{{}, RejectReason::kBadValue};
    };
    const RejectReason fault = builder_.build(type, time.time, arena, event, detail, read_field);
    event.raw = record;
    event.format = format_.get();
    return fault;
  }

  std::shared_ptr<const RecordFormat> format() const override { return format_; }

 private:
  std::size_t column(std::string_view name) const {
    const auto it = std::find(table_->columns.begin(), table_->columns.end(), name);
    return it == table_->columns.end() ? kNoColumn
                                       : static_cast<std::size_t>(it - table_->columns.begin());
  }

  /// A header of one column that looks like several: what parts them. Else empty.
  std::string other_delimiter() const {
    if (table_->columns.size() != 1) return {};
    const std::size_t at = table_->columns.front().find_first_of(";\t|");
    if (at == std::string::npos) return {};
    const char found = table_->columns.front()[at];
    return "cells are parted by commas, not by " + (found == '\t' ? "tabs" : std::string(1, found));
  }

  /// Which columns hold the type, the time, and the plan's fields.
  bool find_columns(std::string& error) {
    const std::string type_field = options_.type_field.empty() ? "type" : options_.type_field;
    type_column_ = column(type_field);
    if (type_column_ == kNoColumn && options_.type.empty()) {
      error = "the header has no column " + type_field + ": " +
              (other_delimiter().empty() ? "--type-field names the column that holds the type, "
                                           "--type gives all events one"
                                         : other_delimiter());
      return false;
    }
    time_column_ = kNoColumn;
    if (!options_.time_field.empty()) {
      time_column_ = column(options_.time_field);
    } else {
      for (const std::string_view name : usual_time_fields()) {
        time_column_ = column(name);
        if (time_column_ != kNoColumn) break;
      }
    }
    if (time_column_ == kNoColumn) {
      error = options_.time_field.empty()
                  ? "the header has no column with a usual name of the time (ts, timestamp, time, "
                    "...): " +
                        (other_delimiter().empty() ? "--time-field says which column it is"
                                                   : other_delimiter())
                  : "the header has no column " + options_.time_field;
      return false;
    }
    column_of_.clear();
    for (FieldId field = 0; field < builder_.plan().field_count(); ++field) {
      column_of_.push_back(column(builder_.plan().field(field).dotted));
    }
    return true;
  }

  CodecOptions options_;
  EventBuilder builder_;
  TimeReader time_;
  std::shared_ptr<const CsvTable> table_;
  std::shared_ptr<const CsvFormat> format_;
  std::size_t type_column_ = kNoColumn;
  std::size_t time_column_ = kNoColumn;
  std::vector<std::size_t> column_of_;  // by FieldId
  std::vector<std::string_view> cells_;
};

}  // namespace

std::unique_ptr<Codec> make_csv_codec(const CodecOptions& options, const FieldPlan& plan) {
  return std::make_unique<CsvCodec>(options, plan);
}

}  // namespace weir::connectors
