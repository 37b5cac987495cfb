// The tree as text, a node a line, indented by two blanks a level. Without spans it depends on the
// meaning alone (the order of clauses is none of it), which is what a rule's fingerprint is made
// of.
#include <string_view>

#include "print_parts.hpp"
#include "weir/pattern-lang/print.hpp"

namespace weir::lang {
namespace {

class Dumper {
 public:
  explicit Dumper(bool spans) : spans_(spans) {}
  std::string out;

  void expr(const Expr& e, int depth) {
    std::string text(kind_text(e.kind));
    if (e.op != ExprOp::kNone) text += ' ' + std::string(operator_text(e.op));
    if (e.negated) text += " not";
    if (e.list_form) text += " list";
    if (e.kind == ExprKind::kLiteral) text += ' ' + literal(e.literal.get());
    // A literal's text is how its duration was written: 90s and 1m30s are one.
    if (!e.text.empty() && e.kind != ExprKind::kLiteral) {
      text += ' ';
      append_quoted(text, e.text);
    }
    if (!e.flags.empty()) text += " flags=" + e.flags;
    for (const std::string& segment : e.path)
      text += (&segment == &e.path[0] ? " " : ".") + segment;
    if (e.kind == ExprKind::kIndex) text += " [" + std::to_string(e.index) + ']';
    line(depth, text, e.span);
    for (const ExprPtr& arg : e.args) expr(*arg, depth + 1);
  }

  void step(const Step& s, int depth) {
    std::string text = "step";
    text += contiguity(s.keyword);
    if (s.negated) text += " not";
    line(depth, text, s.span);
    element(s.element, depth + 1);
    if (s.quantifier) {
      const std::string keyword(contiguity(s.quantifier->between));
      line(depth + 1, "quantifier " + quantifier_text(*s.quantifier) + keyword, s.quantifier->span);
    }
    if (s.as) line(depth + 1, "as " + s.as->text, s.as->span);
    if (s.where) {
      line(depth + 1, "where", s.where->span);
      expr(*s.where, depth + 2);
    }
    if (s.until) {
      line(depth + 1, "until", s.until->span);
      element(s.until->element, depth + 2);
      if (s.until->where) expr(*s.until->where, depth + 2);
    }
    if (s.within) {
      line(depth + 1, "within " + format_duration(s.within->duration), s.within->span);
    }
  }

  void pattern(const Pattern& p) {
    out += "pattern\n";
    step(p.root, 1);
    if (p.after) line(1, "after " + after_text(*p.after), p.after->span);
  }

 private:
  static std::string_view kind_text(ExprKind kind) {
    switch (kind) {
      case ExprKind::kLiteral:
        return "literal";
      case ExprKind::kPath:
        return "path";
      case ExprKind::kIndex:
        return "index";
      case ExprKind::kCall:
        return "call";
      case ExprKind::kNot:
        return "not";
      case ExprKind::kNegate:
        return "negate";
      case ExprKind::kBinary:
        return "binary";
      case ExprKind::kIn:
        return "in";
      case ExprKind::kInTable:
        return "in-table";
      case ExprKind::kIsNull:
        return "is-null";
      case ExprKind::kStringTest:
        return "test";
      case ExprKind::kRegex:
        return "regex";
      case ExprKind::kTuple:
        return "tuple";
    }
    return {};
  }

  static std::string_view contiguity(Contiguity c) {
    return c == Contiguity::kNext ? " next" : c == Contiguity::kAny ? " any" : "";
  }

  static std::string literal(const Value& v) {
    std::string out;
    // Durations look like strings and numbers like each other: the type stands before the value.
    out += type_name(v.type());
    if (v.is_null()) return out;
    out += ' ';
    if (v.type() == ValueType::kString) {
      append_quoted(out, v.as_string());
    } else {
      append_text(out, v);
    }
    return out;
  }

  void element(const Element& e, int depth) {
    switch (e.kind) {
      case ElementKind::kType:
        line(depth, "type " + e.name, e.span);
        return;
      case ElementKind::kQuoted: {
        std::string text = "quoted ";
        append_quoted(text, e.name);
        line(depth, text, e.span);
        return;
      }
      case ElementKind::kAny:
        line(depth, "*", e.span);
        return;
      default:
        break;
    }
    const std::string_view word = group_text(e.kind);
    line(depth, word.empty() ? "paren" : word, e.span);
    for (const Step& member : e.members) step(member, depth + 1);
  }

  void line(int depth, std::string_view text, Span span) {
    out.append(static_cast<std::size_t>(depth) * 2, ' ');
    out += text;
    if (spans_) {
      out += "  @" + std::to_string(span.begin) + '-' + std::to_string(span.end);
    }
    out += '\n';
  }

  bool spans_;
};

}  // namespace

std::string dump(const Pattern& pattern, bool spans) {
  Dumper dumper(spans);
  dumper.pattern(pattern);
  return std::move(dumper.out);
}

std::string dump(const Expr& expr, bool spans) {
  Dumper dumper(spans);
  dumper.expr(expr, 0);
  return std::move(dumper.out);
}

}  // namespace weir::lang
