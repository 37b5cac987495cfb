#include "flat_tests.hpp"

#include <bit>

#include "predicate_shape.hpp"
#include "sort_unique.hpp"
#include "string_sets.hpp"

namespace weir::nfa {

std::uint8_t outcomes(Op op) noexcept {
  switch (op) {
    case Op::kEq:
      return kEqual;
    case Op::kNe:
      return kLess | kGreater;
    case Op::kLt:
      return kLess;
    case Op::kLe:
      return kLess | kEqual;
    case Op::kGt:
      return kGreater;
    case Op::kGe:
      return kGreater | kEqual;
    default:
      return 0;
  }
}

ConstantSet::ConstantSet(std::vector<Value> values) {
  std::erase_if(values, [](const Value& v) { return v.is_null(); });
  slots_.resize(std::bit_ceil(2 * values.size() + 1));
  const std::size_t mask = slots_.size() - 1;
  for (const Value& v : values) {
    std::size_t i = hash_value(v) & mask;
    while (!slots_[i].is_null()) i = (i + 1) & mask;
    slots_[i] = v;
  }
}

// What is equal is identical, and what is identical has one hash.
bool ConstantSet::contains(const Value& v) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash_value(v) & mask; !slots_[i].is_null(); i = (i + 1) & mask) {
    if (equals(v, slots_[i])) return true;
  }
  return false;
}

/// Writes instructions from the end of a predicate to its beginning, since each names those that
/// come after it.
class FlatTests::Emitter {
 public:
  Emitter(const ExprPool& pool, const StringSets* strings, FlatTests& out)
      : pool_(pool), strings_(strings), out_(out) {}

  /// The first instruction of `id`, after which it goes on at one of the two.
  std::uint32_t emit(ExprId id, std::uint32_t if_true, std::uint32_t if_false);

 private:
  std::uint32_t put(FlatTest test, std::uint32_t if_true, std::uint32_t if_false) {
    test.if_true = if_true;
    test.if_false = if_false;
    out_.code_.push_back(test);
    return static_cast<std::uint32_t>(out_.code_.size() - 1);
  }
  std::uint32_t emit_all(Op op, ExprId id, std::uint32_t if_true, std::uint32_t if_false);
  FlatTest compared(const Comparison& c);
  std::optional<FlatTest> simple(ExprId id);
  FlatTest member(ExprId id, std::size_t arg);
  std::uint32_t pattern(ExprId id, std::size_t arg) const noexcept {
    return strings_ == nullptr ? StringSets::kNone : strings_->pattern_of(pool_, id, arg);
  }
  std::uint32_t subject(ExprId id);

  const ExprPool& pool_;
  const StringSets* strings_;
  FlatTests& out_;
};

std::uint32_t FlatTests::Emitter::subject(ExprId id) {
  const ExprNode& n = pool_.at(id);
  return n.op == Op::kField ? n.a : kDerived | out_.derived_place(id);
}

FlatTest FlatTests::Emitter::compared(const Comparison& c) {
  FlatTest test;
  test.accepts = outcomes(c.op);
  test.subject = subject(c.subject);
  test.type = c.constant.type();
  switch (c.constant.type()) {
    case ValueType::kInt:
      test.kind = FlatTest::Kind::kInteger;
      test.integer = c.constant.as_int();
      break;
    case ValueType::kFloat:
      test.kind = FlatTest::Kind::kReal;
      test.real = c.constant.as_float();
      break;
    case ValueType::kString:
      test.kind = FlatTest::Kind::kString;
      test.chars = c.constant.as_string().data();
      test.size = static_cast<std::uint32_t>(c.constant.as_string().size());
      break;
    case ValueType::kBool:
    case ValueType::kTimestamp:
    case ValueType::kDuration:
      test.kind = FlatTest::Kind::kPlain;
      test.integer = c.constant.as_int();
      break;
    case ValueType::kNull:
    case ValueType::kList:
      break;  // kNever, and simple() leaves lists to kEval
  }
  return test;
}

FlatTest FlatTests::Emitter::member(ExprId id, std::size_t arg) {
  const auto args = pool_.args(id);
  const Op op = pool_.at(id).op;
  FlatTest test;
  test.subject = subject(args[0]);
  const Value& v = pool_.at(args[arg]).value;
  if (v.type() != ValueType::kString) {
    if (op == Op::kContains) {
      test.kind = FlatTest::Kind::kHas;
      test.index = args[arg];
    }
    return test;
  }
  test.chars = v.as_string().data();
  test.size = static_cast<std::uint32_t>(v.as_string().size());
  test.pattern = pattern(id, arg);
  switch (op) {
    case Op::kContains:
      test.kind = FlatTest::Kind::kContains;
      break;
    case Op::kStartswith:
      test.kind = FlatTest::Kind::kStartswith;
      break;
    case Op::kEndswith:
      test.kind = FlatTest::Kind::kEndswith;
      break;
    default:
      test.kind = FlatTest::Kind::kLike;
  }
  return test;
}

