#include "automaton.hpp"

#include <algorithm>
#include <functional>

#include "running.hpp"

namespace weir::compiler {
namespace {

using nfa::Node;
using nfa::NodeId;
using nfa::NodeKind;
using nfa::RegId;

/// What surrounds a node while the automaton is built.
struct Around {
  std::vector<nfa::KeywordScope> keywords;
  std::vector<nfa::UntilScope> untils;
  std::vector<nfa::WindowScope> windows;
};

/// Where an expression stands in the tree.
struct Site {
  const TreeNode* node = nullptr;  // null: outside of the pattern's steps
  const Option* candidate = nullptr;
  bool whole_loop = false;  // UNTIL of a loop: sees all its iterations
  bool complete = false;    // WHERE of a group: all of the iteration is bound
  bool member = false;      // of an AND: inside of its loop, where it is one
  bool leading = false;     // a NOT at the start: reads what begins the match
  bool everything = false;  // later steps are no error: UNTIL of the pattern, alerts
};

/// The innermost repeated group that holds both, seen from inside.
const TreeNode* common_group(const TreeNode& site, const Site& from) {
  if (from.node == nullptr) return nullptr;
  const TreeNode* here = from.node;
  // A step is not inside its own loop; a group's WHERE and the members of an AND are, an UNTIL is
  // not.
  const bool inside_own = (from.complete || from.member) && !from.whole_loop;
  for (const TreeNode* up = inside_own ? here : here->parent; up != nullptr; up = up->parent) {
    if (up->repeated() && up->contains(site)) return up;
  }
  return nullptr;
}

/// Events of the site are several, seen from inside `group`.
bool many(const TreeNode& site, const TreeNode* group) {
  for (const TreeNode* up = &site; up != nullptr && up != group; up = up->parent) {
    if (up->repeated()) return true;
  }
  return false;
}

bool may_begin(const TreeNode& n, const TreeNode& root) {
  for (const TreeNode* up = &n; up != &root; up = up->parent) {
    if (up->parent->kind != TreeNode::kSeq) continue;
    for (const auto& child : up->parent->children) {
      if (child.get() == up) break;
      if (always_binds(*child)) return false;
    }
  }
  return true;
}

class Names {
 public:
  Names(const Tree& tree, const Site& site) : tree_(tree), site_(site) {}

  std::optional<NameInfo> find(std::string_view name) const {
    if (site_.candidate != nullptr && is_candidate(name)) {
      NameInfo candidate;
      candidate.kind = NameInfo::Kind::kCandidate;
      return candidate;
    }
    const auto id = tree_.find(name);
    if (!id) return std::nullopt;
    NameInfo info;
    info.kind = NameInfo::Kind::kLater;
    info.name = *id;
    for (const NameSite& site : tree_.sites) {
      if (site.name == *id) add(site, info);
    }
    return info;
  }

 private:
  bool is_candidate(std::string_view name) const {
    const Option& o = *site_.candidate;
    if (o.name == nfa::kNoName) return name == o.own_name && !tree_.find(name);
    const bool own_loop = site_.node != nullptr && site_.node->repeated() && !site_.member;
    return !own_loop && tree_.names[o.name] == name;
  }

  bool later(const NameSite& site) const {
    if (site_.everything || site_.node == nullptr) return false;
    if (site_.leading) return !may_begin(*site.node, *tree_.root);
    if (site_.complete && site_.node->contains(*site.node)) return false;
    return site.node->order > site_.node->order;
  }

  void add(const NameSite& site, NameInfo& info) const {
    info.types.insert(info.types.end(), site.types.begin(), site.types.end());
    if (info.kind == NameInfo::Kind::kLater) info.bound_at = site.span;
    if (later(site)) return;
    const TreeNode* group = common_group(*site.node, site_);
    info.scope = group == nullptr ? nfa::kNoReg : group->iter;
    info.bound_at = site.span;
    if (many(*site.node, group)) {
      info.kind = NameInfo::Kind::kList;
    } else if (info.kind != NameInfo::Kind::kList) {
      info.kind = NameInfo::Kind::kSingle;
    }
  }

