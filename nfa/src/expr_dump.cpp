// The canonical text of expressions: every parenthesis written, so that no two expressions that
// differ have one text.
#include "aggregate.hpp"
#include "expr_tables.hpp"

namespace weir::nfa {

std::string_view text_of(Agg agg) noexcept {
  switch (agg) {
    case Agg::kCount:
      return "count";
    case Agg::kSum:
      return "sum";
    case Agg::kAvg:
      return "avg";
    case Agg::kMin:
      return "min";
    case Agg::kMax:
      return "max";
    case Agg::kStddev:
      return "stddev";
    case Agg::kMedian:
      return "median";
    case Agg::kPercentile:
      return "percentile";
    case Agg::kFirst:
      return "first";
    case Agg::kLast:
      return "last";
    case Agg::kDistinct:
      return "distinct";
    case Agg::kCountDistinct:
      return "count_distinct";
  }
  return "";
}

namespace {

struct OpText {
  std::string_view text;
  enum class Form : std::uint8_t { kInfix, kPrefix, kCall } form;
};

OpText text_of(Op op) noexcept {
  using enum OpText::Form;
  switch (op) {
    case Op::kNot:
      return {"not ", kPrefix};
    case Op::kNegate:
      return {"-", kPrefix};
    case Op::kAnd:
      return {" and ", kInfix};
    case Op::kOr:
      return {" or ", kInfix};
    case Op::kEq:
      return {" == ", kInfix};
    case Op::kNe:
      return {" != ", kInfix};
    case Op::kLt:
      return {" < ", kInfix};
    case Op::kLe:
      return {" <= ", kInfix};
    case Op::kGt:
      return {" > ", kInfix};
    case Op::kGe:
      return {" >= ", kInfix};
    case Op::kAdd:
      return {" + ", kInfix};
    case Op::kSub:
      return {" - ", kInfix};
    case Op::kMul:
      return {" * ", kInfix};
    case Op::kDiv:
      return {" / ", kInfix};
    case Op::kMod:
      return {" % ", kInfix};
    case Op::kIn:
      return {"in", kCall};
    case Op::kContains:
      return {"contains", kCall};
    case Op::kStartswith:
      return {"startswith", kCall};
    case Op::kEndswith:
      return {"endswith", kCall};
    case Op::kLike:
      return {"like", kCall};
    case Op::kIsNull:
      return {"is_null", kCall};
    case Op::kLower:
      return {"lower", kCall};
    case Op::kUpper:
      return {"upper", kCall};
    case Op::kLength:
      return {"length", kCall};
    case Op::kAbs:
      return {"abs", kCall};
    case Op::kRound:
      return {"round", kCall};
    case Op::kCoalesce:
      return {"coalesce", kCall};
    case Op::kHour:
      return {"hour", kCall};
    case Op::kWeekday:
      return {"weekday", kCall};
    case Op::kDistanceKm:
      return {"distance_km", kCall};
    default:
      return {"", kCall};  // written by hand
  }
}

class Dumper {
 public:
  Dumper(const ExprPool& pool, const FieldPlan& plan, std::span<const std::string> names,
         const ExprTables& tables)
      : pool_(pool), plan_(plan), names_(names), tables_(tables) {}

  std::string take() { return std::move(out_); }

  void write(ExprId id) {
    const ExprNode& n = pool_.at(id);
    const auto args = pool_.args(id);
    switch (n.op) {
      case Op::kConst:
        constant(n.value);
        return;
      case Op::kField:
        out_ += plan_.field(n.a).dotted;
        return;
      case Op::kNameField:
        name(n);
        out_ += '.' + plan_.field(n.a).dotted;
        return;
      case Op::kIndexField:
        name(n);
        out_ += '[' + to_text(n.value) + "]." + plan_.field(n.a).dotted;
        return;
      case Op::kAggregate:
        aggregate(n, args);
        return;
      case Op::kAggResult:
        out_ += "agg#" + std::to_string(n.a);
        return;
      case Op::kBound:
        out_ += "bound(";
        name(n);
        out_ += ')';
        return;
      case Op::kMatches:
        call("matches", args,
             to_json(Value::string(tables_.regexes[n.a]->expression())) +
                 (tables_.regexes[n.a]->ignore_case() ? ", i" : ""));
        return;
      case Op::kCidr:
        call("cidr", args, '"' + nfa::to_text(tables_.networks[n.a]) + '"');
        return;
      case Op::kHour:
      case Op::kWeekday:
        call(text_of(n.op).text, args, n.a == kUtc ? "" : '"' + tables_.zones[n.a].name + '"');
        return;
      case Op::kLookup:
        call("lookup#" + std::to_string(n.a), args, "");
        out_ += '.' + std::string(n.value.as_string());
        return;
      case Op::kInTable:
        call("in_table#" + std::to_string(n.a), args, "");
        return;
      default:
        plain(n, args);
    }
  }

 private:
  static std::string to_json(const Value& v) {
    std::string text;
    append_json(text, v);
    return text;
  }

  void constant(const Value& v) {
    // Times are bare, so that "1m" and 1m differ.
    const bool time = v.type() == ValueType::kDuration || v.type() == ValueType::kTimestamp;
    out_ += time ? to_text(v) : to_json(v);
  }

  void name(const ExprNode& n) {
    if (n.name == kCandidateName) {
      out_ += "candidate";
    } else if (n.name < names_.size()) {
      out_ += names_[n.name];
    } else {
      out_ += 'n' + std::to_string(n.name);
    }
    if (n.scope != kNoReg) out_ += "@r" + std::to_string(n.scope);
  }

  void join(std::span<const ExprId> args, std::string_view separator) {
    for (std::size_t i = 0; i < args.size(); ++i) {
      if (i > 0) out_ += separator;
      write(args[i]);
    }
  }

  void call(std::string_view function, std::span<const ExprId> args, std::string_view last) {
    out_ += function;
    out_ += '(';
    join(args, ", ");
    if (!last.empty()) {
      out_ += ", ";
      out_ += last;
    }
    out_ += ')';
  }

  void aggregate(const ExprNode& n, std::span<const ExprId> args) {
    out_ += text_of(n.agg);
    out_ += '(';
    name(n);
    if (!args.empty()) {
      const bool path = pool_.at(args[0]).op == Op::kField;
      out_ += path ? "." : ": ";
      join(args, ", ");
    }
    out_ += ')';
  }

  void plain(const ExprNode& n, std::span<const ExprId> args) {
    const OpText op = text_of(n.op);
    switch (op.form) {
      case OpText::Form::kInfix:
        out_ += '(';
        join(args, op.text);
        out_ += ')';
        return;
      case OpText::Form::kPrefix:
        out_ += '(';
        out_ += op.text;
        write(args[0]);
        out_ += ')';
        return;
      case OpText::Form::kCall:
        call(op.text, args, "");
        return;
    }
  }

  const ExprPool& pool_;
  const FieldPlan& plan_;
  std::span<const std::string> names_;
  const ExprTables& tables_;
  std::string out_;
};

}  // namespace

std::string ExprPool::dump(ExprId id, const FieldPlan& plan,
                           std::span<const std::string> names) const {
  Dumper dumper(*this, plan, names, *tables_);
  dumper.write(id);
  return dumper.take();
}

}  // namespace weir::nfa
