// A rule's pattern as the reference matcher reads it: parentheses gone, names given, event classes
// and the clauses of the pattern put where the contract (section 3) says that they belong.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "weir/pattern-lang/rule_file.hpp"

namespace weir::reference {

/// Which events an element stands for: an event type, an event class, or `*`.
struct EventTest {
  bool any = false;
  std::vector<std::string> types;
  const lang::Expr* class_where = nullptr;
  std::string element;  // as written
};

/// One event that a step may take, with all that it is held to by itself.
struct Alternative {
  EventTest test;
  std::vector<const lang::Expr*> where;
  int name = -1;  // index in Tree::names; -1 under NOT and UNTIL
  std::vector<Duration> within;
};
using Alternatives = std::vector<Alternative>;  // an OR of single events, the leftmost preferred

struct NotItem {
  Alternatives what;
  bool next = false;  // NEXT NOT
  std::optional<Duration> within;
};

enum class NodeKind : std::uint8_t {
  kEvent,  // slots[0]
  kAnd,    // slots, one a member
  kSeq,    // children
  kOr,     // children: longer alternatives
  kRow,    // row: NOTs written one after another
};

/// One step. REQUIRES: the AST that it was made from outlives it.
struct Node {
  NodeKind kind = NodeKind::kEvent;
  lang::Contiguity keyword = lang::Contiguity::kSkipTillNext;
  std::vector<Alternatives> slots;
  std::vector<std::unique_ptr<Node>> children;
  std::vector<NotItem> row;

  bool loop = false;  // has a quantifier
  std::uint32_t min = 1;
  std::optional<std::uint32_t> max = 1;
  lang::Greed greed = lang::Greed::kGreedy;
  lang::Contiguity between = lang::Contiguity::kSkipTillNext;

  std::optional<Alternatives> until;
  std::vector<const lang::Expr*> where;  // of a group
  std::optional<Duration> within;        // of a group: its last event from its first
  std::set<int> defines;                 // names bound in it

  bool is_group() const { return kind != NodeKind::kEvent && kind != NodeKind::kRow; }
};

struct Tree {
  std::string rule;
  std::vector<std::string> names;
  std::unique_ptr<Node> root;
  std::vector<NotItem> leading;  // NOTs at the start of the outermost SEQ

  // The pattern's own clauses.
  std::vector<const lang::Expr*> where;  // held against the whole match
  std::optional<Alternatives> until;
  std::optional<Duration> within;
  lang::AfterKind after = lang::AfterKind::kConsume;
  int after_name = -1;

  // The input.
  bool every_type = false;
  std::set<std::string> types;
  const lang::KeyDef* key = nullptr;

  int find_name(std::string_view name) const;
};

/// REQUIRES: the rule has a pattern, and one that the contract accepts: nothing is checked here.
/// `rule` and `document` outlive the tree.
Tree make_tree(const lang::RuleDef& rule, const lang::RuleDocument& document);

}  // namespace weir::reference
