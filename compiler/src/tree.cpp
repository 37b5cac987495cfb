#include "tree.hpp"

#include <algorithm>
#include <set>

#include "weir/pattern-lang/print.hpp"

namespace weir::compiler {
namespace {

using lang::Code;
using lang::ElementKind;
using lang::Span;
using lang::Step;

nfa::Contiguity to_nfa(lang::Contiguity c) {
  switch (c) {
    case lang::Contiguity::kNext:
      return nfa::Contiguity::kNext;
    case lang::Contiguity::kAny:
      return nfa::Contiguity::kAny;
    case lang::Contiguity::kSkipTillNext:
      break;
  }
  return nfa::Contiguity::kSkipTillNext;
}

nfa::Greed to_nfa(lang::Greed g) {
  switch (g) {
    case lang::Greed::kReluctant:
      return nfa::Greed::kReluctant;
    case lang::Greed::kPossessive:
      return nfa::Greed::kPossessive;
    case lang::Greed::kGreedy:
      break;
  }
  return nfa::Greed::kGreedy;
}

bool is_event(ElementKind kind) {
  return kind == ElementKind::kType || kind == ElementKind::kQuoted || kind == ElementKind::kAny;
}

bool has_attributes(const Step& s) {
  return s.keyword != lang::Contiguity::kSkipTillNext || s.negated || s.quantifier || s.as ||
         s.where || s.until || s.within;
}

/// Parentheses around a step mean nothing where either side has no clauses of its own.
const Step& unwrap(const Step& s) {
  const Step* step = &s;
  while (step->element.kind == ElementKind::kParen && !has_attributes(*step)) {
    step = &step->element.members.front();
  }
  return *step;
}

const lang::Element& unwrap(const lang::Element& e) {
  const lang::Element* element = &e;
  while (element->kind == ElementKind::kParen && !has_attributes(element->members.front())) {
    element = &element->members.front().element;
  }
  return *element;
}

/// A member of an OR that makes it an OR of single events.
bool is_single(const Step& member) {
  const Step& s = unwrap(member);
  return is_event(unwrap(s.element).kind) && s.keyword == lang::Contiguity::kSkipTillNext &&
         !s.negated && !s.quantifier && !s.until;
}

bool is_or_of_singles(const lang::Element& e) {
  return e.kind == ElementKind::kOr && std::ranges::all_of(e.members, is_single);
}

/// Events that a pattern names, those under NOT and UNTIL included, and the types that they stand
/// for: what is looked up for each of them grows with all of them.
constexpr std::size_t kMaxEvents = 1000;
constexpr std::size_t kMaxEventTypes = 10'000;

class TreeMaker {
 public:
  TreeMaker(const lang::RuleDef& rule, const ClassTable& classes, FieldPlan& plan,
            lang::Diagnostics& diagnostics)
      : rule_(rule),
        pattern_(*rule.pattern),
        classes_(classes),
        plan_(plan),
        diagnostics_(diagnostics) {}

  std::unique_ptr<Tree> make();

 private:
  bool count(const Step& step);
  bool count(const lang::Element& element);
  std::unique_ptr<TreeNode> node(const Step& written, TreeNode* parent);
  void fill_event(TreeNode& n, const Step& step, const lang::Element& element);
  void fill_group(TreeNode& n, const lang::Element& element);
  void add_child(TreeNode& n, const Step& member, bool join_nots);
  void attributes(TreeNode& n, const Step& step);
  Option option(const lang::Element& element);
  NotItem not_item(const Step& step);
  UntilClause until_clause(const lang::Until& until);
  std::vector<Option> not_options(const lang::Element& element);
  void name_option(Option& o, TreeNode& n, const std::optional<lang::Name>& as);
  nfa::NameId bind_name(const std::string& text, const TreeNode& n, Span span,
                        std::vector<TypeId> types);
  bool exclusive(const TreeNode& a, const TreeNode& b) const;
  void add_where(std::vector<Conjunct>& to, const lang::ExprPtr& expr);
  void root_clauses();
  void take_leading();
  void spread(const Conjunct& conjunct, bool bare_to_step);
  lang::Place place(Span span) const { return {pattern_.snippet, span}; }

