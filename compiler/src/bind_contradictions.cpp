// Conjunctions that can never hold: ranges, equalities and null tests of one subject against each
// other. Sound, not complete: it looks at comparisons with literals alone, and what it reports
// holds for no value.
#include <algorithm>
#include <limits>
#include <map>

#include "weir/compiler/bind.hpp"

namespace weir::compiler {
namespace {

using lang::Code;
using lang::Expr;
using lang::ExprKind;
using lang::ExprOp;

/// The value of a literal, also of a negated number. Views the AST.
std::optional<Value> literal(const Expr& e) {
  if (e.kind == ExprKind::kLiteral) return e.literal.get();
  if (e.kind != ExprKind::kNegate || e.args[0]->kind != ExprKind::kLiteral) return std::nullopt;
  const Value v = e.args[0]->literal.get();
  if (v.type() == ValueType::kFloat) return Value::real(-v.as_float());
  if (v.type() == ValueType::kInt && v.as_int() > std::numeric_limits<std::int64_t>::min()) {
    return Value::integer(-v.as_int());
  }
  return std::nullopt;
}

/// What the subject of a comparison is, as text without blanks; empty for what is no subject.
std::string subject_of(const Expr& e, const std::string& text) {
  switch (e.kind) {
    case ExprKind::kPath:
    case ExprKind::kIndex:
    case ExprKind::kCall:
      break;
    default:
      return {};
  }
  std::string subject;
  for (std::size_t i = e.span.begin; i < e.span.end && i < text.size(); ++i) {
    if (text[i] == '"' || text[i] == '#') return {};
    if (text[i] != ' ' && text[i] != '\n' && text[i] != '\t' && text[i] != '\r') {
      subject += text[i];
    }
  }
  return subject;
}

ExprOp mirrored(ExprOp op) noexcept {
  switch (op) {
    case ExprOp::kLt:
      return ExprOp::kGt;
    case ExprOp::kLe:
      return ExprOp::kGe;
    case ExprOp::kGt:
      return ExprOp::kLt;
    case ExprOp::kGe:
      return ExprOp::kLe;
    default:
      return op;
  }
}

/// What is known of one subject so far, and which conjunct says so.
class Facts {
 public:
  /// Each takes one more conjunct and returns an earlier one that it cannot hold with, or null.
  const Expr* add_null(const Expr& at) {
    if (!is_null_) is_null_ = &at;
    return has_value_;
  }
  const Expr* add_value(const Expr& at) {
    if (!has_value_) has_value_ = &at;
    return is_null_;
  }
  const Expr* add_comparison(ExprOp op, const Value& v, const Expr& at) {
    if (const Expr* other = add_typed(v, at)) return other;
    switch (op) {
      case ExprOp::kEq:
        return add_choices({v}, at);
      case ExprOp::kNe:
        unequal_.push_back({v, false, &at});
        return clash_of_choices(at);
      case ExprOp::kLt:
      case ExprOp::kLe:
        return add_bound(upper_, {v, op == ExprOp::kLt, &at}, true);
      case ExprOp::kGt:
      case ExprOp::kGe:
        return add_bound(lower_, {v, op == ExprOp::kGt, &at}, false);
      default:
        return nullptr;
    }
  }
  const Expr* add_choices(std::vector<Value> values, const Expr& at) {
    if (const Expr* other = add_value(at)) return other;
    if (!choices_at_) {
      choices_ = std::move(values);
      choices_at_ = &at;
    } else {
      const Expr* before = choices_at_;
      std::erase_if(choices_, [&](const Value& c) {
        return std::none_of(values.begin(), values.end(),
                            [&](const Value& v) { return equals(v, c); });
      });
      if (choices_.empty()) return before;
    }
    return clash_of_choices(at);
  }

 private:
  struct Bound {
    Value value;
    bool strict = false;
    const Expr* at = nullptr;
  };

  /// Comparisons hold for values like the literal alone.
  const Expr* add_typed(const Value& v, const Expr& at) {
    if (const Expr* other = add_value(at)) return other;
    if (!typed_at_) {
      typed_at_ = &at;
      example_ = v;
    }
    const bool alike = v.type() == example_.type() || (v.is_number() && example_.is_number());
    return alike ? nullptr : typed_at_;
  }

  const Expr* add_bound(std::optional<Bound>& side, const Bound& bound, bool upper) {
    if (side) {
      const auto order = compare(bound.value, side->value);
      if (!order) return side->at;
      const bool tighter = upper ? *order < 0 : *order > 0;
      if (tighter || (*order == 0 && bound.strict)) side = bound;
    } else {
      side = bound;
    }
    if (lower_ && upper_) {
      const auto order = compare(lower_->value, upper_->value);
      const bool empty =
          !order || *order > 0 || (*order == 0 && (lower_->strict || upper_->strict));
      if (empty) return upper ? lower_->at : upper_->at;
    }
    return clash_of_choices(*bound.at);
  }

