// The rules of the contract about what may stand where in a pattern, each with its own code. What a
// single step may look like by itself the parser has checked already.
#include <algorithm>
#include <functional>

#include "tree.hpp"

namespace weir::compiler {
namespace {

using lang::Code;

/// Possessive loops of one pattern; a run tells apart at most 64 that are open at one place.
constexpr unsigned kMaxPossessive = 16;
constexpr std::size_t kMaxAndMembers = 32;

class Checker {
 public:
  Checker(const Tree& tree, const lang::RuleDef& rule, lang::Diagnostics& diagnostics)
      : tree_(tree), rule_(rule), diagnostics_(diagnostics) {}

  bool run();

 private:
  void walk(const TreeNode& n);
  void check_row(const TreeNode& n);
  void check_row_item(const TreeNode& n, const NotItem& item, bool has_pause);
  void check_leading();
  void check_possessive(const TreeNode& n);
  void check_after();
  void check_or(const TreeNode& n);
  void warn_unbounded();
  void warn_ending_loop();
  void warn_unreachable(const TreeNode& n);
  void warn_silent_iteration(const TreeNode& n);

  lang::Diagnostic& error(Code code, lang::Span span, std::string message) {
    ok_ = false;
    return diagnostics_.report(code, {tree_.snippet, span}, std::move(message));
  }
  lang::Diagnostic& warn(Code code, lang::Span span, std::string message) {
    return diagnostics_.report(code, {tree_.snippet, span}, std::move(message));
  }

