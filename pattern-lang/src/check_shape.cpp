// The checks of a parsed pattern that need no names: which parts of a step go together (language
// contract, section 3). Each step is looked at once; a part that is wrong is reported where it
// stands.
#include <utility>

#include "pattern_builder.hpp"
#include "print_parts.hpp"

namespace weir::lang {
namespace {

bool is_event(ElementKind kind) {
  return kind == ElementKind::kType || kind == ElementKind::kQuoted || kind == ElementKind::kAny;
}

/// The element inside of parentheses that add nothing to it.
const Element& unwrapped(const Element& element) {
  const Element* e = &element;
  while (e->kind == ElementKind::kParen) {
    const Step& inner = e->members.front();
    const bool bare = inner.keyword == Contiguity::kSkipTillNext && !inner.negated &&
                      !inner.quantifier && !inner.as && inner.clause_order.empty();
    if (!bare) break;
    e = &inner.element;
  }
  return *e;
}

bool is_single(const Element& element);

/// Takes exactly one event.
bool is_single(const Step& step) {
  return !step.negated && !step.quantifier && !step.until && is_single(step.element);
}

/// One event, or an OR of single events.
bool is_single(const Element& element) {
  if (is_event(element.kind)) return true;
  if (element.kind == ElementKind::kParen) return is_single(element.members.front());
  if (element.kind != ElementKind::kOr) return false;
  for (const Step& member : element.members) {
    if (!is_single(member)) return false;
  }
  return true;
}

class ShapeChecker {
 public:
  explicit ShapeChecker(Reporter& reporter) : reporter_(reporter) {}

  void step(const Step& s, bool outermost) {
    if (s.quantifier) quantifier(*s.quantifier);
    if (s.negated) {
      negated(s);
    } else {
      if (s.as) name(s);
      if (s.until && !s.quantifier && !(outermost && is_group(unwrapped(s.element)))) {
        report(Code::E0131, s.until->span, "UNTIL stands on a step without a quantifier",
               outermost ? "UNTIL ends a loop: a+ UNTIL b"
                         : "UNTIL ends a loop: a+ UNTIL b; to give up the whole pattern, put it "
                           "after the last parenthesis");
      }
    }
    if (s.until) event_set(s.until->element, "UNTIL", Code::E0132);
    if (s.element.kind == ElementKind::kAnd) {
      for (const Step& member : s.element.members) and_member(member);
    }
    // Below a NOT every fault has been told by event_set.
    if (s.negated) return;
    const bool inner_outermost =
        outermost && s.element.kind == ElementKind::kParen && !s.quantifier;
    for (const Step& member : s.element.members) {
      if (s.element.kind != ElementKind::kAnd || is_single(member)) step(member, inner_outermost);
    }
  }

 private:
  void report(Code code, Span span, std::string message, std::string help = {}) {
    reporter_.report(code, span, std::move(message), std::move(help));
  }

  static bool is_group(const Element& e) { return !group_text(e.kind).empty(); }

  void quantifier(const Quantifier& q) {
    if (q.max == 0U) {
      report(Code::E0123, q.span, "this step is taken zero times at most",
             "leave the step out; that an event must not come is said with NOT");
    } else if (q.max && *q.max < q.min) {
      report(Code::E0122, q.span,
             "the upper bound " + std::to_string(*q.max) + " is below the lower bound " +
                 std::to_string(q.min),
             "write {" + std::to_string(*q.max) + ',' + std::to_string(q.min) + '}');
    }
    if (q.greed == Greed::kPossessive && q.between == Contiguity::kAny) {
      report(Code::E0124, q.span, "a possessive loop does not go on with ANY",
             "it takes every event that it can; for any combination write + ANY, without the "
             "second +");
    }
  }

