#include "codec/json_tree.hpp"

#include "codec/json_number.hpp"
#include "codec/json_string.hpp"
#include "weir/event/utf8.hpp"

namespace weir::connectors {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

/// Recursive descent; each function leaves the place behind what it read, or sets the fault.
class JsonTree::Parser {
 public:
  Parser(std::string_view text, std::vector<JsonNode>& nodes) : text_(text), nodes_(nodes) {}

  RejectReason run() {
    space();
    if (value({}, 0)) {
      space();
      if (at_ != text_.size()) fail(RejectReason::kJsonInvalid);
    }
    return fault_;
  }
  std::size_t place() const { return at_; }

 private:
  bool fail(RejectReason reason) {
    fault_ = reason;
    return false;
  }
  bool invalid() { return fail(RejectReason::kJsonInvalid); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool literal(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool value(std::string_view key, std::size_t depth) {
    const std::size_t self = nodes_.size();
    nodes_.push_back({});
    nodes_[self].key = key;
    const std::size_t begin = at_;
    using Kind = JsonNode::Kind;
    Kind kind = Kind::kNull;
    std::string_view text;
    bool fine = false;
    switch (peek()) {
      case '{':
        kind = Kind::kObject;
        fine = object(depth + 1);
        break;
      case '[':
        kind = Kind::kArray;
        fine = array(depth + 1);
        break;
      case '"':
        kind = Kind::kString;
        fine = string(text);
        break;
      case 't':
        kind = Kind::kTrue;
        fine = word("true");
        break;
      case 'f':
        kind = Kind::kFalse;
        fine = word("false");
        break;
      case 'n':
        fine = word("null");
        break;
      default:
        kind = Kind::kNumber;
        fine = number();
    }
    if (!fine) return false;
    nodes_[self].kind = kind;
    nodes_[self].text = kind == Kind::kString ? text : text_.substr(begin, at_ - begin);
    nodes_[self].next = static_cast<std::uint32_t>(nodes_.size());
    return true;
  }

  bool object(std::size_t depth) {
    if (depth > kMaxJsonDepth) return fail(RejectReason::kJsonTooDeep);
    ++at_;
    space();
    if (literal('}')) return true;
    while (true) {
      std::string_view key;
      if (peek() != '"' || !string(key)) return fault_ == RejectReason::kNone ? invalid() : false;
      space();
      if (!literal(':')) return invalid();
      space();
      if (!value(key, depth)) return false;
      space();
      if (literal('}')) return true;
      if (!literal(',')) return invalid();
      space();
    }
  }

  bool array(std::size_t depth) {
    if (depth > kMaxJsonDepth) return fail(RejectReason::kJsonTooDeep);
    ++at_;
    space();
    if (literal(']')) return true;
    while (true) {
      if (!value({}, depth)) return false;
      space();
      if (literal(']')) return true;
      if (!literal(',')) return invalid();
      space();
    }
  }

  bool string(std::string_view& out) {
    const std::size_t begin = ++at_;
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        out = text_.substr(begin, at_ - begin);
        ++at_;
        return true;
      }
      if (c < 0x20) return invalid();
      if (c == '\\') {
        const std::size_t n = json_escape_length(text_, at_);
        if (n == 0) {
          // Behind the letter that is none, or before the digits that are none.
          at_ += at_ + 1 < text_.size() && text_[at_ + 1] != 'u' ? 2 : 1;
          return invalid();
        }
        at_ += n;
      } else if (c < 0x80) {
        ++at_;
      } else {
        const std::size_t n = utf8::sequence_length(text_.substr(at_, 4));
        if (n == 0) return fail(RejectReason::kInvalidUtf8);
        at_ += n;
      }
    }
    return invalid();
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return invalid();
    at_ += expected.size();
    return true;
  }

  bool number() {
    const std::size_t end = std::min(text_.find_first_not_of("+-.0123456789Ee", at_), text_.size());
    if (!is_json_number(text_.substr(at_, end - at_))) return invalid();
    at_ = end;
    return true;
  }

  std::string_view text_;
  std::vector<JsonNode>& nodes_;
  std::size_t at_ = 0;
  RejectReason fault_ = RejectReason::kNone;
};

RejectReason JsonTree::parse(std::string_view text) {
  nodes_.clear();
  error_offset_ = 0;
  Parser parser(text, nodes_);
  RejectReason fault = parser.run();
  if (fault != RejectReason::kNone) {
    error_offset_ = parser.place();
    // Bytes that are no UTF-8 are a fault of their own wherever they stand.
    if (fault == RejectReason::kJsonInvalid && !utf8::valid(text))
      fault = RejectReason::kInvalidUtf8;
  }
  return fault;
}

Value JsonTree::value(const JsonNode& node, ValueArena& arena) const {
  switch (node.kind) {
    case JsonNode::Kind::kNull:
    case JsonNode::Kind::kObject:
      return {};
    case JsonNode::Kind::kTrue:
      return Value::boolean(true);
    case JsonNode::Kind::kFalse:
      return Value::boolean(false);
    case JsonNode::Kind::kNumber:
      return read_json_number(node.text).value;
    case JsonNode::Kind::kString:
      return Value::string(unescape_json(node.text, arena));
    case JsonNode::Kind::kArray:
      break;
  }
  std::size_t count = 0;
  for_each(node, [&](const JsonNode&) { ++count; });
  const std::span<Value> items = arena.make_list(count);
  std::size_t i = 0;
  for_each(node, [&](const JsonNode& item) {
    items[i++] = item.kind == JsonNode::Kind::kArray ? Value{} : value(item, arena);
  });
  return Value::list(items);
}

}  // namespace weir::connectors