/// Nodes that are one instruction, but for string tests.
std::optional<FlatTest> FlatTests::Emitter::simple(ExprId id) {
  const auto args = pool_.args(id);
  FlatTest test;
  switch (pool_.at(id).op) {
    case Op::kField:
      test.kind = FlatTest::Kind::kTrue;
      test.subject = subject(id);
      return test;
    case Op::kIsNull:
      if (!is_subject(pool_, args[0])) return std::nullopt;
      test.kind = FlatTest::Kind::kNull;
      test.subject = subject(args[0]);
      return test;
    case Op::kMatches:
      if (!is_subject(pool_, args[0])) return std::nullopt;
      test.kind = FlatTest::Kind::kMatches;
      test.subject = subject(args[0]);
      test.index = id;
      test.pattern = pattern(id, 0);
      return test;
    case Op::kIn: {
      if (!is_subject(pool_, args[0]) || !all_constant(pool_, args.subspan(1))) return std::nullopt;
      std::vector<Value> members;
      for (const ExprId m : args.subspan(1)) members.push_back(pool_.at(m).value);
      test.kind = FlatTest::Kind::kOneOf;
      test.subject = subject(args[0]);
      test.index = static_cast<std::uint32_t>(out_.sets_.size());
      out_.sets_.emplace_back(std::move(members));
      return test;
    }
    default: {
      const auto c = comparison(pool_, id);
      if (!c || c->constant.type() == ValueType::kList) return std::nullopt;
      return compared(*c);
    }
  }
}

std::uint32_t FlatTests::Emitter::emit_all(Op op, ExprId id, std::uint32_t if_true,
                                           std::uint32_t if_false) {
  const auto args = pool_.args(id);
  // Nothing but time depends on the order: the cheapest first, and what is likeliest to decide.
  std::vector<ExprId> order(args.begin(), args.end());
  std::ranges::stable_sort(order, {}, [&](ExprId a) {
    const int breadth = pool_.at(a).breadth;
    return std::pair(pool_.at(a).cost, op == Op::kAnd ? breadth : -breadth);
  });
  std::uint32_t next = op == Op::kAnd ? if_true : if_false;
  for (std::size_t i = order.size(); i-- > 0;) {
    next = op == Op::kAnd ? emit(order[i], next, if_false) : emit(order[i], if_true, next);
  }
  return next;
}

std::uint32_t FlatTests::Emitter::emit(ExprId id, std::uint32_t if_true, std::uint32_t if_false) {
  const ExprNode& n = pool_.at(id);
  const auto args = pool_.args(id);
  switch (n.op) {
    case Op::kConst:
      return n.value.truthy() ? if_true : if_false;
    case Op::kNot:
      return emit(args[0], if_false, if_true);
    case Op::kAnd:
    case Op::kOr:
      return emit_all(n.op, id, if_true, if_false);
    case Op::kContains:
    case Op::kStartswith:
    case Op::kEndswith:
    case Op::kLike: {
      if (!is_subject(pool_, args[0]) || !all_constant(pool_, args.subspan(1))) break;
      // Any of the members.
      std::uint32_t next = if_false;
      for (std::size_t i = args.size(); i-- > 1;) {
        next = put(member(id, i), if_true, next);
      }
      return next;
    }
    default:
      if (const auto test = simple(id)) return put(*test, if_true, if_false);
  }
  FlatTest whole;
  whole.kind = FlatTest::Kind::kEval;
  whole.index = id;
  return put(whole, if_true, if_false);
}

namespace {

/// Operations whose value may be `true` and that have a flat form.
bool has_flat_form(Op op) noexcept {
  switch (op) {
    case Op::kField:
    case Op::kNot:
    case Op::kAnd:
    case Op::kOr:
    case Op::kEq:
    case Op::kNe:
    case Op::kLt:
    case Op::kLe:
    case Op::kGt:
    case Op::kGe:
    case Op::kIn:
    case Op::kIsNull:
    case Op::kContains:
    case Op::kStartswith:
    case Op::kEndswith:
    case Op::kLike:
    case Op::kMatches:
      return true;
    default:
      return false;
  }
}

/// What the node tests against constants, where that is no field; kNoExpr where it tests none.
ExprId derived_subject(const ExprPool& pool, ExprId id) noexcept {
  const Op op = pool.at(id).op;
  ExprId subject = kNoExpr;
  if (const auto c = comparison(pool, id)) {
    subject = c->subject;
  } else if (op == Op::kIn || op == Op::kIsNull || (op >= Op::kContains && op <= Op::kMatches)) {
    const auto args = pool.args(id);
    if (is_subject(pool, args[0]) && all_constant(pool, args.subspan(1))) subject = args[0];
  }
  return subject != kNoExpr && pool.at(subject).op != Op::kField ? subject : kNoExpr;
}

}  // namespace

FlatTests::FlatTests(const ExprPool& pool, const StringSets* strings)
    : entries_(pool.size(), kNone) {
  for (ExprId id = 0; id < pool.size(); ++id) {
    if (!pool.at(id).one_event) continue;
    const ExprId derived = derived_subject(pool, id);
    if (derived != kNoExpr) derived_.push_back(derived);
  }
  sort_unique(derived_);
  Emitter emitter(pool, strings, *this);
  for (ExprId id = 0; id < pool.size(); ++id) {
    if (!pool.at(id).one_event || !has_flat_form(pool.at(id).op)) continue;
    entries_[id] = emitter.emit(id, kHolds, kFails);
  }
  code_.shrink_to_fit();
}

std::uint32_t FlatTests::derived_place(ExprId id) const noexcept {
  const auto at = std::ranges::lower_bound(derived_, id);
  if (at == derived_.end() || *at != id) return kNone;
  return static_cast<std::uint32_t>(at - derived_.begin());
}

std::size_t FlatTests::memory() const noexcept {
  return entries_.capacity() * sizeof(std::uint32_t) + code_.capacity() * sizeof(FlatTest);
}

}  // namespace weir::nfa
