#include <algorithm>
#include <optional>

#include "codec/codecs.hpp"
#include "codec/event_builder.hpp"
#include "codec/line_base.hpp"
#include "codec/line_matcher.hpp"
#include "time/year_tracker.hpp"

namespace weir::connectors {
namespace {

constexpr std::size_t kNoField = static_cast<std::size_t>(-1);

/// What a line says, however it is used: for an event or for evidence. Immutable.
class LineReader {
 public:
  LineReader(std::unique_ptr<LineBase> base, std::unique_ptr<LineMatcher> matcher)
      : base_(std::move(base)), matcher_(std::move(matcher)) {}

  const LineBase& base() const { return *base_; }
  const LineMatcher* matcher() const { return matcher_.get(); }
  /// False where the base has no such field.
  bool set_on(std::string_view name) {
    on_ = index_of(name);
    return on_ != kNoField;
  }
  std::size_t index_of(std::string_view name) const {
    const auto& names = base_->names();
    const auto it = std::find(names.begin(), names.end(), name);
    return it == names.end() ? kNoField : static_cast<std::size_t>(it - names.begin());
  }

  struct Line {
    std::vector<Value> values;  // one a name of the base
    LineTime time;
    std::string_view type;  // by the expressions; empty where there are none
    std::vector<LineMatcher::Capture> captures;
  };
  RejectReason read(std::string_view text, Line& line, ValueArena& arena) const {
    line.values.assign(base_->names().size(), Value{});
    line.time = {};
    line.captures.clear();
    line.type = {};
    const RejectReason fault = base_->read(text, line.values, line.time, arena);
    if (fault != RejectReason::kNone || matcher_ == nullptr) return fault;
    const Value& on = line.values[on_];
    line.type = on.type() == ValueType::kString ? matcher_->match(on.as_string(), line.captures)
                                                : kUnparsedType;
    return RejectReason::kNone;
  }

 private:
  std::unique_ptr<LineBase> base_;
  std::unique_ptr<LineMatcher> matcher_;  // may be null
  std::size_t on_ = 0;
};

class LineFormat final : public RecordFormat {
 public:
  explicit LineFormat(std::shared_ptr<const LineReader> reader) : reader_(std::move(reader)) {}

  void append_json(std::string& out, const Event& event) const override {
    append_event_head(out, event);
    ValueArena arena;
    std::uint64_t replaced = 0;
    LineReader::Line line;
    const std::string_view text = repair_utf8(event.raw, arena, replaced);
    if (reader_->read(text, line, arena) != RejectReason::kNone) {
      append_member(out, "raw", Value::string(text));
      out += '}';
      return;
    }
    const auto& names = reader_->base().names();
    for (std::size_t i = 0; i < reader_->base().shown(); ++i) {
      if (!line.values[i].is_null() && !captured(line, names[i])) {
        append_member(out, names[i], line.values[i]);
      }
    }
    for (const LineMatcher::Capture& capture : line.captures) {
      append_member(out, reader_->matcher()->names()[capture.name], capture.value);
    }
    out += '}';
  }

 private:
  bool captured(const LineReader::Line& line, std::string_view name) const {
    return std::any_of(line.captures.begin(), line.captures.end(), [&](const auto& capture) {
      return reader_->matcher()->names()[capture.name] == name;
    });
  }

  std::shared_ptr<const LineReader> reader_;
};

LogFormat base_of(const CodecOptions& options) {
  return options.spec != nullptr ? options.spec->base : options.format;
}

class LineCodec final : public Codec {
 public:
  LineCodec(const CodecOptions& options, const FieldPlan& plan,
            std::shared_ptr<const LineReader> reader)
      : type_(options.type),
        schema_(options.schema),
        builder_(plan, schema_.get()),
        values_(plan.field_count()),
        reader_(std::move(reader)),
        format_(std::make_shared<LineFormat>(reader_)),
        user_time_(options.time),
        iso_time_(with_format(options.time, TimeFormat::kIso8601, {})),
        access_time_(with_format(options.time, TimeFormat::kStrptime, "%d/%b/%Y:%H:%M:%S %z")),
        years_(options.year, options.year_rollover, user_time_.options().zone),
        in_order_(options.year_rollover && base_of(options) == LogFormat::kSyslog) {
    if (!options.type_field.empty()) type_index_ = reader_->index_of(options.type_field);
    for (const std::string& name : reader_->base().names()) {
      base_fields_.push_back(builder_.find(name));
    }
    if (reader_->matcher() == nullptr) return;
    for (const std::string& name : reader_->matcher()->names()) {
      capture_fields_.push_back(builder_.find(name));
    }
  }

  /// A syslog time without a year is placed by the one before it.
  bool in_order() const noexcept override { return in_order_; }

