#include "weir/pattern-lang/print.hpp"

#include <algorithm>
#include <vector>

#include "lexical_token.hpp"
#include "print_parts.hpp"

namespace weir::lang {

std::string quantifier_text(const Quantifier& q) {
  std::string out;
  if (!q.max && q.min <= 1) {
    out = q.min == 0 ? "*" : "+";
  } else if (q.min == 0 && q.max == 1U) {
    out = "?";
  } else if (!q.max) {
    out = '{' + std::to_string(q.min) + ",}";
  } else if (q.min == *q.max) {
    out = '{' + std::to_string(q.min) + '}';
  } else {
    out = '{' + (q.min == 0 ? "" : std::to_string(q.min)) + ',' + std::to_string(*q.max) + '}';
  }
  if (q.greed == Greed::kReluctant) out += '?';
  if (q.greed == Greed::kPossessive) out += '+';
  return out;
}

std::string after_text(const After& after) {
  switch (after.kind) {
    case AfterKind::kConsume:
      return "CONSUME";
    case AfterKind::kSkipPastLast:
      return "SKIP PAST LAST";
    case AfterKind::kSkipToNext:
      return "SKIP TO NEXT";
    case AfterKind::kSkipToFirst:
      return "SKIP TO FIRST " + after.name.text;
    case AfterKind::kSkipToLast:
      return "SKIP TO LAST " + after.name.text;
    case AfterKind::kKeep:
      return "KEEP";
  }
  return {};
}

std::string_view group_text(ElementKind kind) noexcept {
  switch (kind) {
    case ElementKind::kSeq:
      return "SEQ";
    case ElementKind::kOr:
      return "OR";
    case ElementKind::kAnd:
      return "AND";
    default:
      return {};
  }
}

namespace {

std::string_view keyword_text(Contiguity c) {
  return c == Contiguity::kNext ? "NEXT" : c == Contiguity::kAny ? "ANY" : "";
}

bool is_group(const Element& e) {
  return e.kind == ElementKind::kParen || !group_text(e.kind).empty();
}

std::string flat(const Step& step);

std::string flat(const Element& e) {
  switch (e.kind) {
    case ElementKind::kAny:
      return "*";
    case ElementKind::kType:
    case ElementKind::kQuoted: {
      // A name that needs quotes gets them also where the tree was made by hand.
      if (e.kind == ElementKind::kType && is_plain_name(e.name)) return e.name;
      std::string out;
      append_quoted(out, e.name);
      return out;
    }
    default:
      break;
  }
  std::string out(group_text(e.kind));
  out += '(';
  for (std::size_t i = 0; i < e.members.size(); ++i) {
    if (i > 0) out += ", ";
    out += flat(e.members[i]);
  }
  return out + ')';
}

/// What stands before the element: "NEXT NOT ".
std::string prefix(const Step& step) {
  std::string out(keyword_text(step.keyword));
  if (!out.empty()) out += ' ';
  if (step.negated) out += "NOT ";
  return out;
}

/// What stands between the element and the clauses: "{3,} NEXT AS f".
std::string suffix(const Step& step) {
  std::string out;
  if (step.quantifier) {
    out += quantifier_text(*step.quantifier);
    const std::string_view between = keyword_text(step.quantifier->between);
    if (!between.empty()) out += ' ' + std::string(between);
  }
  if (step.as) out += " AS " + step.as->text;
  return out;
}

std::string clause(const Step& step, ClauseKind kind) {
  switch (kind) {
    case ClauseKind::kWhere:
      return "WHERE " + print_expression(*step.where);
    case ClauseKind::kUntil: {
      std::string out = "UNTIL " + flat(step.until->element);
      if (step.until->where) out += " WHERE " + print_expression(*step.until->where);
      return out;
    }
    case ClauseKind::kWithin:
      return "WITHIN " + (step.within->text.empty() ? format_duration(step.within->duration)
                                                    : step.within->text);
  }
  return {};
}

std::string flat_clauses(const Step& step) {
  std::string out;
  for (const ClauseKind kind : step.clause_order) out += ' ' + clause(step, kind);
  return out;
}

std::string flat(const Step& step) {
  return prefix(step) + flat(step.element) + suffix(step) + flat_clauses(step);
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

/// Lays steps out over several lines where one does not hold them.
class Layout {
 public:
  explicit Layout(std::size_t width) : width_(width) {}
  std::string out;

  /// `after` stands behind the step on its last line: a comma.
  void step(const Step& step, std::size_t indent, std::string_view after) {
    const std::string line = flat(step);
    if (fits(line, indent, after)) {
      out += line;
    } else if (is_group(step.element)) {
      group(step, indent, after);
    } else {
      out += prefix(step) + flat(step.element) + suffix(step);
      clauses(step, indent + 4);
    }
    out += after;
  }

 private:
  bool fits(std::string_view line, std::size_t indent, std::string_view after) const {
    return indent + columns(line) + after.size() <= width_;
  }
  void new_line(std::size_t indent) { out += '\n' + std::string(indent, ' '); }

  void group(const Step& s, std::size_t indent, std::string_view after) {
    out += prefix(s);
    out += group_text(s.element.kind);
    out += '(';
    for (std::size_t i = 0; i < s.element.members.size(); ++i) {
      new_line(indent + 2);
      step(s.element.members[i], indent + 2, i + 1 < s.element.members.size() ? "," : "");
    }
    new_line(indent);
    out += ')' + suffix(s);
    const std::string line = ')' + suffix(s) + flat_clauses(s);
    if (fits(line, indent, after)) {
      out += flat_clauses(s);
    } else {
      clauses(s, indent + 2);
    }
  }

  void clauses(const Step& step, std::size_t indent) {
    for (const ClauseKind kind : step.clause_order) {
      new_line(indent);
      const std::string line = clause(step, kind);
      if (kind == ClauseKind::kWhere && !fits(line, indent, ",")) {
        out += "WHERE ";
        condition(*step.where, indent + 2);
      } else {
        out += line;
      }
    }
  }

  /// A chain of `and`, or of `or`, one operand a line.
  void condition(const Expr& e, std::size_t indent) {
    std::vector<const Expr*> operands;
    const Expr* chain = &e;
    const auto goes_on = [&](const Expr* x) {
      return x->kind == ExprKind::kBinary && x->op == e.op &&
             (e.op == ExprOp::kAnd || e.op == ExprOp::kOr);
    };
    for (; goes_on(chain); chain = chain->args[0].get()) operands.push_back(chain->args[1].get());
    operands.push_back(chain);
    const auto tighter =
        e.op == ExprOp::kAnd ? std::vector{ExprOp::kOr, ExprOp::kAnd} : std::vector{ExprOp::kOr};
    for (auto it = operands.rbegin(); it != operands.rend(); ++it) {
      if (it != operands.rbegin()) {
        new_line(indent);
        out += operator_text(e.op);
        out += ' ';
      }
      const bool grouped = operands.size() > 1 && (*it)->kind == ExprKind::kBinary &&
                           std::find(tighter.begin(), tighter.end(), (*it)->op) != tighter.end();
      out += grouped ? '(' + print_expression(**it) + ')' : print_expression(**it);
    }
  }

  std::size_t width_;
};

}  // namespace

std::string print_step(const Step& step) {
  return flat(step);
}

std::string print_pattern(const Pattern& pattern, std::size_t width) {
  const std::string after =
      pattern.after ? "AFTER MATCH " + after_text(*pattern.after) : std::string();
  std::string line = flat(pattern.root);
  if (!after.empty()) line += ' ' + after;
  if (columns(line) <= width) return line;
  Layout layout(width);
  layout.step(pattern.root, 0, "");
  if (!after.empty()) layout.out += '\n' + after;
  return std::move(layout.out);
}

}  // namespace weir::lang
