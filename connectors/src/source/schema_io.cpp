#include "weir/connectors/schema_io.hpp"

#include <array>

#include "codec/json_string.hpp"
#include "codec/json_tree.hpp"

namespace weir::connectors {
namespace {

constexpr std::array<std::pair<std::string_view, ValueType>, 8> kTypes = {{
    {"bool", ValueType::kBool},
    {"int", ValueType::kInt},
    {"float", ValueType::kFloat},
    {"string", ValueType::kString},
    {"timestamp", ValueType::kTimestamp},
    {"duration", ValueType::kDuration},
    {"list", ValueType::kList},
    {"any", ValueType::kNull},
}};

std::string_view name_of(ValueType type) {
  for (const auto& [name, known] : kTypes) {
    if (known == type) return name;
  }
  return "any";
}

std::optional<FieldSchema> parse_field(std::string_view text) {
  FieldSchema field;
  field.optional = text.ends_with('?');
  if (field.optional) text.remove_suffix(1);
  for (const auto& [name, type] : kTypes) {
    if (name != text) continue;
    field.type = type;
    return field;
  }
  return std::nullopt;
}

}  // namespace

std::string write_schema(const Schema& schema) {
  std::string out = "{\"types\": {";
  bool first_type = true;
  for (const auto& [type_name, type] : schema.types) {
    out += first_type ? "\n  " : ",\n  ";
    first_type = false;
    append_json_string(out, type_name);
    out += ": {";
    bool first_field = true;
    for (const auto& [path, field] : type.fields) {
      out += first_field ? "\n    " : ",\n    ";
      first_field = false;
      append_json_string(out, path);
      out += ": \"";
      out += name_of(field.type);
      out += field.optional ? "?\"" : "\"";
    }
    out += first_field ? "}" : "\n  }";
  }
  out += first_type ? "}}\n" : "\n}}\n";
  return out;
}

std::optional<Schema> read_schema(std::string_view json, std::string& error) {
  JsonTree tree;
  const RejectReason fault = tree.parse(json);
  if (fault != RejectReason::kNone) {
    error = "this is no JSON (byte " + std::to_string(tree.error_offset() + 1) + ")";
    return std::nullopt;
  }
  ValueArena arena;
  const JsonNode* types = nullptr;
  error.clear();
  if (tree.root().kind == JsonNode::Kind::kObject) {
    tree.for_each(tree.root(), [&](const JsonNode& member) {
      if (member.key == "types" && member.kind == JsonNode::Kind::kObject) {
        types = &member;
      } else {
        error = "unknown key \"" + std::string(member.key) + "\": a schema has the key types only";
      }
    });
  }
  if (types == nullptr && error.empty()) error = "this is no schema: it has no object \"types\"";
  if (!error.empty()) return std::nullopt;

  Schema schema;
  tree.for_each(*types, [&](const JsonNode& type) {
    const std::string type_name(unescape_json(type.key, arena));
    TypeSchema& target = schema.types[type_name];
    if (type.kind != JsonNode::Kind::kObject) {
      if (error.empty()) error = "type " + type_name + " is no object of fields";
      return;
    }
    tree.for_each(type, [&](const JsonNode& field) {
      const std::string path(unescape_json(field.key, arena));
      const auto parsed =
          field.kind == JsonNode::Kind::kString ? parse_field(field.text) : std::nullopt;
      if (parsed) {
        target.fields[path] = *parsed;
      } else if (error.empty()) {
        error = "type " + type_name + ", field " + path +
                ": write one of bool, int, float, string, timestamp, duration, list, any, with ? "
                "behind it where events may lack it";
      }
    });
  });
  if (!error.empty()) return std::nullopt;
  return schema;
}

std::optional<Schema> load_schema(const std::string& path, std::string& error) {
  StreamError fault;
  const auto stream = open_byte_stream(path, fault);
  if (stream == nullptr) {
    error = fault.message;
    return std::nullopt;
  }
  std::string bytes;
  while (bytes.size() <= kMaxSchemaBytes) {
    const std::size_t have = bytes.size();
    bytes.resize(have + kReadBytes);
    const std::size_t n = stream->read(std::span(bytes).subspan(have));
    bytes.resize(have + n);
    if (n == 0) break;
  }
  if (stream->error()) {
    error = stream->error().message;
    return std::nullopt;
  }
  if (bytes.size() > kMaxSchemaBytes) {
    error = path + ": a schema is at most 16 MiB";
    return std::nullopt;
  }
  auto schema = read_schema(bytes, error);
  if (!schema) error = path + ": " + error;
  return schema;
}

}  // namespace weir::connectors
