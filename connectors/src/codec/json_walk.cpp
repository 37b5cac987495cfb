#include "codec/json_walk.hpp"

namespace weir::connectors {

JsonWalk::Place JsonWalk::value(Place at, NodeId node, std::size_t depth) {
  const bool wanted = node != kNobody && tree_.enter(node);
  switch (*text(at)) {
    case '"': {
      std::string_view found = string(at);
      if (escapes_ && !resolve(found, wanted)) return nullptr;
      if (wanted) tree_.put(node, Value::string(found), RejectReason::kNone);
      return at + 1;
    }
    case '{':
      if (wanted) tree_.put(node, {}, RejectReason::kNone);
      return object(at + 1, wanted && tree_.is_inner(node) ? node : kNobody, depth + 1);
    case '[':
      return wanted && tree_.is_read(node) ? list(at + 1, node, depth + 1)
                                           : array(at + 1, depth + 1);
    default: {
      Value found;
      RejectReason fault = RejectReason::kNone;
      if (!scalar(at, wanted, found, fault)) return nullptr;
      if (wanted) tree_.put(node, found, fault);
      return at + 1;
    }
  }
}

JsonWalk::Place JsonWalk::array(Place at, std::size_t depth) {
  return elements(at, depth, [&](Place item) { return value(item, kNobody, depth); });
}

/// An array is the list of its scalars; what is none in it is null.
JsonWalk::Place JsonWalk::list(Place at, NodeId node, std::size_t depth) {
  items_.clear();
  RejectReason fault = RejectReason::kNone;
  at = elements(at, depth, [&](Place item) -> Place {
    Value& out = items_.emplace_back();
    const char first = *text(item);
    if (first == '{' || first == '[') return value(item, kNobody, depth);
    if (first != '"') return scalar(item, true, out, fault) ? item + 1 : nullptr;
    std::string_view found = string(item);
    if (escapes_ && !resolve(found, true)) return nullptr;
    out = Value::string(found);
    return item + 1;
  });
  if (at == nullptr) return nullptr;
  const std::span<Value> items = arena_->make_list(items_.size());
  std::copy(items_.begin(), items_.end(), items.begin());
  tree_.put(node, Value::list(items), fault);
  return at;
}

/// A number, true, false or null; nothing but its form is asked where nobody wants it.
bool JsonWalk::scalar(Place at, bool wanted, Value& out, RejectReason& fault) {
  const std::string_view found = token(at);
  if (read_plain_number(found, out)) return true;
  if (found == "null") return true;
  if (found == "true" || found == "false") {
    out = Value::boolean(found.front() == 't');
    return true;
  }
  if (!is_json_number(found)) return false;
  if (!wanted) return true;
  const JsonNumber number = read_json_number(found);
  if (number.integer_overflow) fault = RejectReason::kIntegerOutOfRange;
  if (number.float_overflow) fault = RejectReason::kNumberOutOfRange;
  out = number.value;
  return true;
}

/// The node of the key at `at`, which was not guessed; next is null where it is no JSON string.
NameTable::Found JsonWalk::find(Place at, NameTable& names, NameTable::Guess guess) {
  std::string_view key = string(at);
  if (escapes_ && key.find('\\') != key.npos) {
    if (!json_escapes_valid(key)) return {};
    key_.resize(key.size());
    key = {key_.data(), unescape_json(key, key_.data())};
  }
  return names.find(key, guess);
}

/// Checks a string's escapes and resolves them where it is wanted.
bool JsonWalk::resolve(std::string_view& text, bool wanted) {
  if (!json_escapes_valid(text)) return false;
  if (wanted) text = unescape_json(text, *arena_);
  return true;
}

}  // namespace weir::connectors
