#include <algorithm>

#include "codec/codecs.hpp"
#include "codec/event_builder.hpp"
#include "codec/json_paths.hpp"
#include "codec/json_string.hpp"
#include "codec/json_tree.hpp"
#include "codec/line_base.hpp"
#include "codec/line_matcher.hpp"
#include "time/utc_time.hpp"

namespace weir::connectors {
namespace {

class JsonCodec final : public Codec {
 public:
  JsonCodec(const CodecOptions& options, const FieldPlan& plan,
            std::shared_ptr<const JsonMatcher> matcher)
      : type_(options.type),
        schema_(options.schema),
        builder_(plan, schema_.get()),
        time_(options.time),
        reads_iso8601_(options.time.format == TimeFormat::kAuto ||
                       options.time.format == TimeFormat::kIso8601),
        matcher_(std::move(matcher)),
        format_(std::make_shared<JsonRecordFormat>(matcher_)) {
    // Paths 0.. are the plan's fields; then those of type, text and time that are none of them.
    std::vector<std::string> paths;
    for (FieldId field = kTypeField + 1; field < plan.field_count(); ++field) {
      paths.push_back(plan.field(field).dotted);
    }
    const auto path_of = [&](std::string_view dotted) {
      const auto it = std::find(paths.begin(), paths.end(), dotted);
      const auto path = static_cast<std::size_t>(it - paths.begin());
      if (it == paths.end()) paths.emplace_back(dotted);
      return path;
    };
    type_path_ = path_of(options.type_field.empty() ? "type" : options.type_field);
    if (matcher_ != nullptr) on_path_ = path_of(matcher_->on);
    if (options.time_field.empty()) {
      for (const std::string_view name : usual_time_fields()) time_paths_.push_back(path_of(name));
    } else {
      time_paths_.push_back(path_of(options.time_field));
    }
    paths_ = std::make_unique<JsonPaths>(paths, options.json_index);
    for (TypeId type = 0; type < plan.type_count(); ++type) {
      std::vector<std::size_t> slots;
      for (const FieldId field : plan.type(type).fields) slots.push_back(path_of_field(field));
      slot_paths_.push_back(paths_->found().select(slots));
    }
    if (matcher_ == nullptr) return;
    for (const std::string& name : matcher_->lines->names()) {
      capture_fields_.push_back(builder_.find(name));
    }
  }

  void look_ahead(std::string_view bytes) override { paths_->look_ahead(bytes); }

  RejectReason decode(std::string_view record, const Timestamp* known, ValueArena& arena,
                      Event& event, std::string& detail) override {
    detail.clear();
    if (const auto fault = paths_->read(record, arena, detail); fault != RejectReason::kNone) {
      return fault;
    }
    Timestamp ts;
    if (known != nullptr) {
      ts = *known;
    } else if (const auto fault = read_time(ts, detail); fault != RejectReason::kNone) {
      return fault;
    }
    std::string_view type;
    if (const auto fault = read_type(arena, type, detail); fault != RejectReason::kNone) {
      return fault;
    }
    auto fault = RejectReason::kNone;
    if (paths_->found().faulty() || !captures_.empty() || builder_.judges()) {
      fault = builder_.build(type, ts, arena, event, detail,
                             [&](FieldId field) { return read_field(field); });
    } else {
      builder_.build(type, ts, arena, event, [&](TypeId of, Value* slots) {
        paths_->found().values(slot_paths_[of], slots);
      });
    }
    event.raw = record;
    event.format = format_.get();
    return fault;
  }

  std::shared_ptr<const RecordFormat> format() const override { return format_; }

 private:
  RejectReason read_time(Timestamp& ts, std::string& detail) {
    const JsonPathTree& found = paths_->found();
    for (const std::size_t path : time_paths_) {
      if (found.faulty()) {
        const RejectReason fault = found.at(path).fault;
        if (fault == RejectReason::kDuplicateKey) detail = "the time field";
        if (fault == RejectReason::kDuplicateKey) return fault;
        if (fault != RejectReason::kNone) return RejectReason::kTimeOutOfRange;
      }
      const Value value = found.value(path);
      if (value.is_null()) continue;
      if (reads_iso8601_ && value.type() == ValueType::kString &&
          utc_.read(value.as_string(), ts)) {
        return RejectReason::kNone;
      }
      const TimeResult time = time_.read(value);
      ts = time.time;
      return time.fault;
    }
    return RejectReason::kMissingTime;
  }

  /// The expressions' type, and what they captured; else the record's own. It lasts as the event.
  RejectReason read_type(ValueArena& arena, std::string_view& type, std::string& detail) {
    if (matcher_ != nullptr) {
      captures_.clear();
      const JsonFound on = paths_->found().at(on_path_);
      if (on.fault == RejectReason::kDuplicateKey) {
        detail = "field " + matcher_->on;
        return on.fault;
      }
      type = kUnparsedType;
      if (on.value.type() != ValueType::kString) return RejectReason::kNone;
      type = matcher_->lines->match(on.value.as_string(), captures_);
      return RejectReason::kNone;
    }
    if (!type_.empty()) {
      type = builder_.lasting(type_, arena);
      return RejectReason::kNone;
    }
    if (!paths_->found().faulty()) {
      const Value value = paths_->found().value(type_path_);
      if (value.type() == ValueType::kString && !value.as_string().empty()) {
        type = value.as_string();
        return RejectReason::kNone;
      }
    }
    const JsonFound found = paths_->found().at(type_path_);
    if (found.fault != RejectReason::kNone) {
      detail = "the type field";
      return found.fault;
    }
    if (found.value.is_null() && found.route == JsonFound::Route::kNowhere) {
      return RejectReason::kMissingType;
    }
    if (found.value.type() != ValueType::kString || found.value.as_string().empty()) {
      return RejectReason::kBadType;
    }
    type = found.value.as_string();
    return RejectReason::kNone;
  }

