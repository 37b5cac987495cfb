#include "decorate.hpp"

#include <algorithm>
#include <map>

namespace weir::reference {
namespace {

// A name that a WHERE may read, and the repeated groups that it stands in.
struct Visible {
  std::string name;
  bool loop = false;  // bound by a loop of more than one iteration
  std::vector<const DraftStep*> groups;
};

bool repeats(const DraftStep& step) {
  return !step.quantifier.empty() && step.quantifier != "?";
}

bool of_events(const DraftStep& step) {
  return step.kind == DraftKind::kEvent ||
         (step.kind == DraftKind::kOr &&
          std::all_of(step.members.begin(), step.members.end(), [](const DraftStep& m) {
            return m.kind == DraftKind::kEvent && !m.negated && m.quantifier.empty() &&
                   m.keyword.empty();
          }));
}

class Decorator {
 public:
  Decorator(DraftRule& rule, RandomSource& random) : rule_(rule), random_(random) {}

  void run() {
    named_ = random_.percent(55);
    tied_ = rule_.alone && random_.percent(12);
    step(rule_.root, true);
    const bool one_event = of_events(rule_.root);
    if (!one_event && random_.percent(rule_.alone ? 30 : 18)) rule_.root.where = outer_condition();
    if (!rule_.root.until.empty() && random_.percent(50)) {
      rule_.root.until_where = one_event ? bare() : condition("", false);
    }
    if (random_.percent(4)) rule_.where = outer_condition();
    after();
  }

 private:
  // ---------------------------------------------------------------- names

  // Without AS an element has its own name, further uses name_2 and so on; samples name either all
  // events or none, since the contract leaves open whether a use under AS counts.
  std::string give_name(DraftStep& step) {
    if (named_) {
      step.as = "x" + std::to_string(++names_);
      return step.as;
    }
    const int use = ++uses_[step.type];
    return use == 1 ? step.type : step.type + "_" + std::to_string(use);
  }

  void see(const std::string& name, bool loop) {
    // `*` cannot be written before a dot.
    if (name.starts_with("*")) return;
    visible_.push_back({name, loop, groups_});
    all_.push_back(visible_.back());
  }

  // ---------------------------------------------------------------- steps

  void step(DraftStep& s, bool root) {
    if (s.negated) {
      for (DraftStep& m : s.members) {
        if (random_.percent(20)) m.where = bare();
      }
      if (tied_ || random_.percent(rule_.linked ? 75 : 35)) s.where = condition("", false);
    } else if (of_events(s)) {
      events(s);
    } else {
      group(s, root);
    }
    if (!root && !s.until.empty() && random_.percent(50)) s.until_where = condition("", false);
  }

  void events(DraftStep& s) {
    const bool loop = repeats(s);
    std::vector<std::string> names;
    std::string own;
    if (s.kind == DraftKind::kEvent) {
      own = give_name(s);
      names.push_back(own);
    } else if (named_ && random_.percent(60)) {
      s.as = own = "x" + std::to_string(++names_);
      names.push_back(own);
      for (DraftStep& m : s.members) {
        if (random_.percent(25)) m.where = bare();
      }
    } else {
      for (DraftStep& m : s.members) {
        names.push_back(give_name(m));
        if (random_.percent(20)) m.where = condition(loop ? "" : names.back(), false);
      }
    }
    const bool links = tied_ || (rule_.linked && random_.percent(75));
    if (links ? !visible_.empty() : random_.percent(20)) s.where = condition(own, loop);
    for (const std::string& name : names) see(name, loop);
  }

  void group(DraftStep& s, bool root) {
    if (repeats(s)) groups_.push_back(&s);
    const std::vector<Visible> before = visible_;
    std::vector<Visible> after = before;
    for (DraftStep& m : s.members) {
      if (s.kind == DraftKind::kOr) visible_ = before;  // branches do not see one another
      step(m, false);
      if (s.kind == DraftKind::kOr)
        after.insert(after.end(), visible_.begin() + static_cast<std::ptrdiff_t>(before.size()),
                     visible_.end());
    }
    if (s.kind == DraftKind::kOr) visible_ = after;
    if (s.kind == DraftKind::kAnd && random_.percent(30)) {
      // Members of an AND may read each other, also those written later.
      DraftStep& reader = random_.pick_mutable(s.members);
      reader.where = condition("", false);
    }
    if (!root && random_.percent(15)) s.where = outer_condition();
    if (repeats(s)) groups_.pop_back();
  }

  // ---------------------------------------------------------------- conditions

  bool is_list(const Visible& v) const {
    return v.loop || std::any_of(v.groups.begin(), v.groups.end(), [&](const DraftStep* g) {
             return std::find(groups_.begin(), groups_.end(), g) == groups_.end();
           });
  }

