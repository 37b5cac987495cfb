// Evaluation: a walk over the nodes, one switch. Nothing is allocated but for text that is made
// anew (lower, upper) and for what aggregates keep.
#include <algorithm>

#include "aggregate.hpp"
#include "expr_tables.hpp"
#include "weir/event/utf8.hpp"

namespace weir::nfa {
namespace {

Value boolean(bool b) noexcept {
  return Value::boolean(b);
}

/// `wanted` of the order of two values; false where they have none.
template <typename Wanted>
Value compared(const Value& a, const Value& b, Wanted wanted) noexcept {
  const auto order = compare(a, b);
  return boolean(order && wanted(*order));
}

bool contains(const Value& subject, const Value& member) noexcept {
  if (subject.type() == ValueType::kList) {
    const auto items = subject.as_list();
    return std::any_of(items.begin(), items.end(),
                       [&](const Value& item) { return equals(item, member); });
  }
  return subject.type() == ValueType::kString && member.type() == ValueType::kString &&
         subject.as_string().find(member.as_string()) != std::string_view::npos;
}

bool string_test(Op op, const Value& subject, const Value& member) noexcept {
  if (op == Op::kContains) return contains(subject, member);
  if (subject.type() != ValueType::kString || member.type() != ValueType::kString) return false;
  const std::string_view text = subject.as_string();
  switch (op) {
    case Op::kStartswith:
      return text.starts_with(member.as_string());
    case Op::kEndswith:
      return text.ends_with(member.as_string());
    default:
      return like(text, member.as_string());
  }
}

Value length(const Value& v) noexcept {
  if (v.type() == ValueType::kString) {
    return Value::integer(static_cast<std::int64_t>(utf8::length(v.as_string())));
  }
  if (v.type() == ValueType::kList) {
    return Value::integer(static_cast<std::int64_t>(v.as_list().size()));
  }
  return {};
}

/// One evaluation.
class Evaluator {
 public:
  Evaluator(const ExprPool& pool, const ExprTables& tables, const EvalContext& context)
      : pool_(pool), tables_(tables), context_(context) {}

  Value eval(ExprId id) const;

 private:
  Value arg(std::span<const ExprId> args, std::size_t i) const { return eval(args[i]); }
  Value all_of(std::span<const ExprId> args) const;
  Value any_of(std::span<const ExprId> args) const;
  Value in(std::span<const ExprId> args) const;
  Value test_strings(Op op, std::span<const ExprId> args) const;
  Value coalesce(std::span<const ExprId> args) const;
  Value changed_case(Op op, const Value& v) const;
  Value time_part(const ExprNode& n, const Value& v) const;
  /// What is bound to the node's name.
  std::span<const Event* const> events_of(const ExprNode& n) const;
  Value indexed(const ExprNode& n) const;
  Value aggregate(const ExprNode& n, std::span<const ExprId> args) const;
  Value look_up(const ExprNode& n, std::span<const ExprId> args) const;