  static std::size_t path_of_field(FieldId field) noexcept { return field - kTypeField - 1; }

  FieldValue read_field(FieldId field) const {
    // What an expression captured goes before a member of that name.
    for (const LineMatcher::Capture& capture : captures_) {
      if (capture_fields_[capture.name] == field) return {capture.value, RejectReason::kNone};
    }
    const JsonFound found = paths_->found().at(path_of_field(field));
    return {found.value, found.fault};
  }

  std::string type_;
  std::shared_ptr<const Schema> schema_;
  EventBuilder builder_;
  TimeReader time_;
  UtcTimeReader utc_;  // of texts that are in its form, where time_ reads these, too
  bool reads_iso8601_;
  std::shared_ptr<const JsonMatcher> matcher_;  // null: the record has its own type
  std::shared_ptr<const JsonRecordFormat> format_;
  std::unique_ptr<JsonPaths> paths_;
  std::vector<JsonPathTree::Selection> slot_paths_;  // by type
  std::size_t type_path_ = 0;
  std::size_t on_path_ = 0;
  std::vector<std::size_t> time_paths_;  // the first that a record has
  std::vector<FieldId> capture_fields_;
  std::vector<LineMatcher::Capture> captures_;
};

/// The text at a dotted path of an object: the nested one, else a member named by the whole path.
const JsonNode* find_node(const JsonTree& tree, const JsonNode& object, std::string_view dotted,
                          ValueArena& arena) {
  const JsonNode* literal = nullptr;
  const JsonNode* nested = nullptr;
  const std::size_t dot = dotted.find('.');
  tree.for_each(object, [&](const JsonNode& member) {
    const std::string_view key = unescape_json(member.key, arena);
    if (key == dotted) literal = &member;
    if (dot != dotted.npos && key == dotted.substr(0, dot) &&
        member.kind == JsonNode::Kind::kObject) {
      nested = find_node(tree, member, dotted.substr(dot + 1), arena);
    }
  });
  return nested != nullptr ? nested : literal;
}

}  // namespace

void append_event_head(std::string& out, const Event& event) {
  out += "{\"type\":";
  append_json_string(out, event.type_name);
  out += ",\"ts\":\"";
  append_iso8601(out, event.ts);
  out += '"';
}

void JsonRecordFormat::append_json(std::string& out, const Event& event) const {
  append_event_head(out, event);
  JsonTree tree;
  if (tree.parse(event.raw) != RejectReason::kNone || tree.root().kind != JsonNode::Kind::kObject) {
    out += ",\"raw\":";
    append_json_string(out, event.raw);
    out += '}';
    return;
  }
  ValueArena arena;
  std::vector<LineMatcher::Capture> captures;
  if (matcher_ != nullptr) {
    const JsonNode* on = find_node(tree, tree.root(), matcher_->on, arena);
    if (on != nullptr && on->kind == JsonNode::Kind::kString) {
      matcher_->lines->match(unescape_json(on->text, arena), captures);
    }
  }
  const auto is_captured = [&](std::string_view key) {
    for (const LineMatcher::Capture& capture : captures) {
      if (matcher_->lines->names()[capture.name] == key) return true;
    }
    return false;
  };
  tree.for_each(tree.root(), [&](const JsonNode& member) {
    const std::string_view key = unescape_json(member.key, arena);
    if (key == "type" || key == "ts" || is_captured(key)) return;
    out += ",\"";
    out += member.key;
    out += "\":";
    if (member.kind == JsonNode::Kind::kString) {
      out += '"';
      out += member.text;
      out += '"';
    } else {
      out += member.text;
    }
  });
  for (const LineMatcher::Capture& capture : captures) {
    append_member(out, matcher_->lines->names()[capture.name], capture.value);
  }
  out += '}';
}

void append_member(std::string& out, std::string_view name, const Value& value) {
  if (name == "type" || name == "ts") return;
  out += ',';
  append_json_string(out, name);
  out += ':';
  weir::append_json(out, value);
}

std::shared_ptr<const RecordFormat> json_record_format() {
  static const auto format = std::make_shared<const JsonRecordFormat>(nullptr);
  return format;
}

std::unique_ptr<Codec> make_json_codec(const CodecOptions& options, const FieldPlan& plan,
                                       std::string& error) {
  std::shared_ptr<JsonMatcher> matcher;
  if (options.spec != nullptr && !options.spec->lines.empty()) {
    matcher = std::make_shared<JsonMatcher>();
    matcher->on = options.spec->on.empty() ? "message" : options.spec->on;
    matcher->lines = LineMatcher::make(options.spec->lines, options.time, error);
    if (matcher->lines == nullptr) return nullptr;
  }
  return std::make_unique<JsonCodec>(options, plan, std::move(matcher));
}

}  // namespace weir::connectors
