// Predicates and events at random, over few values that are close to each other: every type, the
// borders of integers and floats, texts that begin with each other and bytes that are no text.
#pragma once

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "weir/nfa/event_tests.hpp"

namespace weir::nfa {

class RandomPredicates {
 public:
  explicit RandomPredicates(std::uint64_t seed) : random_(seed) {
    type_ = plan_.add_type("t");
    for (const char* name : {"a", "b", "c", "d"}) {
      fields_.push_back(plan_.add_field(name));
      plan_.read(type_, fields_.back());
    }
    unread_ = plan_.add_field("unread");
    plan_.finish();
    make_values();
  }

  ExprPool& pool() { return pool_; }
  const FieldPlan& plan() const { return plan_; }

  ExprId predicate(int depth = 2) {
    if (depth > 0 && one_in(3)) {
      std::vector<ExprId> parts;
      const Op op = one_in(2) ? Op::kAnd : one_in(2) ? Op::kOr : Op::kNot;
      for (std::size_t n = op == Op::kNot ? 1 : 2 + below(2); n > 0; --n) {
        parts.push_back(predicate(depth - 1));
      }
      return pool_.node(op, parts);
    }
    return simple();
  }

  /// Valid until the next call.
  const Event& event() {
    slots_.clear();
    for (std::size_t i = 0; i < plan_.type(type_).fields.size(); ++i) slots_.push_back(value());
    event_ = Event{};
    event_.type = type_;
    event_.ts = Timestamp{static_cast<std::int64_t>(below(4))};
    event_.type_name = one_in(2) ? "t" : "abc";
    event_.plan = &plan_.type(type_);
    event_.slots = slots_.data();
    return event_;
  }

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  void make_values() {
    constexpr std::int64_t k2To53 = std::int64_t{1} << 53;
    for (const std::int64_t i :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{2}, std::int64_t{3},
          k2To53, k2To53 + 1, k2To53 - 1, -k2To53 - 1, std::numeric_limits<std::int64_t>::max(),
          std::numeric_limits<std::int64_t>::max() - 1, std::numeric_limits<std::int64_t>::min(),
          std::numeric_limits<std::int64_t>::min() + 1}) {
      numbers_.push_back(Value::integer(i));
      numbers_.push_back(Value::real(static_cast<double>(i)));
    }
    for (const double d :
         {-0.0, 0.5, 1.5, -0.5, -1e300, 1e300, 1e-300, std::numeric_limits<double>::infinity(),
          -std::numeric_limits<double>::infinity(), 9007199254740994.0}) {
      numbers_.push_back(Value::real(d));
    }
    for (const char* s : {"",
                          "a",
                          "ab",
                          "abc",
                          "abcd",
                          "abd",
                          "b",
                          "bc",
                          "xabc",
                          "xabcabcx",
                          "ABC",
                          "aBc",
                          "cba",
                          "\xC3\xA4rger",
                          "\xC3\xA4",
                          "\xA4rger",
                          "\xFF"
                          "abc",
                          "\xEF\xBF\xBD",
                          "\xEF\xBF\xBD"
                          "abc",
                          "a\nabc",
                          "line abc end"}) {
      strings_.push_back(Value::string(s));
    }
    others_ = {Value{},
               Value::boolean(true),
               Value::boolean(false),
               Value::timestamp({0}),
               Value::timestamp({2}),
               Value::duration({0}),
               Value::duration({2})};
    for (const auto& items : {std::vector<Value>{},
                              {Value::integer(1), Value::string("abc")},
                              {Value::string("abc"), Value::string("abc"), Value{}},
                              {Value{}},
                              {Value::real(-0.0), Value::integer((1LL << 53) + 1)}}) {
      const auto list = arena_.make_list(items.size());
      std::copy(items.begin(), items.end(), list.begin());
      others_.push_back(Value::list(list));
    }
  }

  Value any_of(const std::vector<Value>& from) { return from[below(from.size())]; }
  Value value() {
    switch (below(5)) {
      case 0:
      case 1:
        return any_of(numbers_);
      case 2:
      case 3:
        return any_of(strings_);
      default:
        return any_of(others_);
    }
  }
  ExprId constant() { return pool_.constant(value()); }
  ExprId field() {
    if (one_in(20)) return pool_.field(unread_);
    if (one_in(10)) return pool_.field(one_in(2) ? kTsField : kTypeField);
    return pool_.field(fields_[below(fields_.size())]);
  }
  ExprId subject() {
    const ExprId f = one_in(30) ? constant() : field();
    if (!one_in(6)) return f;
    constexpr Op kOps[] = {Op::kLower, Op::kUpper, Op::kLength, Op::kAbs, Op::kNegate};
    return pool_.node(kOps[below(std::size(kOps))], std::vector{f});
  }

  ExprId simple() {
    switch (below(10)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        constexpr Op kOps[] = {Op::kEq, Op::kNe, Op::kLt, Op::kLe, Op::kGt, Op::kGe};
        std::vector<ExprId> sides{subject(), one_in(20) ? subject() : constant()};
        if (one_in(4)) std::swap(sides[0], sides[1]);
        return pool_.node(kOps[below(std::size(kOps))], sides);
      }
      case 4:
        return members(Op::kIn);
      case 5:
        return members(Op::kContains);
      case 6:
        return members(one_in(2) ? Op::kStartswith : Op::kEndswith);
      case 7:
        return like();
      case 8:
        return one_in(2) ? regex() : pool_.node(Op::kIsNull, std::vector{subject()});
      default:
        return one_in(2) ? field() : like();
    }
  }

  ExprId members(Op op) {
    std::vector<ExprId> args{subject()};
    for (std::size_t n = 1 + (one_in(3) ? below(9) : 0); n > 0; --n) {
      args.push_back(op == Op::kIn || one_in(6) ? constant() : pool_.constant(any_of(strings_)));
    }
    if (one_in(15)) args.push_back(field());
    return pool_.node(op, args);
  }

  ExprId like() {
    constexpr const char* kPatterns[] = {
        "",       "*",         "abc",    "abc*",  "*abc",  "*abc*", "a*c",  "a?c",
        "\\*",    "**abc",     "*\xA4*", "*b*c*", "abc\\", "?",     "*???", "*\xEF\xBF\xBD*",
        "a*b*d*", "\xC3\xA4*", "*r*ger"};
    std::vector<ExprId> args{subject()};
    for (std::size_t n = 1 + below(2); n > 0; --n) {
      args.push_back(pool_.constant(Value::string(kPatterns[below(std::size(kPatterns))])));
    }
    return pool_.node(Op::kLike, args);
  }

  ExprId regex() {
    constexpr const char* kRegexes[] = {"abc",
                                        "^abc$",
                                        "a.c",
                                        "",
                                        "x*",
                                        "^$",
                                        "[^a]",
                                        "b(c|d)",
                                        ".bcd",
                                        "\\babc\\b",
                                        "^.rger",
                                        "abc$",
                                        ("\xFF"
                                         "a"),
                                        "\xC3\xA4",
                                        "\\x{fffd}",
                                        "^abc"};
    std::string error;
    return pool_.matches(subject(), kRegexes[below(std::size(kRegexes))], one_in(3), error);
  }

  std::mt19937_64 random_;
  FieldPlan plan_;
  ExprPool pool_;
  TypeId type_ = 0;
  std::vector<FieldId> fields_;
  FieldId unread_ = 0;  // a field that events of the type do not hold
  ValueArena arena_;
  std::vector<Value> numbers_;
  std::vector<Value> strings_;
  std::vector<Value> others_;
  std::vector<Value> slots_;
  Event event_;
};

}  // namespace weir::nfa
