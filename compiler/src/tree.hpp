// A pattern with its names, types and clauses in place: what the checks read and the automaton is
// built from. Between the AST, which says what was written, and the Program, which says what runs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "weir/compiler/bind.hpp"
#include "weir/nfa/program.hpp"
#include "weir/pattern-lang/rule_file.hpp"

namespace weir::compiler {

/// One type that an element stands for, with the condition of the event class that it came through.
struct Alternative {
  bool any = false;
  TypeId type = kOtherType;
  const lang::EventClass* event_class = nullptr;
};

struct Conjunct {
  const lang::Expr* expr = nullptr;
  lang::SnippetPtr snippet;
};

/// An event that a step may take: the step's own, or a member of an OR of single events or of an
/// AND.
struct Option {
  std::vector<Alternative> alternatives;
  const lang::Element* element = nullptr;
  std::string own_name;  // of the element
  nfa::NameId name = nfa::kNoName;
  std::vector<Conjunct> where;
  std::optional<Duration> within;
};

/// A NOT, of one event or an OR of them.
struct NotItem {
  const lang::Step* step = nullptr;
  std::vector<Option> options;
  bool next = false;
  std::optional<Duration> within;
};

struct UntilClause {
  std::vector<Option> options;
  const lang::Until* ast = nullptr;
};

struct TreeNode {
  enum Kind : std::uint8_t { kEvent, kSeq, kOr, kAnd, kNots } kind = kEvent;
  TreeNode* parent = nullptr;
  lang::Span span;
  std::uint32_t order = 0;  // of nodes as written, the root's 0
  std::uint32_t last = 0;   // the largest order in the subtree
  nfa::Contiguity keyword = nfa::Contiguity::kSkipTillNext;
  std::uint32_t min = 1;
  std::uint32_t max = 1;  // nfa::kNoLimit: none
  nfa::Greed greed = nfa::Greed::kGreedy;
  nfa::Contiguity between = nfa::Contiguity::kSkipTillNext;
  std::optional<Duration> within;
  std::optional<UntilClause> until;
  std::vector<Conjunct> where;  // kEvent: of each option as well
  std::vector<Option> options;  // kEvent (several: an OR of single events), kAnd
  std::vector<NotItem> nots;    // kNots: a row of them
  std::vector<std::unique_ptr<TreeNode>> children;  // kSeq, kOr
  std::string label;

  // Given by the automaton's builder, read where expressions are bound:
  nfa::RegId iter = nfa::kNoReg;

  bool repeated() const noexcept { return max > 1; }
  bool optional() const noexcept { return min == 0; }
  bool contains(const TreeNode& other) const noexcept {
    return order <= other.order && other.order <= last;
  }
};

/// Where a name is bound. A name has several sites in different branches of an OR.
struct NameSite {
  nfa::NameId name = 0;
  const TreeNode* node = nullptr;
  lang::Span span;
  std::vector<TypeId> types;
};

struct Tree {
  lang::SnippetPtr snippet;
  std::unique_ptr<TreeNode> root;
  std::vector<std::string> names;  // by NameId
  std::vector<NameSite> sites;
  std::vector<NotItem> leading;
  lang::Span leading_span;
  std::optional<Duration> within;                // the pattern's
  std::optional<UntilClause> until;              // the pattern's
  std::vector<Conjunct> where;                   // held when a match is complete
  std::vector<TypeId> types;                     // all that the pattern names
  bool any_type = false;                         // it has a `*`
  std::vector<const lang::EventClass*> classes;  // that it reads, as first named
  /// Where each type is named first, itself or by its class.
  std::unordered_map<TypeId, const lang::Element*> named_by;

  std::optional<nfa::NameId> find(std::string_view name) const;
};

/// What an element's name stands for in a document: an event class, or a type of that name.
using ClassTable = std::unordered_map<std::string, const lang::EventClass*>;

/// Null where errors leave nothing to build on. The rule's own `where` is spread over the tree too.
std::unique_ptr<Tree> make_tree(const lang::RuleDef& rule, const ClassTable& classes,
                                FieldPlan& plan, lang::Diagnostics& diagnostics);

/// The contract's rules about what may stand where; false where one is broken.
bool check_tree(const Tree& tree, const lang::RuleDef& rule, lang::Diagnostics& diagnostics);

/// The longest WITHIN of the members of an OR of single events, or of an AND; none where one of
/// them has none.
std::optional<Duration> longest_within(const TreeNode& node);
/// An event is bound in every match, whichever way it takes.
bool always_binds(const TreeNode& node);
/// Some event may be bound by it.
bool may_bind(const TreeNode& node);
/// Something may be (is always) bound before the node is reached.
bool may_bind_before(const TreeNode& node);
bool always_bound_before(const TreeNode& node);
/// Nothing can come after the node in a match.
bool ends_pattern(const TreeNode& node);

/// The node whose steps the root is a list of: the root itself where it is a SEQ that is not
/// repeated.
const TreeNode* outermost_sequence(const Tree& tree);

}  // namespace weir::compiler
