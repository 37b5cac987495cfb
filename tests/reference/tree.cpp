#include "tree.hpp"

#include <algorithm>
#include <map>

#include "expression.hpp"

namespace weir::reference {
namespace {

using lang::ElementKind;
using lang::Expr;
using lang::Step;

// A step with redundant parentheses taken off: (x) is x, and clauses inside and outside of the
// parentheses of a single event are clauses of that event.
struct View {
  lang::Contiguity keyword = lang::Contiguity::kSkipTillNext;
  bool negated = false;
  const lang::Element* element = nullptr;
  const lang::Quantifier* quantifier = nullptr;
  const lang::Name* as = nullptr;
  std::vector<const Expr*> where;
  const lang::Until* until = nullptr;
  std::vector<Duration> within;
};

View plain_view(const Step& step) {
  View v;
  v.keyword = step.keyword;
  v.negated = step.negated;
  v.element = &step.element;
  v.quantifier = step.quantifier ? &*step.quantifier : nullptr;
  v.as = step.as ? &*step.as : nullptr;
  if (step.where) v.where.push_back(step.where.get());
  v.until = step.until ? &*step.until : nullptr;
  if (step.within) v.within.push_back(step.within->duration);
  return v;
}

bool adds_nothing(const View& v) {
  return v.keyword == lang::Contiguity::kSkipTillNext && !v.negated && v.quantifier == nullptr &&
         v.as == nullptr && v.where.empty() && v.until == nullptr && v.within.empty();
}

bool is_single(const View& v);

// Where parentheses remain in the result (kParen), they are a group of one step.
View view_of(const Step& step) {
  View outer = plain_view(step);
  if (outer.element->kind != ElementKind::kParen) return outer;
  const View inner = view_of(outer.element->members[0]);
  if (adds_nothing(outer)) return inner;
  if (adds_nothing(inner)) {
    outer.element = inner.element;
    return outer;
  }
  if (is_single(inner)) {
    outer.element = inner.element;
    if (outer.as == nullptr) outer.as = inner.as;
    outer.where.insert(outer.where.begin(), inner.where.begin(), inner.where.end());
    outer.within.insert(outer.within.end(), inner.within.begin(), inner.within.end());
  }
  return outer;
}

bool is_single_element(const lang::Element& element) {
  switch (element.kind) {
    case ElementKind::kType:
    case ElementKind::kQuoted:
    case ElementKind::kAny:
      return true;
    case ElementKind::kOr:
      return std::all_of(element.members.begin(), element.members.end(),
                         [](const Step& s) { return is_single(view_of(s)); });
    default:
      return false;
  }
}

// One event, or an OR of single events. A member with a keyword of its own is none of them: it asks
// for a wait of its own (the contract does not say; so it is a longer alternative).
bool is_single(const View& v) {
  return !v.negated && v.quantifier == nullptr && v.until == nullptr &&
         v.keyword == lang::Contiguity::kSkipTillNext && is_single_element(*v.element);
}

class Builder {
 public:
  Builder(const lang::RuleDef& rule, const lang::RuleDocument& document, Tree& tree)
      : rule_(rule), document_(document), tree_(tree) {}

  void build();

 private:
  int name_id(const std::string& name);
  EventTest test_of(const lang::Element& element);
  void alternatives_of(const View& v, const lang::Name* as, bool names, Alternatives& out);
  Alternatives unnamed(const lang::Element& element, const Expr* where);
  std::unique_ptr<Node> node_of(const View& v);
  void members_of(const lang::Element& element, Node& node);
  NotItem not_item(const View& v);
  void pattern_clauses(const View& root);
  void distribute(const Expr& where);
  bool reads_bare(const Expr& conjunct) const;
  Node* plain_step_of(const Expr& conjunct);
  void input();