  const Tree& tree_;
  Site site_;
};

Scope scope_at(const Tree& tree, const Site& site) {
  Scope scope;
  const Names names(tree, site);
  scope.find = [names](std::string_view name) { return names.find(name); };
  scope.names = tree.names;
  scope.has_candidate = site.candidate != nullptr;
  if (site.candidate != nullptr) {
    for (const Alternative& a : site.candidate->alternatives) {
      scope.candidate_types.push_back(a.any ? kOtherType : a.type);
    }
  } else {
    scope.no_candidate_help = tree.names.empty() ? "write a step's name before it"
                                                 : "write a step's name before it, such as `" +
                                                       tree.names.front() + ".field`";
  }
  return scope;
}

class Builder {
 public:
  explicit Builder(AutomatonInput input)
      : tree_(input.tree), rule_(input.rule), program_(input.program), bind_(input.bind) {}

  std::optional<nfa::Automaton> build();

 private:
  NodeId make(const TreeNode& n, NodeKind kind, NodeId next);
  NodeId build(TreeNode& n, NodeId next, const Around& around);
  NodeId build_event(TreeNode& n, NodeId next, Around around);
  NodeId build_group(TreeNode& n, NodeId next, const Around& around);
  NodeId build_loop(TreeNode& n, NodeId next, Around around);
  NodeId build_plain_group(TreeNode& n, NodeId next, Around around);
  NodeId build_body(TreeNode& n, NodeId next, const Around& around);
  NodeId build_and(TreeNode& n, NodeId next, const Around& around);
  NodeId build_row(TreeNode& n, NodeId next, const Around& around);
  void event_tests(const TreeNode& n, NodeId wait);
  void group_where(const TreeNode& n, NodeId end);
  nfa::GuardId guard(const NotItem& item, const Site& site);
  std::vector<nfa::Test> clause_tests(const std::vector<Option>& options, Site site);
  std::uint32_t until(const TreeNode& n);
  RegId reg() { return static_cast<RegId>(automaton_.registers++); }
  void fail() { ok_ = false; }

