#include "codec/json_paths.hpp"

#include <simdjson.h>

namespace weir::connectors {
namespace {

static_assert(kRecordPadding >= simdjson::SIMDJSON_PADDING);
static_assert(kRecordPadding >= NameTable::kReadable);

/// A scalar; null for objects and arrays.
Value scalar(const JsonTree& tree, const JsonNode& node, ValueArena& arena, RejectReason& fault) {
  if (node.kind == JsonNode::Kind::kArray) return {};
  if (node.kind != JsonNode::Kind::kNumber) return tree.value(node, arena);
  const JsonNumber number = read_json_number(node.text);
  if (number.integer_overflow) fault = RejectReason::kIntegerOutOfRange;
  if (number.float_overflow) fault = RejectReason::kNumberOutOfRange;
  return number.value;
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

RejectReason JsonPaths::read(std::string_view record, ValueArena& arena, std::string& detail) {
  JsonStructure structure;
  if (!indexed_ || !index_.find(record, structure)) return read_slowly(record, arena, detail);
  tree_.begin_record();
  const JsonWalk::Place end = walk_.run(record, structure, arena);
  if (end == nullptr) return read_slowly(record, arena, detail);
  index_.advance(end);
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
  put_members(JsonPathTree::kRoot, record_.root(), arena);
  return RejectReason::kNone;
}

void JsonPaths::put_members(JsonPathTree::NodeId node, const JsonNode& object, ValueArena& arena) {
  NameTable& names = tree_.members(node);
  NameTable::Guess guess = names.first();
  record_.for_each(object, [&](const JsonNode& member) {
    const NameTable::Found found = names.find(unescape_json(member.key, arena), guess);
    guess = found.next;
    if (found.value == JsonPathTree::kNobody || !tree_.enter(found.value)) return;
    put(found.value, member, arena);
  });
}

void JsonPaths::put(JsonPathTree::NodeId node, const JsonNode& value, ValueArena& arena) {
  if (tree_.is_read(node)) {
    RejectReason fault = RejectReason::kNone;
    const Value found = value.kind == JsonNode::Kind::kArray ? list(record_, value, arena, fault)
                                                             : scalar(record_, value, arena, fault);
    tree_.put(node, found, fault);
  }
  if (value.kind == JsonNode::Kind::kObject) put_members(node, value, arena);
}

}  // namespace weir::connectors
