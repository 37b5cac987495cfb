// One pass over the structure of a JSON record, front to back.
#pragma once

#include <algorithm>
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
/// record, not copies. Used by one thread at a time.
class JsonWalk {
 public:
  /// Where in the structure one stands; null: the record is no object of valid JSON, or nested more
  /// than kMaxJsonDepth deep.
  using Place = const std::uint32_t*;

  explicit JsonWalk(JsonPathTree& tree) : tree_(tree) {}

  /// The place behind the record. Strings are views of the record, or made in the arena. Where the
  /// place is null, what has been put is of no use.
  Place run(std::string_view record, const JsonStructure& structure, ValueArena& arena) {
    arena_ = &arena;
    base_ = structure.base;
    end_ = structure.end;
    escapes_ = structure.escapes;
    Place at = structure.at;
    if (at == end_ || *text(at) != '{') return nullptr;
    at = object(at + 1, JsonPathTree::kRoot, 1);
    if (at == nullptr) return nullptr;
    // Offsets rise: where the last bracket is the record's, all before it were.
    const char* const record_end = record.data() + record.size();
    return text(at - 1) < record_end && text(at) >= record_end ? at : nullptr;
  }

 private:
  using NodeId = JsonPathTree::NodeId;
  static constexpr NodeId kNobody = JsonPathTree::kNobody;

  const char* text(Place at) const noexcept { return base_ + *at; }
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
  static bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  /// The string that begins at `at`, before its escapes are resolved.
  std::string_view string(Place at) const noexcept {
    const char* const begin = text(at) + 1;
    const char* quote = text(at + 1) - 1;
    while (*quote != '"') --quote;  // over white space
    return {begin, static_cast<std::size_t>(quote - begin)};
  }

  /// The scalar that begins at `at` and is no string.
  std::string_view token(Place at) const noexcept {
    const char* end = text(at + 1);
    while (is_space(end[-1])) --end;
    return {text(at), static_cast<std::size_t>(end - text(at))};
  }

  /// What stands behind an opening brace. `node`: kNobody where nobody reads it.
  Place object(Place at, NodeId node, std::size_t depth) {
    if (depth > kMaxJsonDepth || at >= end_) return nullptr;
    if (*text(at) == '}') return at + 1;
    NameTable& names = node == kNobody ? no_names_ : tree_.members(node);
    NameTable::Guess guess = names.first();
    while (true) {
      // A key, its colon, a value, and what follows the value.
      if (end_ - at < 4) return nullptr;
      NodeId member = kNobody;
      if (NameTable::Entry* const guessed = NameTable::find_guessed(text(at), guess)) {
        member = guessed->value;
        guess = &guessed->next;
        // Most values are short, and stand between a colon and a comma without white space.
        const char* const value = text(at) + guessed->size;
        const char* const behind = text(at + 3);
        if (plain(value, behind, member)) {
          at += 4;
          if (*behind == ',') continue;
          return *behind == '}' ? at : nullptr;
        }
      } else {
        if (*text(at) != '"' || *text(at + 1) != ':') return nullptr;
        const NameTable::Found found = find(at, names, guess);
        if (found.next == nullptr) return nullptr;
        member = found.value;
        guess = found.next;
      }
      at = value(at + 2, member, depth);
      if (at == nullptr) return nullptr;
      const char next = *text(at++);
      if (next != ',') return next == '}' ? at : nullptr;
    }
  }

  /// Puts a string without escapes, or a short number, that reaches up to `behind`. False, with
  /// nothing done, where it is not as simple as that.
  bool plain(const char* begin, const char* behind, NodeId member) {
    if (*begin == '"') {
      if (escapes_ || behind[-1] != '"') return false;
      const auto size = static_cast<std::size_t>(behind - begin) - 2;
      tree_.put(member, Value::string({begin + 1, size}));
      return true;
    }
    Value number;
    const auto size = static_cast<std::size_t>(behind - begin);
    if (!is_digit(*begin) || !read_short_number({begin, size}, number)) return false;
    tree_.put(member, number);
    return true;
  }

  /// What stands behind an opening bracket; visit(at) reads each value.
  template <typename Visit>
  Place elements(Place at, std::size_t depth, Visit&& visit) {
    if (depth > kMaxJsonDepth || at >= end_) return nullptr;
    if (*text(at) == ']') return at + 1;
    while (true) {
      if (end_ - at < 2) return nullptr;
      at = visit(at);
      if (at == nullptr) return nullptr;
      const char next = *text(at++);
      if (next != ',') return next == ']' ? at : nullptr;
    }
  }

  Place value(Place at, NodeId node, std::size_t depth);
  Place array(Place at, std::size_t depth);
  Place list(Place at, NodeId node, std::size_t depth);
  bool scalar(Place at, bool wanted, Value& out, RejectReason& fault);
  NameTable::Found find(Place at, NameTable& names, NameTable::Guess guess);
  bool resolve(std::string_view& text, bool wanted);

  JsonPathTree& tree_;
  ValueArena* arena_ = nullptr;
  const char* base_ = nullptr;
  Place end_ = nullptr;
  bool escapes_ = false;
  NameTable no_names_;        // of objects that nobody reads
  std::string key_;           // one whose escapes are resolved
  std::vector<Value> items_;  // of a list while it grows
};

}  // namespace weir::connectors