  /// Drops the choices that another fact rules out; what ruled out the last of them, or the
  /// conjunct with the choices where `at` itself did.
  const Expr* clash_of_choices(const Expr& at) {
    if (!choices_at_) return nullptr;
    const Expr* by = nullptr;
    std::erase_if(choices_, [&](const Value& c) {
      const Expr* why = ruled_out(c);
      if (why != nullptr) by = why;
      return why != nullptr;
    });
    if (!choices_.empty()) return nullptr;
    return by == nullptr || by == &at ? choices_at_ : by;
  }

  const Expr* ruled_out(const Value& c) const {
    const auto below = lower_ ? compare(c, lower_->value) : std::nullopt;
    if (lower_ && (!below || *below < 0 || (*below == 0 && lower_->strict))) return lower_->at;
    const auto above = upper_ ? compare(c, upper_->value) : std::nullopt;
    if (upper_ && (!above || *above > 0 || (*above == 0 && upper_->strict))) return upper_->at;
    for (const Bound& other : unequal_) {
      if (equals(c, other.value)) return other.at;
    }
    return nullptr;
  }

  const Expr* is_null_ = nullptr;
  const Expr* has_value_ = nullptr;
  const Expr* typed_at_ = nullptr;
  Value example_;
  std::optional<Bound> lower_;
  std::optional<Bound> upper_;
  std::vector<Bound> unequal_;
  std::vector<Value> choices_;
  const Expr* choices_at_ = nullptr;
};

class Checker {
 public:
  Checker(const lang::SnippetPtr& snippet, lang::Diagnostics& diagnostics)
      : snippet_(snippet), diagnostics_(diagnostics) {}

  void add(const Expr& e) {
    switch (e.kind) {
      case ExprKind::kBinary:
        add_binary(e);
        return;
      case ExprKind::kIn:
        add_in(e);
        return;
      case ExprKind::kIsNull:
        with_subject(*e.args[0], e,
                     [&](Facts& f) { return e.negated ? f.add_value(e) : f.add_null(e); });
        return;
      case ExprKind::kStringTest:
        with_subject(*e.args[0], e, [&](Facts& f) { return f.add_value(e); });
        return;
      default:
        return;
    }
  }

 private:
  template <typename Add>
  void with_subject(const Expr& subject, const Expr& at, Add add) {
    const std::string text = subject_of(subject, snippet_->text);
    if (text.empty()) return;
    Subject& s = subjects_[text];
    if (s.reported) return;
    const Expr* other = add(s.facts);
    if (other == nullptr) return;
    s.reported = true;
    lang::Diagnostic& d = diagnostics_.report(
        Code::E0410, {snippet_, at.span},
        other == &at ? "this never holds of `" + text + "`"
                     : "two conditions on `" + text + "` that never hold together");
    if (other != &at) {
      d.label = "no value passes this";
      d.others.push_back({{snippet_, other->span}, "and this"});
    }
  }

  void add_binary(const Expr& e) {
    if (e.op < ExprOp::kEq || e.op > ExprOp::kGe) return;
    auto value = literal(*e.args[1]);
    const Expr* subject = e.args[0].get();
    ExprOp op = e.op;
    if (!value) {
      value = literal(*e.args[0]);
      subject = e.args[1].get();
      op = mirrored(op);
    }
    // A comparison with null has a warning of its own.
    if (!value || value->is_null()) return;
    with_subject(*subject, e, [&](Facts& f) { return f.add_comparison(op, *value, e); });
  }

  void add_in(const Expr& e) {
    std::vector<Value> values;
    for (std::size_t i = 1; i < e.args.size(); ++i) {
      const auto value = literal(*e.args[i]);
      if (!value) return;
      values.push_back(*value);
    }
    if (!e.negated) {
      with_subject(*e.args[0], e, [&](Facts& f) { return f.add_choices(values, e); });
      return;
    }
    for (const Value& v : values) {
      if (v.is_null()) return;
      with_subject(*e.args[0], e, [&](Facts& f) { return f.add_comparison(ExprOp::kNe, v, e); });
    }
  }

  struct Subject {
    Facts facts;
    bool reported = false;
  };
  const lang::SnippetPtr& snippet_;
  lang::Diagnostics& diagnostics_;
  std::map<std::string, Subject> subjects_;
};

}  // namespace

void check_contradictions(const std::vector<const Expr*>& conjuncts,
                          const lang::SnippetPtr& snippet, lang::Diagnostics& diagnostics) {
  Checker checker(snippet, diagnostics);
  for (const Expr* conjunct : conjuncts) checker.add(*conjunct);
}

}  // namespace weir::compiler
