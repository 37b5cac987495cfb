#include "codec/json_string.hpp"
#include "codec/json_tree.hpp"
#include "weir/connectors/schema_io.hpp"

namespace weir::connectors {
namespace {

/// One type for two values: integers and floats are floats, nulls say nothing.
ValueType join(ValueType a, ValueType b, bool& mixed) {
  if (a == ValueType::kNull) return b;
  if (b == ValueType::kNull || a == b) return a;
  const auto is_number = [](ValueType t) { return t == ValueType::kInt || t == ValueType::kFloat; };
  if (is_number(a) && is_number(b)) return ValueType::kFloat;
  mixed = true;
  return a;
}

ValueType type_of(const JsonNode& node) {
  switch (node.kind) {
    case JsonNode::Kind::kNull:
    case JsonNode::Kind::kObject:
      return ValueType::kNull;
    case JsonNode::Kind::kTrue:
    case JsonNode::Kind::kFalse:
      return ValueType::kBool;
    case JsonNode::Kind::kNumber:
      return node.text.find_first_of(".eE") == node.text.npos ? ValueType::kInt : ValueType::kFloat;
    case JsonNode::Kind::kString:
      return ValueType::kString;
    case JsonNode::Kind::kArray:
      return ValueType::kList;
  }
  return ValueType::kNull;
}

/// Calls visit(dotted, type) for every scalar and list of an object.
template <typename Visit>
void for_each_path(const JsonTree& tree, const JsonNode& object, const std::string& prefix,
                   ValueArena& arena, Visit&& visit) {
  tree.for_each(object, [&](const JsonNode& member) {
    const std::string name = prefix + std::string(unescape_json(member.key, arena));
    if (member.kind == JsonNode::Kind::kObject) {
      for_each_path(tree, member, name + ".", arena, visit);
    } else if (!prefix.empty() || (name != "type" && name != "ts")) {
      visit(name, type_of(member));
    }
  });
}

}  // namespace

bool SchemaInference::add(const std::string& path, const LogOptions& options,
                          std::uint64_t max_records, std::string& error) {
  FieldPlan plan;
  plan.finish();
  const auto source = LogSource::open(path, 0, options, plan, error);
  return source != nullptr && add(*source, max_records, error);
}

bool SchemaInference::add(LogSource& source, std::uint64_t max_records, std::string& error) {
  Batch batch;
  const std::uint64_t last = records_ + max_records;
  while (records_ < last && source.next(batch)) {
    rejected_ += batch.rejections.size();
    records_ += batch.rejections.size();
    for (const Event& event : batch.events) {
      if (records_ == last) return true;
      ++records_;
      look_at(event);
    }
  }
  if (source.error()) error = source.error().message;
  return !source.error();
}

void SchemaInference::look_at(const Event& event) {
  // What an alert would show of the event is what there is to see of it, whatever its format.
  std::string json;
  event.format->append_json(json, event);
  JsonTree tree;
  if (tree.parse(json) != RejectReason::kNone) return;
  auto type = types_.find(event.type_name);
  if (type == types_.end()) type = types_.emplace(event.type_name, TypeSeen{}).first;
  TypeSeen& seen = type->second;
  ++seen.count;
  ValueArena arena;
  for_each_path(tree, tree.root(), "", arena, [&](const std::string& name, ValueType value) {
    auto it = seen.fields.find(name);
    if (it == seen.fields.end()) {
      if (seen.fields.size() >= kInferFields) return;
      it = seen.fields.emplace(name, FieldSeen{}).first;
    }
    FieldSeen& field = it->second;
    field.count += value == ValueType::kNull ? 0 : 1;
    field.type = join(field.type, value, field.mixed);
  });
}

Schema SchemaInference::schema() const {
  Schema schema;
  for (const auto& [name, seen] : types_) {
    TypeSchema& type = schema.types[name];
    for (const auto& [path, field] : seen.fields) {
      type.fields[path] = {field.mixed ? ValueType::kNull : field.type, field.count < seen.count};
    }
  }
  return schema;
}

}  // namespace weir::connectors
