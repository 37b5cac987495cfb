// All patterns of a small grammar over all short logs.
#include <string>
#include <utility>
#include <vector>

#include "generate.hpp"

namespace weir::reference {
namespace {

using Steps = std::vector<DraftStep>;

DraftStep event(std::string type) {
  DraftStep s;
  s.type = std::move(type);
  return s;
}

DraftStep group(DraftKind kind, Steps members) {
  DraftStep s;
  s.kind = kind;
  s.members = std::move(members);
  return s;
}

DraftStep seq(Steps members) {
  return group(DraftKind::kSeq, std::move(members));
}
DraftStep either(Steps members) {
  return group(DraftKind::kOr, std::move(members));
}

DraftStep no(std::string type, std::string within = {}, std::string keyword = {}) {
  DraftStep s = event(std::move(type));
  s.negated = true;
  s.within = std::move(within);
  s.keyword = std::move(keyword);
  return s;
}

DraftStep within(DraftStep s, std::string d) {
  s.within = std::move(d);
  return s;
}

DraftStep where(DraftStep s, std::string expr) {
  s.where = std::move(expr);
  return s;
}

// The step as it is, and under every quantifier, greed and keyword between iterations.
Steps forms(const DraftStep& step, bool between) {
  Steps out = {step};
  for (const char* quantifier : {"+", "*", "?", "{2}", "{1,2}"}) {
    for (const char* greed : {"", "?", "+"}) {
      DraftStep s = step;
      s.quantifier = quantifier;
      s.greed = greed;
      out.push_back(s);
      if (!between || s.quantifier == "?") continue;
      for (const char* keyword : {"NEXT", "ANY"}) {
        s.between = keyword;
        if (s.greed != "+" || s.between != "ANY") out.push_back(s);
      }
    }
  }
  return out;
}

Steps keywords(const Steps& steps) {
  Steps out;
  for (const DraftStep& step : steps) {
    for (const char* keyword : {"", "NEXT", "ANY"}) {
      out.push_back(step);
      out.back().keyword = keyword;
    }
  }
  return out;
}

class Rules {
 public:
  std::vector<DraftRule> take() { return std::move(rules_); }

  void add(const DraftStep& root, std::vector<std::string> afters = {"KEEP", ""}) {
    for (std::string& after : afters) rules_.push_back({root, std::move(after), {}, {}});
  }

  void pairs() {
    for (const DraftStep& a : forms(event("a"), true)) {
      add(a);
      add(within(a, "1s"));
      for (const DraftStep& b : keywords(forms(event("b"), false))) add(seq({a, b}));
      add(seq({a, event("a")}));
      add(within(seq({a, event("b")}), "1s"));
      add(within(seq({event("c"), a}), "1s"));
      add(seq({event("c"), within(a, "1s")}));
      add(seq({event("c"), within(a, "1s"), event("b")}));
    }
  }

  void negations() {
    const std::vector<Steps> rows = {{no("c")},
                                     {no("c", "", "NEXT")},
                                     {no("c", "1s")},
                                     {no("a")},
                                     {no("b")},
                                     {no("a", "1s")},
                                     {no("*", "1s")},
                                     {where(no("c"), "v > 0")},
                                     {no("c"), no("a", "1s")},
                                     {no("c", "1s"), no("b", "2s")},
                                     {no("c", "", "NEXT"), no("a")}};
    for (const Steps& row : rows) {
      for (const DraftStep& a : forms(event("a"), false)) {
        Steps steps = {a};
        steps.insert(steps.end(), row.begin(), row.end());
        add(within(seq(steps), "2s"));
        if (!row[0].within.empty()) add(seq(steps));
        for (const char* keyword : {"", "NEXT", "ANY"}) {
          Steps more = steps;
          more.push_back(event("b"));
          more.back().keyword = keyword;
          add(seq(more));
        }
      }
      for (const DraftStep& b : forms(event("b"), false)) {
        Steps steps = {event("a")};
        steps.insert(steps.end(), row.begin(), row.end());
        steps.push_back(b);
        add(seq(steps));
        steps.push_back(event("c"));
        add(seq(steps));
      }
    }
    for (const DraftStep& b : forms(event("b"), false)) {
      add(seq({no("c", "1s"), b}));
      add(seq({no("b", "1s"), b}));
      add(seq({no("c", "1s"), no("a", "2s"), b, event("a")}));
      add(seq({event("a"), either({within(b, "1s"), no("b", "1s")})}));
      add(seq({event("a"), either({b, no("c", "1s")}), event("c")}));
    }
  }