  const lang::RuleDef& rule_;
  const lang::RuleDocument& document_;
  Tree& tree_;
  std::map<std::string, int> uses_;  // of an element without AS
};

int Builder::name_id(const std::string& name) {
  const int known = tree_.find_name(name);
  if (known >= 0) return known;
  tree_.names.push_back(name);
  return static_cast<int>(tree_.names.size()) - 1;
}

EventTest Builder::test_of(const lang::Element& element) {
  EventTest test;
  test.element = element.kind == ElementKind::kAny ? "*" : element.name;
  if (element.kind == ElementKind::kAny) {
    test.any = true;
    tree_.every_type = true;
    return test;
  }
  if (element.kind == ElementKind::kType) {
    for (const lang::EventClass& c : document_.events) {
      if (c.name.value != element.name) continue;
      for (const lang::Text& from : c.from) test.types.push_back(from.value);
      test.class_where = c.where.root.get();
    }
  }
  if (test.types.empty()) test.types.push_back(element.name);
  tree_.types.insert(test.types.begin(), test.types.end());
  return test;
}

// Names are given in the order in which the elements are written.
void Builder::alternatives_of(const View& v, const lang::Name* as, bool names, Alternatives& out) {
  const std::size_t first = out.size();
  if (v.element->kind == ElementKind::kOr) {
    for (const Step& member : v.element->members) {
      const View m = view_of(member);
      alternatives_of(m, as != nullptr ? as : m.as, names, out);
    }
  } else {
    Alternative a;
    a.test = test_of(*v.element);
    if (names && as != nullptr) {
      a.name = name_id(as->text);
    } else if (names) {
      // A second use of the same element, of those without AS, is bound to name_2, and so on.
      const int use = ++uses_[a.test.element];
      a.name = name_id(use == 1 ? a.test.element : a.test.element + "_" + std::to_string(use));
    }
    out.push_back(std::move(a));
  }
  for (std::size_t i = first; i < out.size(); ++i) {
    out[i].where.insert(out[i].where.end(), v.where.begin(), v.where.end());
    out[i].within.insert(out[i].within.end(), v.within.begin(), v.within.end());
  }
}

// The element of an UNTIL: an event or an OR of them, which binds nothing.
Alternatives Builder::unnamed(const lang::Element& element, const Expr* where) {
  View v;
  v.element = &element;
  while (v.element->kind == ElementKind::kParen) {
    const View inner = view_of(v.element->members[0]);
    v.element = inner.element;
    v.where.insert(v.where.end(), inner.where.begin(), inner.where.end());
  }
  if (where != nullptr) v.where.push_back(where);
  Alternatives out;
  alternatives_of(v, nullptr, false, out);
  return out;
}

NotItem Builder::not_item(const View& v) {
  NotItem item;
  item.next = v.keyword == lang::Contiguity::kNext;
  if (!v.within.empty()) item.within = *std::min_element(v.within.begin(), v.within.end());
  View what = v;
  what.within.clear();
  while (what.element->kind == ElementKind::kParen) {
    const View inner = view_of(what.element->members[0]);
    what.element = inner.element;
    what.where.insert(what.where.end(), inner.where.begin(), inner.where.end());
  }
  alternatives_of(what, nullptr, false, item.what);
  return item;
}

void Builder::members_of(const lang::Element& element, Node& node) {
  bool after_not = false;
  for (const Step& member : element.members) {
    const View v = view_of(member);
    if (v.negated) {
      // NOTs written one after another in a SEQ are one row: they begin together.
      if (!after_not || element.kind != ElementKind::kSeq) {
        node.children.push_back(std::make_unique<Node>());
        node.children.back()->kind = NodeKind::kRow;
      }
      node.children.back()->row.push_back(not_item(v));
      after_not = true;
    } else {
      node.children.push_back(node_of(v));
      after_not = false;
    }
  }
}

std::unique_ptr<Node> Builder::node_of(const View& v) {
  auto node = std::make_unique<Node>();
  node->keyword = v.keyword;
  if (v.quantifier != nullptr) {
    node->loop = true;
    node->min = v.quantifier->min;
    node->max = v.quantifier->max;
    node->greed = v.quantifier->greed;
    node->between = v.quantifier->between;
  }
  if (is_single_element(*v.element)) {
    node->kind = NodeKind::kEvent;
    node->slots.emplace_back();
    alternatives_of(v, v.as, true, node->slots[0]);
  } else if (v.element->kind == ElementKind::kAnd) {
    node->kind = NodeKind::kAnd;
    for (const Step& member : v.element->members) {
      const View m = view_of(member);
      node->slots.emplace_back();
      alternatives_of(m, m.as, true, node->slots.back());
    }
  } else if (v.element->kind == ElementKind::kOr) {
    node->kind = NodeKind::kOr;
    members_of(*v.element, *node);
  } else {
    node->kind = NodeKind::kSeq;  // also the parentheses that are left
    members_of(*v.element, *node);
  }
  if (node->is_group()) {
    node->where = v.where;
    if (!v.within.empty()) node->within = *std::min_element(v.within.begin(), v.within.end());
  }
  if (v.until != nullptr) node->until = unnamed(v.until->element, v.until->where.get());
  for (const Alternatives& slot : node->slots) {
    for (const Alternative& a : slot) node->defines.insert(a.name);
  }
  for (const auto& child : node->children)
    node->defines.insert(child->defines.begin(), child->defines.end());
  return node;
}

bool Builder::reads_bare(const Expr& conjunct) const {
  bool bare = false;
  visit_names(
      conjunct, [&](std::string_view n) { return tree_.find_name(n) >= 0; },
      [](std::string_view) {}, [&] { bare = true; });
  return bare;
}

// The step that stands last among those that the conjunct mentions, where that is a plain step of
// the outermost SEQ: always bound, no loop; an OR of single events with a name is one.
Node* Builder::plain_step_of(const Expr& conjunct) {
  Node& root = *tree_.root;
  if (root.kind != NodeKind::kSeq || root.loop) return nullptr;
  Node* last = nullptr;
  std::ptrdiff_t last_index = -1;
  visit_names(
      conjunct, [&](std::string_view n) { return tree_.find_name(n) >= 0; },
      [&](std::string_view n) {
        const int name = tree_.find_name(n);
        for (std::size_t i = 0; i < root.children.size(); ++i) {
          if (root.children[i]->defines.contains(name) &&
              static_cast<std::ptrdiff_t>(i) > last_index) {
            last_index = static_cast<std::ptrdiff_t>(i);
            last = root.children[i].get();
          }
        }
      },
      [] {});
  if (last == nullptr || last->kind != NodeKind::kEvent || last->loop || last->defines.size() != 1)
    return nullptr;
  return last;
}

// The pattern's WHERE, and the rule's. Where the pattern is one step or an OR of single events,
// what reads bare names is that step's.
void Builder::distribute(const Expr& where) {
  Node& root = *tree_.root;
  std::vector<const Expr*> conjuncts;
  split_conjuncts(where, conjuncts);
  for (const Expr* conjunct : conjuncts) {
    if (root.kind == NodeKind::kEvent && reads_bare(*conjunct)) {
      for (Alternative& a : root.slots[0]) a.where.push_back(conjunct);
    } else if (Node* step = plain_step_of(*conjunct); step != nullptr) {
      for (Alternative& a : step->slots[0]) a.where.push_back(conjunct);
    } else {
      tree_.where.push_back(conjunct);
    }
  }
}

void Builder::pattern_clauses(const View& root) {
  View body = root;
  body.within.clear();
  for (const Duration d : root.within) tree_.within = tree_.within ? std::min(*tree_.within, d) : d;
  // One step: its WHERE and UNTIL are its own. A SEQ, OR or AND: they are the pattern's, also where
  // it is repeated.
  const bool one_step =
      root.element->kind != ElementKind::kSeq && root.element->kind != ElementKind::kOr &&
      root.element->kind != ElementKind::kAnd && root.element->kind != ElementKind::kParen;
  if (!one_step) {
    body.where.clear();
    body.until = nullptr;
  }
  tree_.root = node_of(body);
  if (!one_step) {
    for (const Expr* where : root.where) distribute(*where);
    if (root.until != nullptr) tree_.until = unnamed(root.until->element, root.until->where.get());
  }
  if (rule_.where.root) distribute(*rule_.where.root);
}

void Builder::input() {
  if (rule_.from.empty()) return;
  tree_.every_type = false;
  tree_.types.clear();
  for (const lang::Text& from : rule_.from) {
    bool is_class = false;
    for (const lang::EventClass& c : document_.events) {
      if (c.name.value != from.value) continue;
      is_class = true;
      for (const lang::Text& type : c.from) tree_.types.insert(type.value);
    }
    if (from.value == "*") tree_.every_type = true;
    if (!is_class) tree_.types.insert(from.value);
  }
}

void Builder::build() {
  tree_.rule = rule_.id.value;
  tree_.key = rule_.key.empty() ? nullptr : &rule_.key;
  pattern_clauses(view_of(rule_.pattern->root));
  Node& root = *tree_.root;
  if (root.kind == NodeKind::kSeq && !root.loop && !root.children.empty() &&
      root.children[0]->kind == NodeKind::kRow) {
    tree_.leading = root.children[0]->row;
  }
  if (rule_.pattern->after) {
    tree_.after = rule_.pattern->after->kind;
    tree_.after_name = tree_.find_name(rule_.pattern->after->name.text);
  }
  input();
}

}  // namespace

int Tree::find_name(std::string_view name) const {
  const auto it = std::find(names.begin(), names.end(), name);
  return it == names.end() ? -1 : static_cast<int>(it - names.begin());
}

Tree make_tree(const lang::RuleDef& rule, const lang::RuleDocument& document) {
  Tree tree;
  Builder(rule, document, tree).build();
  return tree;
}

}  // namespace weir::reference
