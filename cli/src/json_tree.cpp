#include "json_tree.hpp"

#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>
#include <limits>

namespace weir::cli {
namespace {

Tree from_dom(const simdjson::dom::element& e) {
  using Type = simdjson::dom::element_type;
  Tree tree;
  switch (e.type()) {
    case Type::OBJECT:
      tree.kind = Tree::Kind::kMap;
      for (const auto& [key, value] : simdjson::dom::object(e)) {
        tree.entries.push_back({std::string(key), from_dom(value)});
      }
      break;
    case Type::ARRAY:
      tree.kind = Tree::Kind::kList;
      for (const auto& value : simdjson::dom::array(e)) tree.items.push_back(from_dom(value));
      break;
    case Type::INT64:
      tree = Tree::of(Value::integer(std::int64_t(e)));
      break;
    case Type::UINT64:  // past 63 bits only
      tree = Tree::of(Value::real(static_cast<double>(std::uint64_t(e))));
      break;
    case Type::DOUBLE:
      tree = Tree::of(Value::real(double(e)));
      break;
    case Type::STRING:
      tree = Tree::string(std::string_view(e));
      break;
    case Type::BOOL:
      tree = Tree::of(Value::boolean(bool(e)));
      break;
    case Type::NULL_VALUE:
      break;
  }
  return tree;
}

void append_fields(std::string& out, const std::string& prefix, const Tree& record) {
  for (const auto& [key, value] : record.entries) {
    const std::string name = prefix.empty() ? key : prefix + "." + key;
    if (prefix.empty() && (key == "type" || key == "ts")) continue;
    if (value.kind == Tree::Kind::kMap && !value.entries.empty()) {
      append_fields(out, name, value);
      continue;
    }
    if (!out.empty()) out += ' ';
    out += name;
    out += '=';
    out += show(value);
  }
}

bool is_bare(std::string_view s) {
  if (s.empty() || s == "true" || s == "false" || s == "null") return false;
  const bool plain = std::all_of(s.begin(), s.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 0x80 ||
           (u > 0x20 && u != 0x7f &&
            std::string_view("\"'{}[],#:").find(c) == std::string_view::npos) ||
           c == ':';
  });
  // A number would read back as one.
  const bool number = s.find_first_not_of("0123456789+-.eE") == std::string_view::npos &&
                      std::count(s.begin(), s.end(), '.') <= 1;
  return plain && !number;
}

}  // namespace

Tree Tree::string(std::string_view s) {
  Tree tree;
  tree.kind = Kind::kString;
  tree.text = s;
  return tree;
}

Tree Tree::of(const Value& value) {
  Tree tree;
  switch (value.type()) {
    case ValueType::kNull:
      break;
    case ValueType::kBool:
      tree.kind = Kind::kBool;
      tree.boolean = value.as_bool();
      break;
    case ValueType::kInt:
      tree.kind = Kind::kInt;
      tree.integer = value.as_int();
      break;
    case ValueType::kFloat:
      tree.kind = Kind::kFloat;
      tree.real = value.as_float();
      break;
    case ValueType::kString:
      tree = string(value.as_string());
      break;
    case ValueType::kTimestamp:
      tree = string(to_text(value));
      tree.time = value.as_timestamp();
      break;
    case ValueType::kDuration:
      tree = string(to_text(value));
      tree.span = value.as_duration();
      break;
    case ValueType::kList:
      tree.kind = Kind::kList;
      for (const Value& item : value.as_list()) tree.items.push_back(of(item));
      break;
  }
  return tree;
}

std::optional<Tree> parse_json(std::string_view json) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  return from_dom(root);
}

std::string json_library() {
  return fmt::format("{}.{}.{} ({})", static_cast<int>(simdjson::SIMDJSON_VERSION_MAJOR),
                     static_cast<int>(simdjson::SIMDJSON_VERSION_MINOR),
                     static_cast<int>(simdjson::SIMDJSON_VERSION_REVISION),
                     simdjson::get_active_implementation()->name());
}

const Tree* find_path(const Tree& tree, std::string_view dotted) {
  if (tree.kind != Tree::Kind::kMap) return nullptr;
  for (const auto& [key, value] : tree.entries) {
    if (key == dotted) return &value;
  }
  for (const auto& [key, value] : tree.entries) {
    if (dotted.size() > key.size() && dotted[key.size()] == '.' && dotted.starts_with(key)) {
      if (const Tree* found = find_path(value, dotted.substr(key.size() + 1))) return found;
    }
  }
  return nullptr;
}

std::string show_string(std::string_view text) {
  if (is_bare(text)) return std::string(text);
  std::string quoted;
  append_json_string(quoted, text);
  return quoted;
}

std::string show(const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::kNull:
      return "null";
    case Tree::Kind::kBool:
      return tree.boolean ? "true" : "false";
    case Tree::Kind::kInt:
      return std::to_string(tree.integer);
    case Tree::Kind::kFloat:
      return to_text(Value::real(tree.real));
    case Tree::Kind::kString:
      return show_string(tree.text);
    case Tree::Kind::kList: {
      std::string out = "[";
      for (const Tree& item : tree.items) {
        if (out.size() > 1) out += ", ";
        out += show(item);
      }
      return out + "]";
    }
    case Tree::Kind::kMap: {
      std::string out = "{";
      for (const auto& [key, value] : tree.entries) {
        if (out.size() > 1) out += ", ";
        out += key + ": " + show(value);
      }
      return out + "}";
    }
  }
  return "";
}

std::string show_fields(const Tree& record) {
  std::string out;
  append_fields(out, "", record);
  return out;
}

}  // namespace weir::cli