  std::string compare_op() {
    return random_.pick({" == ", " == ", " != ", " < ", " > ", " >= ", " <= "});
  }
  std::string number() { return std::to_string(random_.below(3)); }
  std::string bare() {
    switch (random_.below(8)) {
      case 0:
        return "v in (0, " + number() + ")";
      case 1:
        return "w" + compare_op() + "1";
      case 2:
        return "not (v > " + number() + ")";
      case 3:
        return "v is not null";
      default:
        return "v" + compare_op() + number();
    }
  }

  // What a list has to say, as an operand.
  std::string aggregate(const std::string& name) {
    switch (random_.below(9)) {
      case 0:
        return "count(" + name + ")";
      case 1:
        return "sum(" + name + ".v)";
      case 2:
        return "last(" + name + ".v)";
      case 3:
        return "first(" + name + ".v)";
      case 4:
        return "max(" + name + ".v)";
      case 5:
        return name + "[0].v";
      case 6:
        return name + "[-1].v";
      case 7:
        return "count_distinct(" + name + ".v)";
      default:
        return "avg(" + name + ".v)";
    }
  }

  std::string operand(const Visible& v) { return is_list(v) ? aggregate(v.name) : v.name + ".v"; }

  // Of a step: bare names are the candidate's. `own`: the step's name, a list so far where it is a
  // loop.
  std::string atom(const std::string& own, bool own_loop) {
    if (own_loop && !own.empty() && !own.starts_with("*") && random_.percent(45)) {
      if (random_.percent(50))
        return "(count(" + own + ") == 0 or v" + compare_op() + "last(" + own + ".v))";
      return aggregate(own) + compare_op() + number();
    }
    if (visible_.empty() || random_.percent(35)) return bare();
    const Visible& v = random_.pick(visible_);
    if (!own_loop && !own.empty() && !own.starts_with("*") && random_.percent(20))
      return own + ".v" + compare_op() + operand(v);
    if (random_.percent(10)) return operand(v) + " is null";
    if (!is_list(v) && random_.percent(15))
      return "ts - " + v.name + ".ts " + random_.pick({"<=", ">"}) + " 1s";
    return "v" + compare_op() + operand(v);
  }

  // With what is bound: an equality or an order, now and then with more beside it.
  std::string link() {
    const Visible& v = random_.pick(visible_);
    const std::string field = random_.pick({"v", "v", "v", "w"});
    std::string out =
        random_.percent(75)
            ? field + random_.pick({" == ", " == ", " == ", " < ", " <= ", " > ", " >= "}) +
                  operand(v)
            : operand(v) + random_.pick({" == ", " < ", " >= "}) + field +
                  random_.pick({"", " + 1", " * 2"});
    if (random_.percent(25)) out += random_.pick({" and ", " and ", " or "}) + atom("", false);
    return out;
  }

  std::string condition(const std::string& own, bool own_loop) {
    if (tied_ && !visible_.empty()) return "v == " + operand(visible_.front());
    if (rule_.alone) return bare();
    if (rule_.linked && !visible_.empty() && random_.percent(80)) return link();
    std::string out = atom(own, own_loop);
    if (random_.percent(15)) out += random_.pick({" and ", " or "}) + atom(own, own_loop);
    return out;
  }

  // Of a pattern or a group: names only.
  std::string outer_atom() {
    const Visible& v = random_.pick(visible_);
    if (visible_.size() > 1 && random_.percent(65))
      return operand(random_.pick(visible_)) + compare_op() + operand(v);
    if (random_.percent(15)) return operand(v) + " is null";
    return operand(v) + compare_op() + number();
  }
  std::string outer_condition() {
    if (visible_.empty()) return {};
    std::string out = outer_atom();
    if (random_.percent(25)) out += random_.pick({" and ", " and ", " or "}) + outer_atom();
    return out;
  }

  void after() {
    const std::size_t kind = random_.below(100);
    if (kind < 30) return;
    if (kind < 65 || all_.empty()) {
      rule_.after = "KEEP";
    } else if (kind < 75) {
      rule_.after = "SKIP PAST LAST";
    } else if (kind < 85) {
      rule_.after = "SKIP TO NEXT";
    } else {
      rule_.after = random_.pick({"SKIP TO FIRST ", "SKIP TO LAST "}) + random_.pick(all_).name;
    }
  }

  DraftRule& rule_;
  RandomSource& random_;
  bool named_ = false;
  bool tied_ = false;  // every step to the first, by one field
  int names_ = 0;
  std::map<std::string, int> uses_;
  std::vector<Visible> visible_;
  std::vector<Visible> all_;
  std::vector<const DraftStep*> groups_;  // the repeated ones around here
};

}  // namespace

void decorate(DraftRule& rule, RandomSource& random) {
  Decorator(rule, random).run();
}

}  // namespace weir::reference