  const Tree& tree_;
  const lang::RuleDef& rule_;
  lang::Diagnostics& diagnostics_;
  unsigned possessive_ = 0;
  bool ok_ = true;
};

bool Checker::run() {
  const TreeNode& root = *tree_.root;
  if (!may_bind(root)) {
    error(Code::E0303, rule_.pattern->root.span, "this pattern binds no event")
        .notes.push_back(
            "a match needs at least one event; an absence is asked for after one: SEQ(a, NOT b "
            "WITHIN 1m)");
    return false;
  }
  check_leading();
  walk(root);
  check_after();
  if (ok_) {
    warn_unbounded();
    warn_ending_loop();
  }
  return ok_;
}

void Checker::walk(const TreeNode& n) {
  if (n.kind == TreeNode::kNots) return check_row(n);
  if (n.kind == TreeNode::kAnd && n.options.size() > kMaxAndMembers) {
    error(Code::E0315, n.span, "an AND of more than 32 members");
  }
  if (n.repeated() || n.optional()) {
    if (n.greed == nfa::Greed::kPossessive) check_possessive(n);
    if (n.repeated()) warn_silent_iteration(n);
  }
  if (n.kind == TreeNode::kOr) check_or(n);
  warn_unreachable(n);
  for (const auto& child : n.children) walk(*child);
}

/// What can come after a row of NOTs: something always bound or a pause, only what may be absent,
/// or nothing at all.
enum class Follow : std::uint8_t { kCertain, kMaybe, kNothing };

bool has_pause(const TreeNode& n) {
  return n.kind == TreeNode::kNots &&
         std::ranges::any_of(n.nots, [](const NotItem& i) { return i.within.has_value(); });
}

/// A step that is always bound, or a pause, lies on every way through the node.
bool certain(const TreeNode& n) {
  if (n.optional()) return false;
  if (has_pause(n)) return true;
  if (n.kind == TreeNode::kSeq) {
    return std::ranges::any_of(n.children, [](const auto& c) { return certain(*c); });
  }
  if (n.kind == TreeNode::kOr) {
    return std::ranges::all_of(n.children, [](const auto& c) { return certain(*c); });
  }
  return always_binds(n);
}

Follow follow(const TreeNode& n) {
  Follow result = Follow::kNothing;
  for (const TreeNode* up = &n; up->parent != nullptr; up = up->parent) {
    if (up->parent->kind != TreeNode::kSeq) continue;
    bool after = false;
    for (const auto& child : up->parent->children) {
      if (after && certain(*child)) return Follow::kCertain;
      if (after && may_bind(*child)) result = Follow::kMaybe;
      after = after || child.get() == up;
    }
  }
  return result;
}

void Checker::check_row(const TreeNode& n) {
  if (!may_bind_before(n)) {
    error(Code::E0307, n.span, "a NOT before which nothing can be bound stands in the wrong place")
        .notes.push_back(
            "it looks back from the first event, so it stands at the start of the outermost SEQ, "
            "one that is not repeated: SEQ(NOT logout WITHIN 5m, transfer)");
    return;
  }
  const bool pause = has_pause(n);
  for (const NotItem& item : n.nots) check_row_item(n, item, pause);
  if (!ok_ || pause) return;
  switch (follow(n)) {
    case Follow::kCertain:
      return;
    case Follow::kMaybe: {
      auto& d = error(Code::E0305, n.span, "only steps that may be absent follow this NOT");
      d.notes.push_back("it guards until the next step is taken, which may never be");
      d.help = "give the NOT a WITHIN of its own, or let a step follow that is always bound";
      return;
    }
    case Follow::kNothing:
      if (!tree_.within) {
        auto& d = error(Code::E0304, n.span, "this absence has no deadline");
        d.notes.push_back("without one the match would never be complete");
        d.help = "say how long: `NOT ... WITHIN 10m`, or WITHIN after the whole pattern";
      }
  }
}

void Checker::check_row_item(const TreeNode& n, const NotItem& item, bool pause) {
  const lang::Span span = item.step->span;
  const bool in_or = n.parent->kind == TreeNode::kOr;
  const bool only_nots = n.parent->kind == TreeNode::kSeq && n.parent->children.size() == 1 &&
                         n.parent->parent != nullptr && n.parent->parent->kind == TreeNode::kOr;
  if ((in_or || only_nots) && !item.within) {
    error(Code::E0310, span, "a NOT in an OR needs a WITHIN of its own").help =
        "say how long the silence has to last: `NOT b WITHIN 2s`";
    return;
  }
  if (item.within && !always_bound_before(n)) {
    auto& d = error(Code::E0309, span, "no event is always bound before this NOT WITHIN");
    d.notes.push_back("its time counts from the event bound before it");
    d.help = "let a step that is never absent stand before it, or leave the WITHIN out";
    return;
  }
  const bool ends = ends_pattern(n);
  if (item.next && !ends && (item.within || pause)) {
    auto& d = error(Code::E0311, span,
                    item.within ? "NEXT NOT between steps takes no WITHIN"
                                : "NEXT NOT cannot stand in a row with a pause");
    d.notes.push_back("NEXT NOT is held against one event, whenever it comes");
    d.help = item.within ? "leave the WITHIN out, or the NEXT: then it is a pause"
                         : "leave the NEXT out, or put a step between the two";
    return;
  }
  if (item.within && tree_.within && *item.within > *tree_.within &&
      (!ends || in_or || only_nots)) {
    auto& d = error(Code::E0312, span, "this pause is longer than the pattern's WITHIN");
    d.notes.push_back("it lasts " + format_duration(*item.within) + ", the whole pattern at most " +
                      format_duration(*tree_.within));
    d.help = "make the pause shorter, or the pattern's WITHIN longer";
  }
}

void Checker::check_leading() {
  if (tree_.leading.empty()) return;
  for (const NotItem& item : tree_.leading) {
    if (item.next) {
      error(Code::E0307, item.step->span, "NEXT NOT at the start has no event to come after").help =
          "to look back from the first event, write NOT ... WITHIN 5m";
    } else if (!item.within) {
      error(Code::E0306, item.step->span, "a NOT at the start needs a WITHIN of its own").help =
          "say how far back it looks: `NOT login WITHIN 5m`";
    }
  }
  const auto& steps = tree_.root->children;
  if (std::ranges::none_of(steps, [](const auto& c) { return always_binds(*c); })) {
    error(Code::E0308, tree_.leading_span,
          "only steps that may be absent follow the NOT at the start")
        .help = "let a step follow that is never absent";
  }
}

/// Rows of NOTs that may be the last thing of an iteration of `n`.
const TreeNode* last_not(const TreeNode& n) {
  if (n.kind == TreeNode::kNots) return &n;
  if (n.kind == TreeNode::kSeq) {
    for (auto it = n.children.rbegin(); it != n.children.rend(); ++it) {
      if (const TreeNode* found = last_not(**it)) return found;
      if (always_binds(**it)) return nullptr;
    }
  }
  if (n.kind == TreeNode::kOr) {
    for (const auto& child : n.children) {
      if (const TreeNode* found = last_not(*child)) return found;
    }
  }
  return nullptr;
}

void Checker::check_possessive(const TreeNode& n) {
  if (++possessive_ > kMaxPossessive) {
    error(Code::E0315, n.span, "more than 16 possessive loops in one pattern");
  }
  if (n.kind != TreeNode::kSeq && n.kind != TreeNode::kOr) return;
  if (const TreeNode* row = last_not(n)) {
    auto& d = error(Code::E0313, row->span, "a NOT may stand last in this possessive group");
    d.others.push_back({{tree_.snippet, n.span}, "an iteration of this group"});
    d.notes.push_back("a possessive group commits to an iteration at its first event");
    d.help =
        "leave out the `+` that makes it possessive, or let a step follow the NOT in the group";
  }
}

void Checker::check_after() {
  const auto& after = rule_.pattern->after;
  if (!after || after->name.text.empty() || tree_.find(after->name.text)) return;
  auto& d = error(Code::E0314, after->name.span,
                  "the pattern binds nothing to the name `" + after->name.text + "`");
  if (const std::string near = lang::nearest(after->name.text, tree_.names); !near.empty()) {
    d.help = "did you mean `" + near + "`?";
  }
}

bool same_options(const std::vector<Option>& a, const std::vector<Option>& b) {
  return std::ranges::equal(
      a, b, [](const Option& x, const Option& y) { return x.own_name == y.own_name; });
}

/// OR(b, NOT b WITHIN 2s): b may still come later than the silence.
void Checker::check_or(const TreeNode& n) {
  for (const auto& row : n.children) {
    if (row->kind != TreeNode::kNots) continue;
    for (const auto& event : n.children) {
      if (event->kind != TreeNode::kEvent || event->within || n.within) continue;
      if (!same_options(event->options, row->nots.front().options)) continue;
      auto& d = warn(Code::W0304, event->span, "this event has no WITHIN beside its own silence");
      d.others.push_back({{tree_.snippet, row->span}, "after this silence it may still come"});
      d.help = "give it the same WITHIN as the NOT";
    }
  }
}

/// A possessive loop with a pause behind it: the silence closes it (a session).
bool closed_by_silence(const TreeNode& n) {
  if (n.greed != nfa::Greed::kPossessive || n.parent == nullptr ||
      n.parent->kind != TreeNode::kSeq) {
    return false;
  }
  const auto& steps = n.parent->children;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    if (steps[i].get() == &n) return has_pause(*steps[i + 1]);
  }
  return false;
}

/// The first thing that could wait for ever: nothing but a WITHIN ends a wait.
void Checker::warn_unbounded() {
  if (tree_.within) return;
  const TreeNode* found = nullptr;
  const std::function<void(const TreeNode&, bool)> walk = [&](const TreeNode& n, bool bounded) {
    if (found != nullptr || n.kind == TreeNode::kNots) return;
    bounded = bounded || n.within || longest_within(n) || closed_by_silence(n);
    const bool strict = n.keyword == nfa::Contiguity::kNext;
    const bool first = !may_bind_before(n) && n.min == 1 && n.max == 1;
    if (n.kind == TreeNode::kEvent || n.kind == TreeNode::kAnd) {
      const bool waits = n.kind == TreeNode::kAnd || !first || n.repeated();
      const bool strict_loop = strict && (!n.repeated() || n.between == nfa::Contiguity::kNext);
      if (waits && !bounded && !strict_loop) found = &n;
    }
    for (const auto& child : n.children) walk(*child, bounded);
  };
  walk(*tree_.root, false);
  if (found == nullptr) return;
  auto& d = warn(Code::W0301, found->span, "nothing bounds the wait for `" + found->label + "`");
  d.notes.push_back("its partial matches are kept for ever");
  d.help = "add WITHIN to the pattern or the step: `... WITHIN 10m`";
}

const TreeNode* last_step(const TreeNode& n) {
  if (n.kind == TreeNode::kSeq && !n.repeated()) {
    return n.children.empty() ? nullptr : last_step(*n.children.back());
  }
  return &n;
}

void Checker::warn_ending_loop() {
  const auto& after = rule_.pattern->after;
  if (after && after->kind != lang::AfterKind::kConsume) return;
  const TreeNode* last = last_step(*tree_.root);
  if (last == nullptr || last->kind == TreeNode::kNots || last->max == last->min ||
      last->greed == nfa::Greed::kPossessive) {
    return;
  }
  auto& d = warn(Code::W0302, last->span,
                 "a loop that ends the pattern reports its least count under CONSUME");
  d.notes.push_back("the match is complete, and its events used up, as soon as " +
                    std::to_string(last->min) + " are bound");
  d.help =
      "make it possessive (a `+` after the quantifier) to take all that come, or say the "
      "exact number";
}

bool unconditional(const Option& o) {
  return o.where.empty() && !o.within &&
         std::ranges::all_of(o.alternatives, [](const Alternative& a) {
           return a.event_class == nullptr || a.event_class->where.root == nullptr;
         });
}

void Checker::warn_unreachable(const TreeNode& n) {
  // A member of an OR of single events that an earlier one always takes the event from.
  if (n.kind == TreeNode::kEvent) {
    for (std::size_t i = 1; i < n.options.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (n.options[j].own_name != n.options[i].own_name || !unconditional(n.options[j]))
          continue;
        auto& d = warn(Code::W0303, n.options[i].element->span, "this member is never reached");
        d.others.push_back({{tree_.snippet, n.options[j].element->span},
                            "this one, further left, takes every such event"});
        break;
      }
    }
  }
  // A step whose every event the possessive loop before it takes.
  if (n.kind == TreeNode::kSeq) {
    for (std::size_t i = 1; i < n.children.size(); ++i) {
      const TreeNode& loop = *n.children[i - 1];
      const TreeNode& step = *n.children[i];
      const bool takes_all = loop.kind == TreeNode::kEvent && loop.max == nfa::kNoLimit &&
                             loop.greed == nfa::Greed::kPossessive && !loop.until && !loop.within &&
                             loop.where.empty() && !tree_.within &&
                             loop.between == nfa::Contiguity::kSkipTillNext &&
                             loop.options.size() == 1 && unconditional(loop.options.front());
      if (!takes_all || step.kind != TreeNode::kEvent || step.options.size() != 1 ||
          step.options.front().own_name != loop.options.front().own_name) {
        continue;
      }
      auto& d = warn(Code::W0303, step.span, "this step is never reached");
      d.others.push_back(
          {{tree_.snippet, loop.span}, "this possessive loop takes every such event"});
    }
  }
  // A type that `from` leaves out.
  if (rule_.from.empty()) return;
  for (const Option& o : n.options) {
    const bool listed = std::ranges::any_of(o.alternatives, [&](const Alternative& a) {
      return a.any || std::ranges::any_of(rule_.from, [&](const lang::Text& t) {
               return t.value == "*" || t.value == o.own_name ||
                      (a.event_class != nullptr &&
                       std::ranges::any_of(a.event_class->from, [&](const lang::Text& f) {
                         return f.value == t.value;
                       }));
             });
    });
    if (listed) continue;
    auto& d = warn(Code::W0303, o.element->span,
                   "this step is never reached: `from` does not list `" + o.own_name + "`");
    d.others.push_back({rule_.from.front().place, "the input is what is listed here"});
  }
}

/// A loop whose iteration may be a silence alone: that ends it, whatever its least count.
void Checker::warn_silent_iteration(const TreeNode& n) {
  if (n.kind != TreeNode::kOr || n.min < 2) return;
  for (const auto& child : n.children) {
    if (child->kind == TreeNode::kEvent || may_bind(*child)) continue;
    warn(Code::W0305, child->span, "a silence binds nothing, so it ends the loop around it")
        .notes.push_back("the loop is over then, even before its least count of " +
                         std::to_string(n.min));
    return;
  }
}

}  // namespace

bool check_tree(const Tree& tree, const lang::RuleDef& rule, lang::Diagnostics& diagnostics) {
  return Checker(tree, rule, diagnostics).run();
}

}  // namespace weir::compiler
