#include "draft.hpp"

#include <functional>

#include "event_lines.hpp"

namespace weir::reference {
namespace {

std::string members_text(const DraftStep& step) {
  std::string out = "(";
  for (std::size_t i = 0; i < step.members.size(); ++i) {
    if (i != 0) out += ", ";
    out += to_text(step.members[i]);
  }
  return out + ")";
}

std::string element_text(const DraftStep& step) {
  switch (step.kind) {
    case DraftKind::kEvent:
      return step.type;
    case DraftKind::kSeq:
      return "SEQ" + members_text(step);
    case DraftKind::kOr:
      return "OR" + members_text(step);
    case DraftKind::kAnd:
      return "AND" + members_text(step);
  }
  return {};
}

using StepSink = std::function<void(DraftStep)>;

void without(const DraftStep& step, std::string DraftStep::*part, const StepSink& sink) {
  if ((step.*part).empty()) return;
  DraftStep less = step;
  (less.*part).clear();
  sink(std::move(less));
}

// Every step that is smaller than `step` by one part.
void smaller_steps(const DraftStep& step, const StepSink& sink) {
  for (std::size_t i = 0; i < step.members.size(); ++i) {
    if (step.members.size() > 1) {
      DraftStep less = step;
      less.members.erase(less.members.begin() + static_cast<std::ptrdiff_t>(i));
      sink(std::move(less));
    }
    sink(step.members[i]);  // the group's place taken by one of its members
    smaller_steps(step.members[i], [&](DraftStep member) {
      DraftStep less = step;
      less.members[i] = std::move(member);
      sink(std::move(less));
    });
  }
  if (!step.quantifier.empty()) {
    DraftStep less = step;
    less.quantifier.clear();
    less.greed.clear();
    less.between.clear();
    less.until.clear();
    less.until_where.clear();
    sink(std::move(less));
  }
  if (!step.until.empty()) {
    DraftStep less = step;
    less.until.clear();
    less.until_where.clear();
    sink(std::move(less));
  }
  for (auto part : {&DraftStep::keyword, &DraftStep::greed, &DraftStep::between, &DraftStep::as,
                    &DraftStep::where, &DraftStep::until_where, &DraftStep::within}) {
    without(step, part, sink);
  }
  // A conjunction may do with its first or last part.
  const std::size_t at = step.where.find(" and ");
  if (at != std::string::npos) {
    DraftStep less = step;
    less.where = step.where.substr(0, at);
    sink(less);
    less.where = step.where.substr(at + 5);
    sink(std::move(less));
  }
}

void smaller_logs(const Sample& sample, std::vector<Sample>& out) {
  for (std::size_t i = 0; i < sample.log.events.size() && sample.log.events.size() > 1; ++i) {
    Sample less = sample;
    less.log.events.erase(less.log.events.begin() + static_cast<std::ptrdiff_t>(i));
    for (std::size_t k = 0; k < less.log.events.size(); ++k) less.log.events[k].seq = k;
    out.push_back(std::move(less));
  }
  for (std::size_t i = 0; i < sample.log.events.size(); ++i) {
    for (const auto& [name, value] : sample.log.events[i].fields) {
      if (name == "id") continue;
      Sample less = sample;
      less.log.events[i].fields.erase(name);
      out.push_back(std::move(less));
    }
  }
  if (!sample.log.close) {
    Sample less = sample;
    less.log.close = true;
    less.log.watermark.reset();
    out.push_back(std::move(less));
  }
}

std::string indented(const std::string& text) {
  return "      " + text + "\n";
}

}  // namespace

std::string to_text(const DraftStep& step) {
  std::string out;
  if (!step.keyword.empty()) out += step.keyword + ' ';
  if (step.negated) out += "NOT ";
  out += element_text(step) + step.quantifier + step.greed;
  if (!step.between.empty()) out += ' ' + step.between;
  if (!step.as.empty()) out += " AS " + step.as;
  if (!step.where.empty()) out += " WHERE " + step.where;
  if (!step.until.empty()) out += " UNTIL " + step.until;
  if (!step.until_where.empty()) out += " WHERE " + step.until_where;
  if (!step.within.empty()) out += " WITHIN " + step.within;
  return out;
}

std::string to_text(const DraftRule& rule) {
  return to_text(rule.root) + (rule.after.empty() ? "" : " AFTER MATCH " + rule.after);
}

std::string rule_file(const Sample& sample) {
  std::string out = "events:\n  hi: {from: [a, b], where: v > 0}\nrules:\n";
  int n = 0;
  for (const DraftRule& rule : sample.rules) {
    out += "  - id: r" + std::to_string(++n) + "\n";
    if (!rule.key.empty()) out += "    key: " + rule.key + "\n";
    out += "    pattern: |\n" + indented(to_text(rule));
    if (!rule.where.empty()) out += "    where: |\n" + indented(rule.where);
  }
  return out;
}

std::string conformance_case(const Sample& sample, const std::vector<RefMatch>& expected,
                             const std::string& title) {
  std::string out = rule_file(sample) + "tests:\n  - name: " + title + "\n";
  if (!sample.log.close) out += "    close: false\n";
  out += "    events: |\n" + write_event_lines(sample.log, "      ");
  out += expected.empty() ? "    expect: []\n" : "    expect:\n";
  for (const RefMatch& m : expected) {
    out +=
        "      - {rule: " + m.rule + ", at: " + format_duration({m.detected_at.ns}) + ", match: {";
    bool first = true;
    for (const auto& [name, seqs] : m.bindings) {
      if (!first) out += ", ";
      first = false;
      out += '"' + name + "\": [";
      for (std::size_t i = 0; i < seqs.size(); ++i) {
        const Value id = sample.log.events[seqs[i]].field("id");
        out += (i == 0 ? "{id: " : ", {id: ") + to_text(id) + "}";
      }
      out += "]";
    }
    out += "}}\n";
  }
  return out;
}

std::vector<Sample> smaller(const Sample& sample) {
  std::vector<Sample> out;
  for (std::size_t i = 0; i < sample.rules.size() && sample.rules.size() > 1; ++i) {
    Sample less = sample;
    less.rules.erase(less.rules.begin() + static_cast<std::ptrdiff_t>(i));
    out.push_back(std::move(less));
  }
  smaller_logs(sample, out);
  for (std::size_t i = 0; i < sample.rules.size(); ++i) {
    const DraftRule& rule = sample.rules[i];
    for (auto part : {&DraftRule::after, &DraftRule::key, &DraftRule::where}) {
      if ((rule.*part).empty()) continue;
      Sample less = sample;
      (less.rules[i].*part).clear();
      out.push_back(std::move(less));
    }
    smaller_steps(rule.root, [&](DraftStep root) {
      Sample less = sample;
      less.rules[i].root = std::move(root);
      out.push_back(std::move(less));
    });
  }
  return out;
}

}  // namespace weir::reference