  void groups() {
    const Steps bodies = {seq({event("a"), event("b")}),
                          seq({opt("a"), event("b")}),
                          seq({event("a"), opt("b")}),
                          seq({plus("a"), event("b")}),
                          seq({opt("a"), opt("b")}),
                          either({event("a"), event("b")}),
                          either({seq({event("a"), event("b")}), event("c")}),
                          either({seq({event("a"), event("b")}), seq({event("a"), event("c")})}),
                          group(DraftKind::kAnd, {event("a"), event("b")}),
                          group(DraftKind::kAnd, {where(event("a"), "v > 0"), event("a")}),
                          seq({event("a"), no("c")}),
                          seq({event("a"), no("c", "1s")}),
                          seq({event("a"), no("c", "", "NEXT"), event("b")})};
    for (const DraftStep& body : bodies) {
      for (const DraftStep& g : forms(body, true)) {
        add(within(g, "3s"));
        add(seq({g, event("c")}));
        for (const DraftStep& k : keywords({g})) add(within(seq({event("c"), k}), "3s"));
        add(seq({event("c"), within(g, "1s"), event("a")}));
      }
    }
    for (const DraftStep& b : keywords({event("b"), plus("b")})) {
      for (const DraftStep& c : keywords({event("c"), plus("c")})) {
        add(within(seq({event("a"), within(seq({b, c}), "1s")}), "3s"));
        add(within(seq({within(seq({event("a"), no("c", "1s"), b}), "2s"), c}), "3s"));
      }
    }
    for (const DraftStep& g : forms(seq({no("c", "1s"), event("b")}), true)) {
      add(seq({event("a"), g}));
      add(seq({event("a"), g, event("a")}));
    }
    for (const DraftStep& g : forms(either({within(event("b"), "1s"), no("b", "1s")}), true)) {
      add(seq({event("a"), g}));
      add(seq({event("a"), g, event("c")}));
    }
  }

  void untils() {
    for (const DraftStep& bare : forms(event("a"), true)) {
      for (const char* until : {"c", "a"}) {
        DraftStep a = bare;
        a.until = until;
        if (a.until == "a") a.until_where = "v > 0";
        if (!a.quantifier.empty()) {
          add(a);
          add(seq({a, event("b")}));
          add(seq({a, event("c")}));
          add(seq({event("b"), a}));
        }
        DraftStep whole = seq({bare, event("b")});
        whole.until = a.until;
        whole.until_where = a.until_where;
        add(whole);
      }
    }
    for (DraftStep g : forms(seq({event("a"), event("b")}), false)) {
      g.until = "c";
      if (!g.quantifier.empty()) add(within(seq({event("a"), g}), "3s"));
      if (!g.quantifier.empty()) add(seq({g, event("a")}));
    }
  }

  void conditions() {
    for (const DraftStep& a : forms(event("a"), false)) {
      const bool loop = !a.quantifier.empty() && a.quantifier != "?";
      const std::string last = loop ? "last(a.v)" : "a.v";
      add(seq({a, where(event("b"), "v == " + last)}));
      add(where(seq({a, event("b")}), "b.v > " + last));
      add(where(seq({event("b"), a}), last + " > b.v"));
      if (loop) {
        add(seq({where(a, "count(a) == 0 or v > last(a.v)"), event("b")}));
        add(seq({where(a, "sum(a.v) < 1"), event("b")}));
        add(where(seq({event("b"), a}), "count(a) >= 2"));
      }
    }
  }

  void afters() {
    const std::vector<std::string> all = {"CONSUME",         "SKIP PAST LAST", "SKIP TO NEXT",
                                          "SKIP TO FIRST a", "SKIP TO LAST a", "SKIP TO FIRST b",
                                          "SKIP TO LAST b"};
    for (const DraftStep& a : forms(event("a"), false)) {
      for (const DraftStep& b : keywords({event("b"), plus("b"), opt("b")})) {
        add(seq({a, b}), all);
        add(seq({a, b, event("c")}), all);
      }
      add(within(seq({event("b"), a, no("c")}), "2s"), all);
    }
  }

 private:
  static DraftStep opt(const char* type) {
    DraftStep s = event(type);
    s.quantifier = "?";
    return s;
  }
  static DraftStep plus(const char* type) {
    DraftStep s = event(type);
    s.quantifier = "+";
    return s;
  }

  std::vector<DraftRule> rules_;
};

}  // namespace

std::vector<DraftRule> small_rules() {
  Rules rules;
  rules.pairs();
  rules.negations();
  rules.groups();
  rules.untils();
  rules.conditions();
  rules.afters();
  return rules.take();
}

std::vector<Log> small_logs(std::size_t length) {
  constexpr std::int64_t kSeconds[] = {0, 1, 1, 3, 4, 4};
  std::vector<Log> out;
  std::vector<Log> longest(1);
  for (std::size_t n = 0; n < length && n < std::size(kSeconds); ++n) {
    std::vector<Log> longer;
    for (const Log& log : longest) {
      for (const char* type : {"a", "b", "c"}) {
        Log more = log;
        RefEvent e;
        e.type = type;
        e.ts = {kSeconds[n] * kNsPerSecond};
        e.seq = n;
        e.fields["id"] = OwnedValue(Value::integer(static_cast<std::int64_t>(n) + 1));
        e.fields["v"] = OwnedValue(Value::integer(static_cast<std::int64_t>(n % 2)));
        more.events.push_back(std::move(e));
        longer.push_back(std::move(more));
      }
    }
    longest = std::move(longer);
    out.insert(out.end(), longest.begin(), longest.end());
  }
  return out;
}

}  // namespace weir::reference
