#include "codec/json_paths.hpp"

#include <simdjson.h>

#include <algorithm>
#include <limits>

#include "codec/cell.hpp"
#include "codec/json_tree.hpp"

namespace weir::connectors {
namespace {

static_assert(kRecordPadding >= simdjson::SIMDJSON_PADDING);

namespace dom = simdjson::dom;
using Route = JsonFound::Route;

/// One element of the slow reader's tree, to be read like simdjson's.
struct TreeElement {
  const JsonTree* tree;
  const JsonNode* node;
};

bool is_object(const dom::element& element) {
  return element.is_object();
}
bool is_object(const TreeElement& element) {
  return element.node->kind == JsonNode::Kind::kObject;
}

template <typename Visit>
void for_each_member(const dom::element& object, ValueArena&, Visit&& visit) {
  for (const auto& member : dom::object(object.get_object().value_unsafe())) {
    visit(member.key, member.value);
  }
}
template <typename Visit>
void for_each_member(const TreeElement& object, ValueArena& arena, Visit&& visit) {
  object.tree->for_each(*object.node, [&](const JsonNode& member) {
    visit(unescape_json(member.key, arena), TreeElement{object.tree, &member});
  });
}

/// A scalar; null for objects and arrays.
Value scalar(const dom::element& element, ValueArena& arena, RejectReason& fault) {
  switch (element.type()) {
    case dom::element_type::INT64:
      return Value::integer(element.get_int64().value_unsafe());
    case dom::element_type::UINT64:
      fault = RejectReason::kIntegerOutOfRange;
      return {};
    case dom::element_type::DOUBLE:
      return Value::real(element.get_double().value_unsafe());
    case dom::element_type::STRING:
      return Value::string(arena.copy(element.get_string().value_unsafe()));
    case dom::element_type::BOOL:
      return Value::boolean(element.get_bool().value_unsafe());
    case dom::element_type::ARRAY:
    case dom::element_type::OBJECT:
    case dom::element_type::NULL_VALUE:
      break;
  }
  return {};
}
Value scalar(const TreeElement& element, ValueArena& arena, RejectReason& fault) {
  if (element.node->kind == JsonNode::Kind::kNumber) {
    const JsonNumber number = read_json_number(element.node->text);
    if (number.integer_overflow) fault = RejectReason::kIntegerOutOfRange;
    if (number.float_overflow) fault = RejectReason::kNumberOutOfRange;
    return number.value;
  }
  if (element.node->kind == JsonNode::Kind::kArray) return {};
  return element.tree->value(*element.node, arena);
}

bool is_array(const dom::element& element) {
  return element.is_array();
}
bool is_array(const TreeElement& element) {
  return element.node->kind == JsonNode::Kind::kArray;
}

Value list(const dom::element& element, ValueArena& arena, RejectReason& fault) {
  const dom::array array = element.get_array().value_unsafe();
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& item : array) ++count;
  const std::span<Value> items = arena.make_list(count);
  std::size_t i = 0;
  for (const auto& item : array) items[i++] = scalar(item, arena, fault);
  return Value::list(items);
}
Value list(const TreeElement& element, ValueArena& arena, RejectReason& fault) {
  std::size_t count = 0;
  element.tree->for_each(*element.node, [&](const JsonNode&) { ++count; });
  const std::span<Value> items = arena.make_list(count);
  std::size_t i = 0;
  element.tree->for_each(*element.node, [&](const JsonNode& item) {
    items[i++] = scalar(TreeElement{element.tree, &item}, arena, fault);
  });
  return Value::list(items);
}

constexpr std::uint32_t kRoot = 0;
constexpr std::uint32_t kNoNode = std::numeric_limits<std::uint32_t>::max();

}  // namespace

/// One segment of the paths that begin alike.
struct JsonPaths::Node {
  std::vector<std::pair<std::string, std::uint32_t>> children;
  std::vector<std::uint32_t> paths;  // that end here
  std::uint64_t seen = 0;            // the last record that had this member
};

struct JsonPaths::Reader {
  dom::parser parser;
  JsonTree tree;
};

