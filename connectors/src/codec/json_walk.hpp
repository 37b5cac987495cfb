// One pass over the structure of a JSON record, front to back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_index.hpp"
#include "codec/json_number.hpp"
#include "codec/json_path_tree.hpp"
#include "codec/json_string.hpp"
#include "weir/connectors/codec.hpp"

namespace weir::connectors {

/// Checks all of a record against the grammar and puts the values at the tree's paths into it. What
/// simdjson's On-Demand does, but for three things: members that nobody asks for are checked as
/// well; keys are looked up, not compared with one that is wanted next; strings are views of the
/// record.
class JsonWalk {
 public:
  /// `scratch` holds keys with escapes, `items` a list while it grows; both are reused.
  JsonWalk(JsonPathTree& tree, ValueArena& arena, std::string& scratch, std::vector<Value>& items)
      : tree_(tree), arena_(arena), scratch_(scratch), items_(items) {}

  /// False where the record is no object of valid JSON, or nested more than kMaxJsonDepth deep;
  /// what has been put is then of no use. Strings are views of the record, or made in the arena.
  bool run(std::string_view record, const JsonStructure& structure) {
    base_ = structure.base;
    at_ = structure.at;
    end_ = structure.end;
    escapes_ = structure.escapes;
    if (at_ == end_ || *text(0) != '{') return false;
    ++at_;
    if (!object(&tree_.root(), 1)) return false;
    // Offsets rise: where the last bracket is the record's, all before it were.
    const char* const record_end = record.data() + record.size();
    return text(-1) < record_end && text(0) >= record_end;
  }
  /// Behind the record's structure.
  const std::uint32_t* at() const noexcept { return at_; }

 private:
  using Node = JsonPathTree::Node;

  const char* text(std::ptrdiff_t ahead) const noexcept { return base_ + at_[ahead]; }
  static bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  /// The string whose quote stands at the next offset but `ahead`.
  std::string_view string(std::ptrdiff_t ahead) const noexcept {
    const char* const begin = text(ahead) + 1;
    const char* quote = text(ahead + 1) - 1;
    while (*quote != '"') --quote;  // over white space
    return {begin, static_cast<std::size_t>(quote - begin)};
  }

  /// What stands behind an opening brace. `node`: null where nobody reads it.
  bool object(Node* node, std::size_t depth) {
    if (depth > kMaxJsonDepth || at_ == end_) return false;
    if (*text(0) == '}') {
      ++at_;
      return true;
    }
    NameTable::Guess guess = node == nullptr ? nullptr : node->members.first();
    while (true) {
      // A key, its colon, a value, and what follows the value.
      if (end_ - at_ < 4 || *text(0) != '"' || *text(1) != ':') return false;
      std::string_view key = string(0);
      if (escapes_ && !resolve(key)) return false;
      Node* member = nullptr;
      if (node != nullptr) {
        const std::uint32_t index = node->members.find(key, guess);
        if (index != NameTable::kNone) member = &tree_.child(index);
      }
      at_ += 2;
      if (!value(member, depth)) return false;
      const char next = *text(0);
      ++at_;
      if (next != ',') return next == '}';
    }
  }

  bool value(Node* node, std::size_t depth) {
    const bool read = node != nullptr && tree_.enter(*node);
    switch (*text(0)) {
      case '{':
        ++at_;
        if (read) tree_.put(*node, {}, RejectReason::kNone);
        return object(read && !node->children.empty() ? node : nullptr, depth + 1);
      case '[':
        ++at_;
        if (!read || node->paths.empty()) return array(depth + 1);
        return list(*node, depth + 1);
      default:
        break;
    }
    Value found;
    RejectReason fault = RejectReason::kNone;
    if (!scalar(read, found, fault)) return false;
    if (read) tree_.put(*node, found, fault);
    return true;
  }

  /// What stands behind an opening bracket; visit() reads each value.
  template <typename Visit>
  bool elements(std::size_t depth, Visit&& visit) {
    if (depth > kMaxJsonDepth || at_ == end_) return false;
    if (*text(0) == ']') {
      ++at_;
      return true;
    }
    while (true) {
      if (end_ - at_ < 2 || !visit()) return false;
      const char next = *text(0);
      ++at_;
      if (next != ',') return next == ']';
    }
  }
  bool array(std::size_t depth) {
    return elements(depth, [&] { return value(nullptr, depth); });
  }
  /// An array is the list of its scalars; what is none in it is null.
  bool list(const Node& node, std::size_t depth) {
    items_.clear();
    RejectReason fault = RejectReason::kNone;
    const bool fine = elements(depth, [&] {
      const bool nested = *text(0) == '{' || *text(0) == '[';
      Value& item = items_.emplace_back();
      return nested ? value(nullptr, depth) : scalar(true, item, fault);
    });
    if (!fine) return false;
    const std::span<Value> items = arena_.make_list(items_.size());
    std::copy(items_.begin(), items_.end(), items.begin());
    tree_.put(node, Value::list(items), fault);
    return true;
  }

  /// A value that is neither object nor array; nothing but its form is asked where nobody reads it.
  bool scalar(bool read, Value& out, RejectReason& fault) {
    if (*text(0) == '"') {
      std::string_view found = string(0);
      if (escapes_) {
        if (!json_escapes_valid(found)) return false;
        if (read) found = unescape_json(found, arena_);
      }
      ++at_;
      out = Value::string(found);
      return true;
    }
    const char* const begin = text(0);
    const char* end = text(1);
    while (is_space(end[-1])) --end;
    const std::string_view found(begin, static_cast<std::size_t>(end - begin));
    ++at_;
    return read_plain_number(found, out) || rare(found, read, out, fault);
  }

  /// A scalar that is neither a string nor a plain number.
  bool rare(std::string_view text, bool read, Value& out, RejectReason& fault);

  /// Resolves a key's escapes.
  bool resolve(std::string_view& key);

  JsonPathTree& tree_;
  ValueArena& arena_;
  std::string& scratch_;
  std::vector<Value>& items_;
  const char* base_ = nullptr;
  const std::uint32_t* at_ = nullptr;
  const std::uint32_t* end_ = nullptr;
  bool escapes_ = false;
};

}  // namespace weir::connectors