  const ExprPool& pool_;
  const ExprTables& tables_;
  const EvalContext& context_;
};

Value Evaluator::eval(ExprId id) const {
  const ExprNode& n = pool_.at(id);
  const auto args = pool_.args(id);
  switch (n.op) {
    case Op::kConst:
      return n.value;
    case Op::kField:
      return context_.candidate != nullptr ? context_.candidate->get(n.a) : Value{};
    case Op::kNameField: {
      const Event* event =
          context_.bound != nullptr ? context_.bound->last(n.name, n.scope) : nullptr;
      return event != nullptr ? event->get(n.a) : Value{};
    }
    case Op::kIndexField:
      return indexed(n);
    case Op::kAggregate: {
      Value known;
      if (context_.bound != nullptr && context_.bound->aggregate(id, known)) return known;
      return aggregate(n, args);
    }
    case Op::kAggResult:
      return n.a < context_.agg_results.size() ? context_.agg_results[n.a] : Value{};
    case Op::kBound:
      return boolean(context_.bound != nullptr && context_.bound->last(n.name, n.scope) != nullptr);
    case Op::kNot:
      return boolean(!arg(args, 0).truthy());
    case Op::kNegate:
      return negate(arg(args, 0));
    case Op::kAnd:
      return all_of(args);
    case Op::kOr:
      return any_of(args);
    case Op::kEq:
      return boolean(equals(arg(args, 0), arg(args, 1)));
    case Op::kNe:
      return compared(arg(args, 0), arg(args, 1), [](auto o) { return o != 0; });
    case Op::kLt:
      return compared(arg(args, 0), arg(args, 1), [](auto o) { return o < 0; });
    case Op::kLe:
      return compared(arg(args, 0), arg(args, 1), [](auto o) { return o <= 0; });
    case Op::kGt:
      return compared(arg(args, 0), arg(args, 1), [](auto o) { return o > 0; });
    case Op::kGe:
      return compared(arg(args, 0), arg(args, 1), [](auto o) { return o >= 0; });
    case Op::kAdd:
      return add(arg(args, 0), arg(args, 1));
    case Op::kSub:
      return subtract(arg(args, 0), arg(args, 1));
    case Op::kMul:
      return multiply(arg(args, 0), arg(args, 1));
    case Op::kDiv:
      return divide(arg(args, 0), arg(args, 1));
    case Op::kMod:
      return remainder(arg(args, 0), arg(args, 1));
    case Op::kIn:
      return in(args);
    case Op::kIsNull:
      return boolean(arg(args, 0).is_null());
    case Op::kContains:
    case Op::kStartswith:
    case Op::kEndswith:
    case Op::kLike:
      return test_strings(n.op, args);
    case Op::kMatches: {
      const Value v = arg(args, 0);
      return boolean(v.type() == ValueType::kString &&
                     tables_.regexes[n.a]->found_in(v.as_string()));
    }
    case Op::kCidr: {
      const Value v = arg(args, 0);
      return boolean(v.type() == ValueType::kString &&
                     tables_.networks[n.a].contains(v.as_string()));
    }
    case Op::kLower:
    case Op::kUpper:
      return changed_case(n.op, arg(args, 0));
    case Op::kLength:
      return length(arg(args, 0));
    case Op::kAbs:
      return absolute(arg(args, 0));
    case Op::kRound:
      return args.size() == 1 ? round_whole(arg(args, 0))
                              : round_digits(arg(args, 0), arg(args, 1));
    case Op::kCoalesce:
      return coalesce(args);
    case Op::kHour:
    case Op::kWeekday:
      return time_part(n, arg(args, 0));
    case Op::kDistanceKm:
      return distance_km(arg(args, 0), arg(args, 1), arg(args, 2), arg(args, 3));
    case Op::kLookup:
    case Op::kInTable:
      return look_up(n, args);
  }
  return {};
}

Value Evaluator::all_of(std::span<const ExprId> args) const {
  return boolean(std::all_of(args.begin(), args.end(), [&](ExprId a) { return eval(a).truthy(); }));
}

Value Evaluator::any_of(std::span<const ExprId> args) const {
  return boolean(std::any_of(args.begin(), args.end(), [&](ExprId a) { return eval(a).truthy(); }));
}

Value Evaluator::in(std::span<const ExprId> args) const {
  const Value v = arg(args, 0);
  if (v.is_null()) return boolean(false);
  const auto members = args.subspan(1);
  return boolean(std::any_of(members.begin(), members.end(),
                             [&](ExprId member) { return equals(v, eval(member)); }));
}

Value Evaluator::test_strings(Op op, std::span<const ExprId> args) const {
  const Value v = arg(args, 0);
  if (v.is_null()) return boolean(false);
  const auto members = args.subspan(1);
  return boolean(std::any_of(members.begin(), members.end(),
                             [&](ExprId member) { return string_test(op, v, eval(member)); }));
}

Value Evaluator::coalesce(std::span<const ExprId> args) const {
  for (const ExprId a : args) {
    const Value v = eval(a);
    if (!v.is_null()) return v;
  }
  return {};
}

Value Evaluator::changed_case(Op op, const Value& v) const {
  if (v.type() != ValueType::kString) return {};
  ValueArena& arena = *context_.scratch;
  return Value::string(op == Op::kLower ? lower(v.as_string(), arena)
                                        : upper(v.as_string(), arena));
}

Value Evaluator::time_part(const ExprNode& n, const Value& v) const {
  if (v.type() != ValueType::kTimestamp) return {};
  const Timestamp t = v.as_timestamp();
  const Duration offset = n.a == kUtc ? Duration{} : tables_.zones[n.a].zone->offset_at(t);
  return n.op == Op::kHour ? hour_of(t, offset) : weekday_of(t, offset);
}

std::span<const Event* const> Evaluator::events_of(const ExprNode& n) const {
  if (n.name == kCandidateName)
    return {&context_.candidate, context_.candidate != nullptr ? 1U : 0U};
  if (context_.bound == nullptr) return {};
  return context_.bound->all(n.name, n.scope, *context_.scratch);
}

Value Evaluator::indexed(const ExprNode& n) const {
  const auto events = events_of(n);
  const auto size = static_cast<std::int64_t>(events.size());
  const std::int64_t index = n.value.as_int();
  const std::int64_t at = index < 0 ? index + size : index;
  if (at < 0 || at >= size) return {};
  return events[static_cast<std::size_t>(at)]->get(n.a);
}

Value Evaluator::aggregate(const ExprNode& n, std::span<const ExprId> args) const {
  const auto events = events_of(n);
  if (args.empty()) return Value::integer(static_cast<std::int64_t>(events.size()));
  EvalContext inner = context_;
  const Evaluator of_event(pool_, tables_, inner);
  const auto value_of = [&](const Event* event) {
    inner.candidate = event;
    return of_event.eval(args[0]);
  };
  if (n.agg == Agg::kFirst || n.agg == Agg::kLast) {
    if (events.empty()) return {};
    return value_of(n.agg == Agg::kFirst ? events.front() : events.back());
  }
  double percent = 0;
  if (args.size() > 1) {
    const Value asked = eval(args[1]);
    if (!asked.is_number()) return {};
    percent = asked.number();
  }
  AggregateState state(n.agg);
  for (const Event* event : events) state.add(value_of(event));
  return state.result(*context_.scratch, percent);
}

Value Evaluator::look_up(const ExprNode& n, std::span<const ExprId> args) const {
  const bool asks = n.op == Op::kInTable;
  const Value nothing = asks ? boolean(false) : Value{};
  const Table* table = n.a < context_.tables.size() ? context_.tables[n.a].get() : nullptr;
  if (table == nullptr) return nothing;
  constexpr std::size_t kUsual = 4;
  std::array<Value, kUsual> few;
  std::vector<Value> many(args.size() > kUsual ? args.size() : 0);
  const std::span<Value> key =
      many.empty() ? std::span<Value>(few).first(args.size()) : std::span<Value>(many);
  for (std::size_t i = 0; i < args.size(); ++i) {
    key[i] = arg(args, i);
    if (key[i].is_null()) return nothing;
  }
  const std::int64_t row = table->find(key);
  if (asks) return boolean(row >= 0);
  return row < 0 ? nothing : table->cell(row, n.value.as_string());
}

}  // namespace

Value ExprPool::eval(ExprId id, const EvalContext& context) const {
  return Evaluator(*this, *tables_, context).eval(id);
}

bool append_key_text(std::string& out, const Value& v) {
  if (v.is_null()) return false;
  if (v.type() == ValueType::kFloat) {
    // 17.0 and 17 are one key.
    const double d = v.as_float();
    const Value whole = round_whole(v);
    append_text(out, !whole.is_null() && equals(whole, v) ? whole : Value::real(d));
    return true;
  }
  append_text(out, v);
  return true;
}

}  // namespace weir::nfa