JsonPaths::JsonPaths(const std::vector<std::string>& dotted)
    : nodes_(1), found_(dotted.size()), reader_(std::make_unique<Reader>()) {
  for (std::uint32_t path = 0; path < dotted.size(); ++path) {
    std::string_view rest = dotted[path];
    std::uint32_t node = kRoot;
    bool nested = false;
    while (true) {
      const std::size_t dot = rest.find('.');
      const std::string_view segment = rest.substr(0, dot);
      std::uint32_t next = child(node, segment);
      if (next == kNoNode) {
        next = static_cast<std::uint32_t>(nodes_.size());
        nodes_[node].children.emplace_back(segment, next);
        nodes_.emplace_back();
      }
      node = next;
      if (dot == rest.npos) break;
      nested = true;
      rest.remove_prefix(dot + 1);
    }
    nodes_[node].paths.push_back(path);
    if (!nested) continue;
    const auto same = std::find_if(literals_.begin(), literals_.end(), [&](const auto& literal) {
      return literal.first == dotted[path];
    });
    if (same != literals_.end()) {
      same->second.push_back(path);
    } else {
      literals_.push_back({dotted[path], {path}});
    }
  }
}

JsonPaths::~JsonPaths() = default;

std::uint32_t JsonPaths::child(std::uint32_t node, std::string_view key) {
  for (const auto& [name, index] : nodes_[node].children) {
    if (name == key) return index;
  }
  return kNoNode;
}

void JsonPaths::begin_record() {
  ++record_;
  std::fill(found_.begin(), found_.end(), JsonFound{});
}

void JsonPaths::mark_duplicate(std::uint32_t node) {
  for (const std::uint32_t path : nodes_[node].paths) {
    found_[path].fault = RejectReason::kDuplicateKey;
  }
  for (const auto& [name, index] : nodes_[node].children) mark_duplicate(index);
}

template <typename Element>
void JsonPaths::put(std::uint32_t path, Route route, const Element& element, ValueArena& arena) {
  JsonFound& found = found_[path];
  if (found.route > route || found.fault == RejectReason::kDuplicateKey) return;
  if (found.route == route) {
    found.fault = RejectReason::kDuplicateKey;
    return;
  }
  found.route = route;
  found.fault = RejectReason::kNone;
  found.value =
      is_array(element) ? list(element, arena, found.fault) : scalar(element, arena, found.fault);
}

template <typename Element>
void JsonPaths::meet(std::uint32_t node, const Element& element, ValueArena& arena) {
  if (nodes_[node].seen == record_) {
    mark_duplicate(node);
    return;
  }
  nodes_[node].seen = record_;
  for (const std::uint32_t path : nodes_[node].paths) put(path, Route::kNested, element, arena);
  if (!nodes_[node].children.empty() && is_object(element)) walk(node, element, arena);
}

template <typename Object>
void JsonPaths::walk(std::uint32_t node, const Object& object, ValueArena& arena) {
  for_each_member(object, arena, [&](std::string_view key, const auto& element) {
    const std::uint32_t next = child(node, key);
    if (next != kNoNode) meet(next, element, arena);
    if (node != kRoot || literals_.empty()) return;
    for (const auto& [name, paths] : literals_) {
      if (name != key) continue;
      for (const std::uint32_t path : paths) put(path, Route::kLiteral, element, arena);
    }
  });
}

RejectReason JsonPaths::read(std::string_view record, ValueArena& arena, std::string& detail) {
  dom::parser& parser = reader_->parser;
  if (parser.capacity() < record.size() || parser.max_depth() != kMaxJsonDepth) {
    // With room to spare, so that records that grow do not allocate each time.
    if (parser.allocate(std::max<std::size_t>(2 * record.size(), 4096), kMaxJsonDepth) !=
        simdjson::SUCCESS) {
      return read_slowly(record, arena, detail);
    }
  }
  dom::element root;
  if (parser.parse(record.data(), record.size(), false).get(root) != simdjson::SUCCESS) {
    return read_slowly(record, arena, detail);
  }
  if (!root.is_object()) return RejectReason::kJsonNoObject;
  begin_record();
  walk(kRoot, root, arena);
  return RejectReason::kNone;
}

RejectReason JsonPaths::read_slowly(std::string_view record, ValueArena& arena,
                                    std::string& detail) {
  JsonTree& tree = reader_->tree;
  const RejectReason fault = tree.parse(record);
  if (fault != RejectReason::kNone) {
    detail = "at byte " + std::to_string(tree.error_offset() + 1);
    return fault;
  }
  const TreeElement root{&tree, &tree.root()};
  if (!is_object(root)) return RejectReason::kJsonNoObject;
  begin_record();
  walk(kRoot, root, arena);
  return RejectReason::kNone;
}

}  // namespace weir::connectors