  const lang::RuleDef& rule_;
  const lang::Pattern& pattern_;
  const ClassTable& classes_;
  FieldPlan& plan_;
  lang::Diagnostics& diagnostics_;
  std::unique_ptr<Tree> tree_ = std::make_unique<Tree>();
  std::unordered_map<std::string, unsigned> uses_;
  std::uint32_t order_ = 0;
  std::size_t events_ = 0;
  std::size_t event_types_ = 0;
  bool ok_ = true;
};

std::unique_ptr<Tree> TreeMaker::make() {
  tree_->snippet = pattern_.snippet;
  if (unwrap(pattern_.root).negated) {
    diagnostics_
        .report(Code::E0303, place(unwrap(pattern_.root).span), "this pattern binds no event")
        .notes.push_back(
            "a match needs at least one event; an absence is asked for after one: SEQ(a, NOT b "
            "WITHIN 1m)");
    return nullptr;
  }
  if (!count(pattern_.root)) return nullptr;
  tree_->root = node(unwrap(pattern_.root), nullptr);
  if (!ok_) return nullptr;
  take_leading();
  root_clauses();
  return std::move(tree_);
}

/// False, and said, as soon as there are too many.
bool TreeMaker::count(const Step& step) {
  return count(step.element) && (!step.until || count(step.until->element));
}

bool TreeMaker::count(const lang::Element& element) {
  if (is_event(element.kind)) {
    const auto found =
        element.kind == ElementKind::kType ? classes_.find(element.name) : classes_.end();
    event_types_ += found == classes_.end() ? 1 : found->second->from.size();
    if (++events_ <= kMaxEvents && event_types_ <= kMaxEventTypes) return true;
    const bool events = events_ > kMaxEvents;
    auto& d =
        diagnostics_.report(Code::E0315, place(element.span),
                            events ? "more than 1000 events in one pattern"
                                   : "the events of this pattern stand for more than 10000 types");
    if (events) d.help = "many types of one kind are an event class: login: {from: [ssh, web, …]}";
    return false;
  }
  return std::ranges::all_of(element.members, [&](const Step& member) { return count(member); });
}

std::vector<TypeId> types_of(const std::vector<Alternative>& alternatives) {
  std::vector<TypeId> types;
  for (const Alternative& a : alternatives) types.push_back(a.any ? kOtherType : a.type);
  return types;
}

Option TreeMaker::option(const lang::Element& written) {
  const lang::Element& element = unwrap(written);
  Option o{
      .alternatives = {}, .element = &element, .own_name = element.name, .where = {}, .within = {}};
  if (element.kind == ElementKind::kAny) {
    o.own_name = "*";
    o.alternatives.push_back({.any = true});
    tree_->any_type = true;
    plan_.set_reads_other();
    return o;
  }
  const auto found =
      element.kind == ElementKind::kType ? classes_.find(element.name) : classes_.end();
  if (found == classes_.end()) {
    o.alternatives.push_back({.type = plan_.add_type(element.name)});
  } else {
    if (std::ranges::find(tree_->classes, found->second) == tree_->classes.end()) {
      tree_->classes.push_back(found->second);
    }
    for (const lang::Text& from : found->second->from) {
      if (from.value == "*") {
        o.alternatives.push_back({.any = true, .event_class = found->second});
        tree_->any_type = true;
        plan_.set_reads_other();
      } else {
        o.alternatives.push_back(
            {.type = plan_.add_type(from.value), .event_class = found->second});
      }
    }
  }
  for (const Alternative& a : o.alternatives) {
    if (a.any) continue;
    tree_->types.push_back(a.type);
    tree_->named_by.emplace(a.type, &element);
  }
  return o;
}

std::vector<Option> TreeMaker::not_options(const lang::Element& written) {
  const lang::Element& element = unwrap(written);
  std::vector<Option> options;
  if (element.kind != ElementKind::kOr) {
    options.push_back(option(element));
    return options;
  }
  for (const Step& member : element.members) {
    const Step& s = unwrap(member);
    for (Option& o : not_options(s.element)) {
      add_where(o.where, s.where);
      options.push_back(std::move(o));
    }
  }
  return options;
}

NotItem TreeMaker::not_item(const Step& step) {
  NotItem item{.step = &step,
               .options = not_options(step.element),
               .next = step.keyword == lang::Contiguity::kNext,
               .within = {}};
  for (Option& o : item.options) add_where(o.where, step.where);
  if (step.within) item.within = step.within->duration;
  return item;
}

UntilClause TreeMaker::until_clause(const lang::Until& until) {
  UntilClause clause{.options = not_options(until.element), .ast = &until};
  for (Option& o : clause.options) add_where(o.where, until.where);
  return clause;
}

void TreeMaker::add_where(std::vector<Conjunct>& to, const lang::ExprPtr& expr) {
  if (!expr) return;
  for (const lang::Expr* c : conjuncts(*expr)) to.push_back({c, pattern_.snippet});
}

/// Two nodes that no match can both go through: they lie in different branches of one OR.
bool TreeMaker::exclusive(const TreeNode& a, const TreeNode& b) const {
  for (const TreeNode* up = &a; up != nullptr; up = up->parent) {
    const TreeNode* parent = up->parent;
    if (parent == nullptr || parent->kind != TreeNode::kOr) continue;
    for (const TreeNode* other = &b; other != nullptr; other = other->parent) {
      if (other->parent == parent) return other != up;
    }
  }
  return false;
}

nfa::NameId TreeMaker::bind_name(const std::string& text, const TreeNode& n, Span span,
                                 std::vector<TypeId> types) {
  const auto known = std::ranges::find(tree_->names, text);
  const auto id = static_cast<nfa::NameId>(known - tree_->names.begin());
  if (known == tree_->names.end()) {
    tree_->names.push_back(text);
  } else {
    for (const NameSite& site : tree_->sites) {
      if (site.name != id) continue;
      // Members of one OR of single events are branches too.
      const bool members = site.node == &n && n.kind == TreeNode::kEvent;
      if (members || exclusive(*site.node, n)) continue;
      auto& d =
          diagnostics_.report(Code::E0301, place(span), "the name `" + text + "` is bound twice");
      d.label = "bound again here";
      d.others.push_back({place(site.span), "first bound here"});
      d.help = "give one of them another name with AS";
      ok_ = false;
      return id;
    }
  }
  tree_->sites.push_back({id, &n, span, std::move(types)});
  return id;
}

void TreeMaker::name_option(Option& o, TreeNode& n, const std::optional<lang::Name>& as) {
  std::string text = o.own_name;
  Span span = o.element->span;
  if (as) {
    text = as->text;
    span = as->span;
  } else if (const unsigned use = ++uses_[text]; use > 1) {
    text += "_" + std::to_string(use);
  }
  o.name = bind_name(text, n, span, types_of(o.alternatives));
}

void TreeMaker::attributes(TreeNode& n, const Step& step) {
  n.keyword = to_nfa(step.keyword);
  if (step.quantifier) {
    n.min = step.quantifier->min;
    n.max = step.quantifier->max.value_or(nfa::kNoLimit);
    n.greed = to_nfa(step.quantifier->greed);
    n.between = to_nfa(step.quantifier->between);
  }
  if (step.within) n.within = step.within->duration;
  if (step.until) n.until = until_clause(*step.until);
  add_where(n.where, step.where);
}

std::unique_ptr<TreeNode> TreeMaker::node(const Step& written, TreeNode* parent) {
  const Step& step = unwrap(written);
  const lang::Element& element = unwrap(step.element);
  auto n = std::make_unique<TreeNode>();
  n->parent = parent;
  n->span = step.span;
  n->order = order_++;
  n->label = lang::print_step(step);
  attributes(*n, step);
  if (is_event(element.kind) || is_or_of_singles(element)) {
    fill_event(*n, step, element);
  } else {
    fill_group(*n, element);
  }
  n->last = order_ - 1;
  return n;
}

void TreeMaker::fill_event(TreeNode& n, const Step& step, const lang::Element& element) {
  n.kind = TreeNode::kEvent;
  if (element.kind != ElementKind::kOr) {
    n.options.push_back(option(element));
    name_option(n.options.back(), n, step.as);
    return;
  }
  for (const Step& member : element.members) {
    const Step& s = unwrap(member);
    n.options.push_back(option(s.element));
    Option& o = n.options.back();
    add_where(o.where, s.where);
    if (s.within) o.within = s.within->duration;
    if (step.as && s.as) {
      auto& d = diagnostics_.report(Code::E0302, place(s.as->span),
                                    "a member of a named OR has a name of its own");
      d.others.push_back({place(step.as->span), "the OR binds whichever event comes to this name"});
      d.help = "keep one of the two names";
      ok_ = false;
      continue;
    }
    name_option(o, n, step.as ? step.as : s.as);
  }
  // Where every member has a WITHIN, the step waits as long as the longest of them.
  if (const auto longest = longest_within(n); longest && (!n.within || *longest < *n.within)) {
    n.within = longest;
  }
}

void TreeMaker::fill_group(TreeNode& n, const lang::Element& element) {
  switch (element.kind) {
    case ElementKind::kAnd:
      n.kind = TreeNode::kAnd;
      for (const Step& member : element.members) {
        const Step& s = unwrap(member);
        n.options.push_back(option(s.element));
        Option& o = n.options.back();
        add_where(o.where, s.where);
        if (s.within) o.within = s.within->duration;
        name_option(o, n, s.as);
      }
      return;
    case ElementKind::kOr:
      n.kind = TreeNode::kOr;
      for (const Step& member : element.members) add_child(n, member, false);
      return;
    default:  // a SEQ, or parentheses around one step
      n.kind = TreeNode::kSeq;
      for (const Step& member : element.members) add_child(n, member, true);
  }
}

void TreeMaker::add_child(TreeNode& n, const Step& member, bool join_nots) {
  const Step& step = unwrap(member);
  if (!step.negated) {
    n.children.push_back(node(step, &n));
    return;
  }
  if (!join_nots || n.children.empty() || n.children.back()->kind != TreeNode::kNots) {
    auto row = std::make_unique<TreeNode>();
    row->kind = TreeNode::kNots;
    row->parent = &n;
    row->span = step.span;
    row->order = row->last = order_++;
    row->label = lang::print_step(step);
    n.children.push_back(std::move(row));
  } else {
    n.children.back()->span.end = step.span.end;
    n.children.back()->label += ", " + lang::print_step(step);
  }
  n.children.back()->nots.push_back(not_item(step));
}

/// NOTs at the start of the outermost SEQ look back from the first event.
void TreeMaker::take_leading() {
  TreeNode& root = *tree_->root;
  if (root.kind != TreeNode::kSeq || root.repeated() || root.children.empty()) return;
  if (root.children.front()->kind != TreeNode::kNots) return;
  tree_->leading = std::move(root.children.front()->nots);
  tree_->leading_span = root.children.front()->span;
  root.children.erase(root.children.begin());
}

/// A clause written last may be the last step's or the pattern's (contract, section 3).
void TreeMaker::root_clauses() {
  TreeNode& root = *tree_->root;
  const bool one_step = root.kind == TreeNode::kEvent && root.options.size() == 1 &&
                        is_event(root.options.front().element->kind) &&
                        unwrap(unwrap(pattern_.root).element).kind != ElementKind::kOr;
  tree_->within = root.within;
  root.within.reset();
  std::vector<Conjunct> written;
  if (!one_step) {
    tree_->until = std::move(root.until);
    root.until.reset();
    written = std::move(root.where);
    root.where.clear();
  }
  for (const Conjunct& c : written) spread(c, root.kind == TreeNode::kEvent);
  if (!rule_.where.root) return;
  for (const lang::Expr* c : conjuncts(*rule_.where.root)) {
    spread({c, rule_.where.snippet}, root.kind == TreeNode::kEvent);
  }
}

const TreeNode* plain_step(const Tree& tree, const TreeNode& n) {
  const TreeNode* sequence = outermost_sequence(tree);
  const bool outermost = &n == tree.root.get() || (sequence != nullptr && n.parent == sequence);
  const bool plain = n.kind == TreeNode::kEvent && n.min == 1 && n.max == 1;
  if (!outermost || !plain) return nullptr;
  // An OR of single events is a plain step where whichever comes is bound to one name.
  const bool one_name = std::ranges::all_of(
      n.options, [&](const Option& o) { return o.name == n.options.front().name; });
  return one_name ? &n : nullptr;
}

/// A conjunct belongs to the step that stands last among those it mentions, where that is a plain
/// one.
void TreeMaker::spread(const Conjunct& conjunct, bool bare_to_step) {
  const Mentions said = mentions(
      *conjunct.expr, [&](std::string_view name) { return tree_->find(name).has_value(); });
  if (bare_to_step && !said.bare.empty()) {
    tree_->root->where.push_back(conjunct);
    return;
  }
  TreeNode* last = nullptr;
  for (const auto& [name, span] : said.names) {
    const auto id = tree_->find(name);
    for (const NameSite& site : tree_->sites) {
      if (site.name != *id) continue;
      if (last == nullptr || site.node->order > last->order) {
        last = const_cast<TreeNode*>(site.node);
      }
    }
  }
  if (last != nullptr && said.bare.empty() && plain_step(*tree_, *last) != nullptr) {
    last->where.push_back(conjunct);
  } else {
    tree_->where.push_back(conjunct);
  }
}

}  // namespace

std::optional<nfa::NameId> Tree::find(std::string_view name) const {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<nfa::NameId>(found - names.begin());
}

std::unique_ptr<Tree> make_tree(const lang::RuleDef& rule, const ClassTable& classes,
                                FieldPlan& plan, lang::Diagnostics& diagnostics) {
  return TreeMaker(rule, classes, plan, diagnostics).make();
}

const TreeNode* outermost_sequence(const Tree& tree) {
  const TreeNode& root = *tree.root;
  return root.kind == TreeNode::kSeq && root.min == 1 && root.max == 1 ? &root : nullptr;
}

std::optional<Duration> longest_within(const TreeNode& n) {
  std::optional<Duration> longest;
  for (const Option& o : n.options) {
    if (!o.within) return std::nullopt;
    longest = std::max(longest.value_or(*o.within), *o.within);
  }
  return longest;
}

bool may_bind(const TreeNode& n) {
  if (n.max == 0 || n.kind == TreeNode::kNots) return false;
  return !n.options.empty() ||
         std::ranges::any_of(n.children, [](const auto& c) { return may_bind(*c); });
}

bool always_binds(const TreeNode& n) {
  if (n.optional()) return false;
  switch (n.kind) {
    case TreeNode::kNots:
      return false;
    case TreeNode::kEvent:
    case TreeNode::kAnd:
      return true;
    case TreeNode::kSeq:
      return std::ranges::any_of(n.children, [](const auto& c) { return always_binds(*c); });
    case TreeNode::kOr:
      return std::ranges::all_of(n.children, [](const auto& c) { return always_binds(*c); });
  }
  return false;
}

namespace {

/// Some node before `n` in the SEQs around it satisfies `says`.
template <typename Says>
bool before(const TreeNode& n, const Says& says) {
  for (const TreeNode* up = &n; up->parent != nullptr; up = up->parent) {
    if (up->parent->kind != TreeNode::kSeq) continue;
    for (const auto& child : up->parent->children) {
      if (child.get() == up) break;
      if (says(*child)) return true;
    }
  }
  return false;
}

}  // namespace

bool always_bound_before(const TreeNode& n) {
  return before(n, always_binds);
}

bool may_bind_before(const TreeNode& n) {
  if (before(n, may_bind)) return true;
  // In a later iteration what the iteration before bound is bound.
  for (const TreeNode* up = n.parent; up != nullptr; up = up->parent) {
    if (up->repeated() && may_bind(*up)) return true;
  }
  return false;
}

bool ends_pattern(const TreeNode& n) {
  for (const TreeNode* up = &n; up->parent != nullptr; up = up->parent) {
    if (up->parent->kind == TreeNode::kSeq && up->parent->children.back().get() != up) return false;
  }
  return true;
}

}  // namespace weir::compiler
