// Answers of one-event predicates for one event: each is computed at most once, whichever rule
// asks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "weir/nfa/expr.hpp"

namespace weir::nfa {

class FlatTests;
class StringSets;
struct FlatTest;

/// One a thread. The pool may be finished (ExprPool::finish) or not: only the time differs.
class EventTests {
 public:
  /// Both outlive it; the pool does not grow any more.
  EventTests(const ExprPool& pool, std::span<const TablePtr> tables);

  /// Forgets the answers; `event` stays valid until the next begin().
  void begin(const Event& event) {
    event_ = &event;
    ++epoch_;
    if (scratch_.capacity() != 0) scratch_.reset();
  }

  /// REQUIRES: at(predicate).one_event. Some 2 ns where the answer is remembered, a few more where
  /// a field is compared with a constant.
  bool holds(ExprId predicate) {
    const std::uint64_t answer = answers_[predicate];
    return answer >> 1 == epoch_ ? (answer & 1) != 0 : ask(predicate);
  }

  /// The value of a one-event expression, lower(x) for instance; it lives until the next begin().
  /// Fields are read from the event; what predicates test against constants is computed once.
  Value value(ExprId subject);

  /// The patterns of a string set (ExprPool::string_sets) found in its subject, counted from its
  /// first, in no order; by one scan an event. REQUIRES: `subject` is the subject's value.
  std::span<const std::uint32_t> text_hits(std::uint32_t set, const Value& subject) {
    const Scan& scan = scans_[set];
    if (scan.epoch != epoch_) scan_text(set, subject);
    return {scan.hits.data(), scan.found};
  }

  const Event& event() const noexcept { return *event_; }
  const ExprPool& pool() const noexcept { return *pool_; }
  ValueArena& scratch() noexcept { return scratch_; }
  std::span<const TablePtr> tables() const noexcept { return tables_; }

  /// Room for those who work on the event, as they left it.
  std::vector<std::uint64_t>& word_room() noexcept { return word_room_; }

 private:
  bool ask(ExprId predicate);
  bool run(std::uint32_t instruction);
  bool passes(const FlatTest& test);
  [[gnu::noinline]] bool passes_any(const FlatTest& test);
  [[gnu::noinline]] bool evaluated(ExprId predicate);
  bool text_passes(const FlatTest& test, const Value& v);
  bool scanned(std::uint32_t set, const Value& v);
  void scan_text(std::uint32_t set, const Value& subject);
  Value subject(std::uint32_t subject);
  Value derived(std::uint32_t place);
  EvalContext context() noexcept;

  const ExprPool* pool_;
  const FlatTests* flat_;      // of the pool; null where it has none
  const StringSets* strings_;  // the same
  std::span<const TablePtr> tables_;
  const Event* event_ = nullptr;
  std::uint64_t epoch_ = 0;
  std::vector<std::uint64_t> answers_;  // by ExprId: epoch * 2 + answer
  struct Derived {
    std::uint64_t epoch = 0;
    Value value;
  };
  std::vector<Derived> derived_;  // as FlatTests::derived()
  struct Scan {
    std::uint64_t epoch = 0;            // of the last scan
    std::uint64_t asked_epoch = 0;      // of the last test alone
    std::size_t asked = 0;              // tests alone of that event
    std::size_t found = 0;              // so many of hits
    std::vector<std::uint32_t> hits;    // room for all patterns
    std::vector<std::uint64_t> is_hit;  // the same as bits
  };
  std::vector<Scan> scans_;  // as StringSets
  std::vector<std::uint64_t> word_room_;
  ValueArena scratch_;
};

}  // namespace weir::nfa