  void name(const Step& s) {
    const Element& e = unwrapped(s.element);
    const Span span = s.as->span;
    if (e.kind == ElementKind::kSeq || e.kind == ElementKind::kAnd) {
      report(Code::E0127, span, "AS stands on " + article(e.kind) + ", which binds several events",
             "name its members: " + std::string(group_text(e.kind)) + "(a AS x, b AS y)");
    } else if (e.kind == ElementKind::kOr && !is_single(e)) {
      report(Code::E0127, span, "AS stands on an OR whose members are not all single events",
             "name its members");
    } else if (e.kind == ElementKind::kParen) {
      const Step& inner = e.members.front();
      const Element& core = unwrapped(inner.element);
      if (inner.as) {
        report(Code::E0127, span, "this step has a name already",
               "keep `" + inner.as->text + "` or `" + s.as->text + '`');
      } else if (inner.negated || !is_single(core)) {
        report(Code::E0127, span, "AS stands on a group, which binds several events or none",
               "name the events in it");
      }
    }
  }

  static std::string article(ElementKind kind) {
    return (kind == ElementKind::kSeq ? "a " : "an ") + std::string(group_text(kind));
  }

  void negated(const Step& s) {
    if (s.keyword == Contiguity::kAny) {
      report(Code::E0128, s.keyword_span, "there is no ANY NOT",
             "NOT guards every event in between; NEXT NOT only the very next one");
    }
    if (s.quantifier) {
      report(Code::E0128, s.quantifier->span, "NOT takes no quantifier",
             "one such event is enough to break it: write NOT a");
    }
    if (s.as) {
      report(Code::E0127, s.as->span, "AS stands on a NOT, which binds nothing", "remove the AS");
    }
    if (s.until) {
      report(Code::E0128, s.until->span, "NOT takes no UNTIL",
             "how long it holds is said with WITHIN, or by the step that follows");
    }
    event_set(s.element, "NOT", Code::E0129);
  }

  /// What stands under NOT and UNTIL: one event, or an OR of events, each with a WHERE at most.
  void event_set(const Element& e, const std::string& word, Code code) {
    if (is_event(e.kind)) return;
    if (e.kind == ElementKind::kSeq || e.kind == ElementKind::kAnd) {
      report(code, e.span,
             word + " takes one event or an OR of events, no " + std::string(group_text(e.kind)),
             "write " + word + " a, or " + word + " OR(a, b)");
      return;
    }
    for (const Step& member : e.members) set_member(member, word, code);
  }

  void set_member(const Step& m, const std::string& word, Code code) {
    const std::string under = " under " + word;
    if (m.negated || m.keyword != Contiguity::kSkipTillNext) {
      report(code, m.negated ? m.not_span : m.keyword_span,
             "a keyword before an event" + under + " means nothing", "remove it");
    }
    if (m.quantifier) report(code, m.quantifier->span, "no quantifier stands" + under);
    if (m.as) report(Code::E0127, m.as->span, "AS stands" + under + ", which binds nothing");
    if (m.until) report(code, m.until->span, "no UNTIL stands" + under);
    if (m.within) {
      report(code, m.within->span, "no WITHIN stands on a member" + under,
             word == "NOT" ? "write it after the NOT's element" : "");
    }
    event_set(m.element, word, code);
  }

  void and_member(const Step& m) {
    const auto fault = [&](Span span, std::string message, std::string help = {}) {
      report(Code::E0130, span, std::move(message), std::move(help));
    };
    if (m.negated) {
      fault({m.not_span.begin, m.element.span.end}, "a NOT is no member of an AND",
            "put it beside the AND, in a SEQ");
      return;
    }
    if (m.keyword != Contiguity::kSkipTillNext) {
      fault(m.keyword_span, "a member of an AND takes no keyword",
            "NEXT or ANY before the AND governs each member");
    }
    if (m.quantifier) {
      fault(m.quantifier->span, "a member of an AND is a single event, it is not repeated",
            "for two of them write the member twice");
    }
    const Element& e = unwrapped(m.element);
    if (!is_event(e.kind)) {
      const std::string_view group = group_text(e.kind);
      fault(e.span, "the members of an AND are single events" +
                        (group.empty() ? std::string() : ", no " + std::string(group)));
    }
  }

  Reporter& reporter_;
};

}  // namespace

void check_shape(const Pattern& pattern, Reporter& reporter) {
  ShapeChecker(reporter).step(pattern.root, true);
}

}  // namespace weir::lang
