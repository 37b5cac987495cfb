#include "weir/nfa/event_tests.hpp"

#include <algorithm>
#include <cstring>

#include "compare_number.hpp"
#include "flat_tests.hpp"
#include "functions.hpp"
#include "string_sets.hpp"

namespace weir::nfa {
namespace {

std::uint8_t outcome(std::string_view a, std::string_view b) noexcept {
  const int order = a.compare(b);
  return nfa::outcome(order, 0);
}

bool string_passes(const FlatTest& test, std::string_view text) noexcept {
  const std::string_view constant = test.text();
  // What is longer or shorter is not looked at.
  if (test.accepts == kEqual) {
    return text.size() == constant.size() &&
           (text.empty() || std::memcmp(text.data(), constant.data(), text.size()) == 0);
  }
  return (outcome(text, constant) & test.accepts) != 0;
}

bool number_passes(const FlatTest& test, const Value& v) noexcept {
  const bool to_integer = test.kind == FlatTest::Kind::kInteger;
  std::uint8_t order = 0;
  if (v.type() == ValueType::kInt) {
    order =
        to_integer ? nfa::outcome(v.as_int(), test.integer) : nfa::outcome(v.as_int(), test.real);
  } else if (v.type() == ValueType::kFloat) {
    order = to_integer ? nfa::outcome(v.as_float(), test.integer)
                       : nfa::outcome(v.as_float(), test.real);
  }
  return (order & test.accepts) != 0;
}

bool found(std::string_view text, std::string_view member) noexcept {
  if (member.size() > text.size()) return false;
  return member.empty() ||
         memmem(text.data(), text.size(), member.data(), member.size()) != nullptr;
}

bool lists(const Value& v, const Value& member) noexcept {
  if (v.type() != ValueType::kList) return false;
  const auto items = v.as_list();
  return std::any_of(items.begin(), items.end(),
                     [&](const Value& item) { return equals(item, member); });
}

}  // namespace

EventTests::EventTests(const ExprPool& pool, std::span<const TablePtr> tables)
    : pool_(&pool),
      flat_(pool.flat_tests()),
      strings_(pool.string_sets()),
      tables_(tables),
      answers_(pool.size(), 0) {
  if (flat_ != nullptr) derived_.resize(flat_->derived().size());
  if (strings_ != nullptr) scans_.resize(strings_->size());
}

EvalContext EventTests::context() noexcept {
  return {.candidate = event_,
          .bound = nullptr,
          .tables = tables_,
          .agg_results = {},
          .scratch = &scratch_};
}

bool EventTests::ask(ExprId predicate) {
  const std::uint32_t entry = flat_ != nullptr ? flat_->entry(predicate) : FlatTests::kNone;
  if (entry == FlatTests::kNone) return evaluated(predicate);
  const bool answer = run(entry);
  answers_[predicate] = epoch_ << 1 | static_cast<std::uint64_t>(answer);
  return answer;
}

/// Of a predicate that has no flat form, or of a part of one.
bool EventTests::evaluated(ExprId predicate) {
  std::uint64_t& answer = answers_[predicate];
  if (answer >> 1 != epoch_) {
    answer = epoch_ << 1 | static_cast<std::uint64_t>(pool_->test(predicate, context()));
  }
  return (answer & 1) != 0;
}

Value EventTests::value(ExprId subject) {
  const ExprNode& n = pool_->at(subject);
  if (n.op == Op::kField) return event_->get(n.a);
  const std::uint32_t place = flat_ != nullptr ? flat_->derived_place(subject) : FlatTests::kNone;
  return place == FlatTests::kNone ? pool_->eval(subject, context()) : derived(place);
}

Value EventTests::subject(std::uint32_t subject) {
  if ((subject & FlatTests::kDerived) == 0) return event_->get(subject);
  return derived(subject & ~FlatTests::kDerived);
}

Value EventTests::derived(std::uint32_t place) {
  Derived& known = derived_[place];
  if (known.epoch != epoch_) {
    known.value = pool_->eval(flat_->derived()[place], context());
    known.epoch = epoch_;
  }
  return known.value;
}

void EventTests::scan_text(std::uint32_t set, const Value& subject) {
  Scan& scan = scans_[set];
  const StringSet& patterns = strings_->at(set);
  scan.epoch = epoch_;
  if (scan.hits.empty()) {
    scan.hits.resize(patterns.size());
    scan.is_hit.resize((patterns.size() + 63) / 64);
  }
  for (std::size_t i = 0; i < scan.found; ++i) scan.is_hit[scan.hits[i] / 64] = 0;
  scan.found = 0;
  if (subject.type() != ValueType::kString) return;
  scan.found = patterns.scan(subject.as_string(), scan.hits.data());
  for (std::size_t i = 0; i < scan.found; ++i) {
    scan.is_hit[scan.hits[i] / 64] |= std::uint64_t{1} << (scan.hits[i] % 64);
  }
}

/// Whether the set has been scanned with for this event. It is from the test on by which it pays.
bool EventTests::scanned(std::uint32_t set, const Value& v) {
  Scan& scan = scans_[set];
  if (scan.epoch == epoch_) return true;
  if (scan.asked_epoch != epoch_) {
    scan.asked_epoch = epoch_;
    scan.asked = 0;
  }
  if (++scan.asked <= strings_->at(set).break_even()) return false;
  scan_text(set, v);
  return true;
}

/// REQUIRES: `v` is a text.
bool EventTests::text_passes(const FlatTest& test, const Value& v) {
  if (test.pattern != StringSets::kNone) {
    const std::uint32_t set = strings_->set_of(test.pattern);
    if (scanned(set, v)) {
      const std::uint32_t pattern = test.pattern - strings_->at(set).first_pattern();
      return (scans_[set].is_hit[pattern / 64] >> (pattern % 64) & 1) != 0;
    }
  }
  switch (test.kind) {
    case FlatTest::Kind::kContains:
      return found(v.as_string(), test.text());
    case FlatTest::Kind::kLike:
      return like(v.as_string(), test.text());
    default:
      return evaluated(test.index);
  }
}

bool EventTests::run(std::uint32_t instruction) {
  while (instruction < FlatTests::kNone) {
    const FlatTest& test = flat_->at(instruction);
    instruction = passes(test) ? test.if_true : test.if_false;
  }
  return instruction == FlatTests::kHolds;
}

/// What is common and quick; kept apart from the rest, so that it needs few registers.
inline bool EventTests::passes(const FlatTest& test) {
  if (test.kind > FlatTest::Kind::kString || (test.subject & FlatTests::kDerived) != 0) {
    return passes_any(test);
  }
  const Value v = event_->get(test.subject);
  if (test.kind == FlatTest::Kind::kString) {
    return v.type() == ValueType::kString && string_passes(test, v.as_string());
  }
  return number_passes(test, v);
}

bool EventTests::passes_any(const FlatTest& test) {
  using Kind = FlatTest::Kind;
  if (test.kind == Kind::kEval) return evaluated(test.index);
  const Value v = subject(test.subject);
  const bool is_text = v.type() == ValueType::kString;
  switch (test.kind) {
    case Kind::kInteger:
    case Kind::kReal:
      return number_passes(test, v);
    case Kind::kString:
      return is_text && string_passes(test, v.as_string());
    case Kind::kPlain:
      // Booleans, timestamps and durations have one representation.
      return v.type() == test.type && (nfa::outcome(v.as_int(), test.integer) & test.accepts) != 0;
    case Kind::kOneOf:
      return !v.is_null() && flat_->set(test.index).contains(v);
    case Kind::kNull:
      return v.is_null();
    case Kind::kTrue:
      return v.truthy();
    case Kind::kContains:
      return is_text ? text_passes(test, v) : lists(v, Value::string(test.text()));
    case Kind::kStartswith:
      return is_text && v.as_string().starts_with(test.text());
    case Kind::kEndswith:
      return is_text && v.as_string().ends_with(test.text());
    case Kind::kLike:
    case Kind::kMatches:
      return is_text && text_passes(test, v);
    case Kind::kHas:
      return lists(v, pool_->at(test.index).value);
    case Kind::kEval:
    case Kind::kNever:
      break;
  }
  return false;
}

}  // namespace weir::nfa
