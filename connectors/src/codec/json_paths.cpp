#include "codec/json_paths.hpp"

#include <simdjson.h>

#include "codec/json_walk.hpp"

namespace weir::connectors {
namespace {

static_assert(kRecordPadding >= simdjson::SIMDJSON_PADDING);
static_assert(kRecordPadding >= NameTable::kReadable);

/// The value of a number, and why it has none.
Value number(std::string_view text, RejectReason& fault) {
  const JsonNumber number = read_json_number(text);
  if (number.integer_overflow) fault = RejectReason::kIntegerOutOfRange;
  if (number.float_overflow) fault = RejectReason::kNumberOutOfRange;
  return number.value;
}

/// A scalar; null for objects and arrays.
Value scalar(const JsonTree& tree, const JsonNode& node, ValueArena& arena, RejectReason& fault) {
  if (node.kind == JsonNode::Kind::kNumber) return number(node.text, fault);
  if (node.kind == JsonNode::Kind::kArray) return {};
  return tree.value(node, arena);
}

Value list(const JsonTree& tree, const JsonNode& array, ValueArena& arena, RejectReason& fault) {
  std::size_t count = 0;
  tree.for_each(array, [&](const JsonNode&) { ++count; });
  const std::span<Value> items = arena.make_list(count);
  std::size_t i = 0;
  tree.for_each(array,
                [&](const JsonNode& item) { items[i++] = scalar(tree, item, arena, fault); });
  return Value::list(items);
}

}  // namespace

bool JsonWalk::rare(std::string_view text, bool read, Value& out, RejectReason& fault) {
  if (text == "null") return true;
  if (text == "true" || text == "false") {
    out = Value::boolean(text.front() == 't');
    return true;
  }
  if (!is_json_number(text)) return false;
  if (read) out = number(text, fault);
  return true;
}

bool JsonWalk::resolve(std::string_view& key) {
  if (key.find('\\') == key.npos) return true;
  if (!json_escapes_valid(key)) return false;
  scratch_.resize(key.size() + NameTable::kReadable);
  key = {scratch_.data(), unescape_json(key, scratch_.data())};
  return true;
}

RejectReason JsonPaths::read(std::string_view record, ValueArena& arena, std::string& detail) {
  JsonStructure structure;
  if (!index_.find(record, structure)) return read_slowly(record, arena, detail);
  tree_.begin_record();
  JsonWalk walk(tree_, arena, scratch_, items_);
  if (!walk.run(record, structure)) return read_slowly(record, arena, detail);
  index_.advance(walk.at());
  return RejectReason::kNone;
}

RejectReason JsonPaths::read_slowly(std::string_view record, ValueArena& arena,
                                    std::string& detail) {
  const RejectReason fault = record_.parse(record);
  if (fault != RejectReason::kNone) {
    detail = "at byte " + std::to_string(record_.error_offset() + 1);
    return fault;
  }
  if (record_.root().kind != JsonNode::Kind::kObject) return RejectReason::kJsonNoObject;
  tree_.begin_record();
  walk(tree_.root(), record_.root(), arena);
  return RejectReason::kNone;
}

void JsonPaths::walk(JsonPathTree::Node& node, const JsonNode& object, ValueArena& arena) {
  NameTable::Guess guess = node.members.first();
  record_.for_each(object, [&](const JsonNode& member) {
    const std::string_view key = pad_record(unescape_json(member.key, arena), arena);
    const std::uint32_t index = node.members.find(key, guess);
    if (index == NameTable::kNone) return;
    JsonPathTree::Node& child = tree_.child(index);
    if (!tree_.enter(child)) return;
    if (!child.paths.empty()) {
      RejectReason fault = RejectReason::kNone;
      const bool is_list = member.kind == JsonNode::Kind::kArray;
      const Value value =
          is_list ? list(record_, member, arena, fault) : scalar(record_, member, arena, fault);
      tree_.put(child, value, fault);
    }
    if (member.kind == JsonNode::Kind::kObject) walk(child, member, arena);
  });
}

}  // namespace weir::connectors