  RejectReason decode(std::string_view record, const Timestamp* known, ValueArena& arena,
                      Event& event, std::string& detail) override {
    detail.clear();
    const std::string_view text = repair_utf8(record, arena, replaced_utf8_);
    RejectReason fault = reader_->read(text, line_, arena);
    if (fault != RejectReason::kNone) return fault;
    Timestamp ts;
    if (known != nullptr) {
      ts = *known;
    } else {
      const TimeResult time = read_time(line_.time);
      if (time.fault != RejectReason::kNone) return time.fault;
      ts = time.time;
    }
    std::string_view type;
    fault = read_type(arena, type);
    if (fault != RejectReason::kNone) return fault;
    for (const FieldId field : capture_fields_) values_[field] = {};
    for (std::size_t i = 0; i < base_fields_.size(); ++i) {
      values_[base_fields_[i]] = line_.values[i];
    }
    for (const LineMatcher::Capture& capture : line_.captures) {
      values_[capture_fields_[capture.name]] = capture.value;
    }
    fault = builder_.build(type, ts, arena, event, detail,
                           [&](FieldId field) { return FieldValue{values_[field]}; });
    event.raw = record;
    event.format = format_.get();
    return fault;
  }

  std::shared_ptr<const RecordFormat> format() const override { return format_; }

 private:
  static TimeReader with_format(TimeOptions options, TimeFormat format, std::string strptime) {
    options.format = format;
    options.strptime = std::move(strptime);
    return TimeReader(std::move(options));
  }

  TimeResult read_time(const LineTime& time) {
    switch (time.kind) {
      case LineTime::Kind::kNone:
        break;
      case LineTime::Kind::kIso8601:
        return iso_time_.read_text(time.text);
      case LineTime::Kind::kAccessLog:
        return access_time_.read_text(time.text);
      case LineTime::Kind::kUser:
        return user_time_.read_text(time.text);
      case LineTime::Kind::kYearless:
        return years_.place(time.civil);
    }
    return {{}, RejectReason::kMissingTime};
  }

  /// What lasts as long as the event.
  RejectReason read_type(ValueArena& arena, std::string_view& type) {
    type = line_.type;
    if (!type.empty()) return RejectReason::kNone;
    type = type_.empty() ? reader_->base().default_type() : builder_.lasting(type_, arena);
    if (type_index_ == kNoField || !type_.empty()) return RejectReason::kNone;
    const Value& value = line_.values[type_index_];
    if (value.is_null()) return RejectReason::kMissingType;
    if (value.type() != ValueType::kString) return RejectReason::kBadType;
    type = value.as_string();
    return RejectReason::kNone;
  }

  std::string type_;
  std::shared_ptr<const Schema> schema_;
  EventBuilder builder_;
  std::vector<Value> values_;  // by FieldId; at kTsField those that no rule reads
  std::shared_ptr<const LineReader> reader_;
  std::shared_ptr<const LineFormat> format_;
  TimeReader user_time_;
  TimeReader iso_time_;
  TimeReader access_time_;
  YearTracker years_;
  bool in_order_;
  std::size_t type_index_ = kNoField;
  std::vector<FieldId> base_fields_;
  std::vector<FieldId> capture_fields_;
  LineReader::Line line_;
};

std::unique_ptr<LineBase> make_base(LogFormat format, const CodecOptions& options,
                                    std::string& error) {
  switch (format) {
    case LogFormat::kSyslog:
      return syslog_base();
    case LogFormat::kAccessLog:
      return access_log_base();
    case LogFormat::kText:
      return text_base();
    case LogFormat::kRegex:
      return regex_base(options.pattern, options.time_field, error);
    case LogFormat::kAuto:
    case LogFormat::kNdjson:
    case LogFormat::kCsv:
      break;
  }
  error = "this is no format of lines";
  return nullptr;
}

}  // namespace

std::unique_ptr<Codec> make_line_codec(const CodecOptions& options, const FieldPlan& plan,
                                       std::string& error) {
  const FormatSpec* spec = options.spec.get();
  auto base = make_base(base_of(options), options, error);
  if (base == nullptr) return nullptr;
  std::unique_ptr<LineMatcher> matcher;
  if (spec != nullptr && !spec->lines.empty()) {
    matcher = LineMatcher::make(spec->lines, options.time, error);
    if (matcher == nullptr) return nullptr;
  }
  const bool matches = matcher != nullptr;
  auto reader = std::make_shared<LineReader>(std::move(base), std::move(matcher));
  if (matches) {
    const std::string on(spec->on.empty() ? reader->base().default_on() : spec->on);
    if (!reader->set_on(on)) {
      error = "format " + spec->name + ": its base has no field " + on;
      return nullptr;
    }
  }
  if (!options.type_field.empty() && options.type.empty() && !matches &&
      reader->index_of(options.type_field) == kNoField) {
    error = "this format has no field " + options.type_field + " to take the type from";
    return nullptr;
  }
  return std::make_unique<LineCodec>(options, plan, std::move(reader));
}

}  // namespace weir::connectors