  Tree& tree_;
  const lang::RuleDef& rule_;
  nfa::Program& program_;
  BindContext& bind_;
  nfa::Automaton automaton_;
  bool ok_ = true;
};

bool is_ambiguous(const TreeNode& n) {
  if (n.kind == TreeNode::kOr || n.kind == TreeNode::kNots) return true;
  const bool loop = n.repeated() || n.optional();
  if (loop && (n.kind != TreeNode::kEvent || n.greed == nfa::Greed::kPossessive)) return true;
  return std::ranges::any_of(n.children, [](const auto& c) { return is_ambiguous(*c); });
}

/// Of all WITHINs; past the pattern's own none keeps anything.
std::optional<Duration> longest_wait(const Tree& tree) {
  std::optional<Duration> longest = tree.within;
  const auto take = [&](std::optional<Duration> within) {
    if (within) longest = std::max(longest.value_or(*within), *within);
  };
  for (const NotItem& item : tree.leading) take(item.within);
  if (tree.within) return longest;
  const std::function<void(const TreeNode&)> walk = [&](const TreeNode& n) {
    take(n.within);
    take(longest_within(n));
    for (const auto& child : n.children) walk(*child);
  };
  walk(*tree.root);
  return longest;
}

std::optional<nfa::Automaton> Builder::build() {
  Node accept;
  accept.kind = NodeKind::kAccept;
  accept.label = "match";
  accept.progress = tree_.root->last + 1;
  const auto end = static_cast<NodeId>(program_.nodes.size());
  program_.nodes.push_back(std::move(accept));
  automaton_.start = build(*tree_.root, end, {});
  automaton_.ambiguous = is_ambiguous(*tree_.root);
  automaton_.within = tree_.within;
  automaton_.longest_wait = longest_wait(tree_);

  for (nfa::NameId id = 0; id < tree_.names.size(); ++id) {
    const bool list = std::ranges::any_of(
        tree_.sites, [&](const NameSite& s) { return s.name == id && many(*s.node, nullptr); });
    automaton_.names.push_back({tree_.names[id], list});
  }
  if (tree_.until) {
    automaton_.until = clause_tests(tree_.until->options, {.node = nullptr, .everything = true});
  }
  for (const NotItem& item : tree_.leading) {
    automaton_.leading.push_back(
        {clause_tests(item.options, {.node = tree_.root.get(), .leading = true}), *item.within});
  }
  const Scope outside = outside_scope(tree_);
  for (const Conjunct& c : tree_.where) {
    const nfa::ExprId e = compiler::bind(*c.expr, c.snippet, outside, bind_);
    if (e == nfa::kNoExpr) fail();
    automaton_.where.push_back(e);
  }
  if (const auto& after = rule_.pattern->after) {
    switch (after->kind) {
      case lang::AfterKind::kConsume:
        automaton_.after = nfa::AfterMatch::kConsume;
        break;
      case lang::AfterKind::kSkipPastLast:
        automaton_.after = nfa::AfterMatch::kSkipPastLast;
        break;
      case lang::AfterKind::kSkipToNext:
        automaton_.after = nfa::AfterMatch::kSkipToNext;
        break;
      case lang::AfterKind::kSkipToFirst:
        automaton_.after = nfa::AfterMatch::kSkipToFirst;
        break;
      case lang::AfterKind::kSkipToLast:
        automaton_.after = nfa::AfterMatch::kSkipToLast;
        break;
      case lang::AfterKind::kKeep:
        automaton_.after = nfa::AfterMatch::kKeep;
        break;
    }
    if (const auto id = tree_.find(after->name.text)) automaton_.after_name = *id;
  }
  if (!ok_) return std::nullopt;
  find_running(program_, automaton_);
  return std::move(automaton_);
}

NodeId Builder::make(const TreeNode& n, NodeKind kind, NodeId next) {
  Node node;
  node.kind = kind;
  node.next = next;
  node.label = n.label;
  node.progress = n.order;
  program_.nodes.push_back(std::move(node));
  return static_cast<NodeId>(program_.nodes.size() - 1);
}

NodeId Builder::build(TreeNode& n, NodeId next, const Around& around) {
  switch (n.kind) {
    case TreeNode::kEvent:
      return build_event(n, next, around);
    case TreeNode::kNots:
      return build_row(n, next, around);
    case TreeNode::kSeq:
    case TreeNode::kOr:
    case TreeNode::kAnd:
      return build_group(n, next, around);
  }
  return next;
}

void Builder::event_tests(const TreeNode& n, NodeId wait) {
  std::vector<nfa::Test> tests;
  for (const Option& o : n.options) {
    const Scope scope = scope_at(tree_, {.node = &n, .candidate = &o});
    const std::size_t first = tests.size();
    if (!make_tests(o, n.where, scope, bind_, tests)) fail();
    for (std::size_t i = first; i < tests.size(); ++i) tests[i].name = o.name;
  }
  program_.nodes[wait].tests = std::move(tests);
}

NodeId Builder::build_event(TreeNode& n, NodeId next, Around around) {
  const NodeId wait = make(n, NodeKind::kWait, next);
  event_tests(n, wait);
  program_.nodes[wait].within = n.within;

  const bool loop =
      n.repeated() || (n.optional() && (n.greed == nfa::Greed::kPossessive || n.until));
  NodeId entry = wait;
  if (loop) {
    const RegId count = reg();
    around.keywords.push_back({.contiguity = n.keyword, .only_first = true, .count = count});
    around.keywords.push_back({.contiguity = n.between, .only_later = true, .count = count});
    if (n.until) around.untils.insert(around.untils.begin(), {.until = until(n), .count = count});
    const NodeId test = make(n, NodeKind::kLoopTest, next);
    const NodeId end = make(n, NodeKind::kLoopEnd, nfa::kNoNode);
    entry = make(n, NodeKind::kLoopEnter, test);
    program_.nodes[end].body = test;
    program_.nodes[wait].next = end;
    Node& t = program_.nodes[test];
    t.body = wait;
    t.min = n.min;
    t.max = n.max;
    t.greed = n.greed;
    automaton_.possessive = automaton_.possessive || n.greed == nfa::Greed::kPossessive;
    t.count = count;
    program_.nodes[entry].count = count;
  } else {
    program_.nodes[wait].keyword = n.keyword;
    if (n.optional()) {
      entry = make(n, NodeKind::kSplit, nfa::kNoNode);
      auto& targets = program_.nodes[entry].targets;
      targets = {wait, next};
      if (n.greed == nfa::Greed::kReluctant) std::ranges::reverse(targets);
    }
  }
  program_.nodes[wait].keywords = std::move(around.keywords);
  program_.nodes[wait].untils = std::move(around.untils);
  program_.nodes[wait].windows = std::move(around.windows);
  return entry;
}

NodeId Builder::build_group(TreeNode& n, NodeId next, const Around& around) {
  if (n.repeated() || (n.optional() && (n.greed == nfa::Greed::kPossessive || n.until))) {
    return build_loop(n, next, around);
  }
  const bool plain = n.keyword == nfa::Contiguity::kSkipTillNext && !n.within && n.where.empty();
  const NodeId inside = plain ? build_body(n, next, around) : build_plain_group(n, next, around);
  if (!n.optional()) return inside;
  const NodeId split = make(n, NodeKind::kSplit, nfa::kNoNode);
  auto& targets = program_.nodes[split].targets;
  targets = {inside, next};
  if (n.greed == nfa::Greed::kReluctant) std::ranges::reverse(targets);
  return split;
}

NodeId Builder::build_plain_group(TreeNode& n, NodeId next, Around around) {
  const NodeId end = make(n, NodeKind::kGroupEnd, next);
  const NodeId enter = make(n, NodeKind::kGroupEnter, nfa::kNoNode);
  const RegId entry = reg();
  program_.nodes[enter].entry = program_.nodes[end].entry = entry;
  if (n.within) {
    const RegId first = reg();
    program_.nodes[enter].first_ts = program_.nodes[end].first_ts = first;
    around.windows.push_back({.first_ts = first, .duration = *n.within});
  }
  // In an AND the keyword governs each member; in any other group whatever comes first.
  if (n.kind != TreeNode::kAnd && n.keyword != nfa::Contiguity::kSkipTillNext) {
    around.keywords.push_back({.mark = entry, .contiguity = n.keyword});
  }
  group_where(n, end);
  const NodeId inside = build_body(n, end, around);
  program_.nodes[enter].next = inside;
  return enter;
}

NodeId Builder::build_loop(TreeNode& n, NodeId next, Around around) {
  const RegId count = reg();
  const RegId entry = reg();
  n.iter = reg();
  const NodeId test = make(n, NodeKind::kLoopTest, next);
  const NodeId end = make(n, NodeKind::kLoopEnd, nfa::kNoNode);
  const NodeId enter = make(n, NodeKind::kLoopEnter, test);
  {
    Node& t = program_.nodes[test];
    t.min = n.min;
    t.max = n.max;
    t.greed = n.greed;
    automaton_.possessive = automaton_.possessive || n.greed == nfa::Greed::kPossessive;
    t.count = count;
    t.entry = entry;
    t.iter = n.iter;
  }
  program_.nodes[enter].count = count;
  program_.nodes[enter].entry = entry;
  program_.nodes[enter].iter = n.iter;
  program_.nodes[end].body = test;
  if (n.within) {
    const RegId first = reg();
    program_.nodes[enter].first_ts = program_.nodes[test].first_ts = first;
    around.windows.push_back({.first_ts = first, .duration = *n.within});
  }
  if (n.kind == TreeNode::kAnd) {
    around.keywords.push_back({.contiguity = n.keyword, .only_first = true, .count = count});
  } else {
    around.keywords.push_back({.mark = entry, .contiguity = n.keyword});
  }
  around.keywords.push_back(
      {.mark = n.iter, .contiguity = n.between, .only_later = true, .count = count});
  if (n.until) around.untils.insert(around.untils.begin(), {.until = until(n), .entry = entry});
  group_where(n, end);
  const NodeId body = build_body(n, end, around);
  program_.nodes[test].body = body;
  return enter;
}

NodeId Builder::build_body(TreeNode& n, NodeId next, const Around& around) {
  if (n.kind == TreeNode::kAnd) return build_and(n, next, around);
  if (n.kind == TreeNode::kOr) {
    std::vector<NodeId> targets;
    for (const auto& child : n.children) targets.push_back(build(*child, next, around));
    const NodeId split = make(n, NodeKind::kSplit, nfa::kNoNode);
    program_.nodes[split].targets = std::move(targets);
    return split;
  }
  for (auto it = n.children.rbegin(); it != n.children.rend(); ++it) {
    next = build(**it, next, around);
  }
  return next;
}

NodeId Builder::build_and(TreeNode& n, NodeId next, const Around& around) {
  const NodeId wait = make(n, NodeKind::kAnd, next);
  std::vector<nfa::Test> tests;
  for (const Option& o : n.options) {
    const Scope scope = scope_at(tree_, {.node = &n, .candidate = &o, .member = true});
    const std::size_t first = tests.size();
    if (!make_tests(o, {}, scope, bind_, tests)) fail();
    // A member that stands for several types has a test for each.
    for (std::size_t i = first; i < tests.size(); ++i) {
      tests[i].name = o.name;
      tests[i].member = static_cast<std::uint8_t>(&o - n.options.data());
    }
  }
  Node& node = program_.nodes[wait];
  node.tests = std::move(tests);
  node.max = static_cast<std::uint32_t>(n.options.size());
  node.count = reg();
  if (!n.repeated()) node.keyword = n.keyword;
  node.keywords = around.keywords;
  node.untils = around.untils;
  node.windows = around.windows;
  return wait;
}

void Builder::group_where(const TreeNode& n, NodeId end) {
  const Scope scope = scope_at(tree_, {.node = &n, .complete = true});
  for (const Conjunct& c : n.where) {
    const nfa::ExprId e = compiler::bind(*c.expr, c.snippet, scope, bind_);
    if (e == nfa::kNoExpr) fail();
    program_.nodes[end].where.push_back(e);
  }
}

std::vector<nfa::Test> Builder::clause_tests(const std::vector<Option>& options, Site site) {
  std::vector<nfa::Test> tests;
  for (const Option& o : options) {
    site.candidate = &o;
    if (!make_tests(o, {}, scope_at(tree_, site), bind_, tests)) fail();
  }
  return tests;
}

std::uint32_t Builder::until(const TreeNode& n) {
  automaton_.untils.push_back(
      clause_tests(n.until->options, {.node = &n, .whole_loop = true, .complete = true}));
  return static_cast<std::uint32_t>(automaton_.untils.size() - 1);
}

nfa::GuardId Builder::guard(const NotItem& item, const Site& site) {
  nfa::Guard guard{
      .tests = clause_tests(item.options, site), .next = item.next, .within = item.within};
  const bool reads =
      std::ranges::any_of(guard.tests, [](const nfa::Test& t) { return !t.bound.empty(); });
  for (const TreeNode* up = site.node->parent; up != nullptr && reads; up = up->parent) {
    guard.scoped = guard.scoped || up->repeated();
  }
  automaton_.guards.push_back(std::move(guard));
  return static_cast<nfa::GuardId>(automaton_.guards.size() - 1);
}

NodeId Builder::build_row(TreeNode& n, NodeId next, const Around& around) {
  const bool pause =
      std::ranges::any_of(n.nots, [](const NotItem& i) { return i.within.has_value(); });
  const NodeId row = make(n, pause ? NodeKind::kPause : NodeKind::kGuard, next);
  std::vector<nfa::GuardId> guards;
  for (const NotItem& item : n.nots) guards.push_back(guard(item, {.node = &n}));
  Node& node = program_.nodes[row];
  node.guards = std::move(guards);
  node.untils = around.untils;
  node.windows = around.windows;
  return row;
}

}  // namespace

Scope outside_scope(const Tree& tree) {
  return scope_at(tree, {.everything = true});
}

bool bind_tests(const std::vector<Conjunct>& conjuncts, const Scope& scope, BindContext& bind,
                nfa::Test& test) {
  bool ok = true;
  for (const Conjunct& c : conjuncts) {
    const nfa::ExprId e = compiler::bind(*c.expr, c.snippet, scope, bind);
    if (e == nfa::kNoExpr) {
      ok = false;
      continue;
    }
    (bind.pool.at(e).one_event ? test.one_event : test.bound).push_back(e);
  }
  const auto order = [&](nfa::ExprId e) {
    return std::pair(bind.pool.at(e).cost, bind.pool.at(e).breadth);
  };
  std::ranges::stable_sort(test.one_event, {}, order);
  std::ranges::stable_sort(test.bound, {}, order);
  return ok;
}

bool make_tests(const Option& option, const std::vector<Conjunct>& more, const Scope& scope,
                BindContext& bind, std::vector<nfa::Test>& tests) {
  bool ok = true;
  std::vector<Conjunct> written = option.where;
  written.insert(written.end(), more.begin(), more.end());
  if (written.size() > 1) {
    std::vector<const lang::Expr*> all;
    for (const Conjunct& c : written) all.push_back(c.expr);
    check_contradictions(all, written.front().snippet, bind.diagnostics);
  }
  for (const Alternative& a : option.alternatives) {
    nfa::Test test{
        .any_type = a.any, .type = a.type, .one_event = {}, .bound = {}, .within = option.within};
    if (a.event_class != nullptr && a.event_class->where.root != nullptr) {
      Scope own;
      own.find = [](std::string_view) { return std::nullopt; };
      own.candidate_types =
          scope.candidate_types;  // a field that only some of them have is no fault
      std::vector<Conjunct> conditions;
      for (const lang::Expr* c : conjuncts(*a.event_class->where.root)) {
        conditions.push_back({c, a.event_class->where.snippet});
      }
      ok = bind_tests(conditions, own, bind, test) && ok;
    }
    ok = bind_tests(written, scope, bind, test) && ok;
    tests.push_back(std::move(test));
  }
  return ok;
}

std::optional<nfa::Automaton> build_automaton(AutomatonInput input) {
  return Builder(input).build();
}

}  // namespace weir::compiler
