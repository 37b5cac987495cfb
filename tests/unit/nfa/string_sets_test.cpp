// StringSets: what one scan finds against what each pattern finds alone; building, on threads and
// from a store.
#include "string_sets.hpp"

#include <doctest/doctest.h>
#include <hs/hs.h>

#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "functions.hpp"
#include "regex.hpp"
#include "weir/nfa/event_tests.hpp"

namespace weir::nfa {
namespace {

/// One field of one type.
struct Room {
  Room() {
    type = plan.add_type("t");
    field = plan.add_field("text");
    plan.read(type, field);
    plan.finish();
  }
  ExprId contains(std::string_view literal) {
    return pool.node(Op::kContains,
                     std::vector{pool.field(field), pool.constant(Value::string(literal))});
  }
  ExprId like(std::string_view pattern) {
    return pool.node(Op::kLike,
                     std::vector{pool.field(field), pool.constant(Value::string(pattern))});
  }
  ExprId matches(std::string_view regex, bool ignore_case = false) {
    std::string error;
    const ExprId id = pool.matches(pool.field(field), regex, ignore_case, error);
    CAPTURE(error);
    REQUIRE(id != kNoExpr);
    return id;
  }
  Event event(std::string_view text) {
    slot = Value::string(text);
    Event e;
    e.type = type;
    e.plan = &plan.type(type);
    e.slots = &slot;
    return e;
  }
  FieldPlan plan;
  ExprPool pool;
  TypeId type = 0;
  FieldId field = 0;
  Value slot;
};

TEST_CASE("a set finds what its patterns find alone, in whatever bytes") {
  Room room;
  std::vector<ExprId> predicates;
  for (const char* s : {"abc", "bca", "aaa", "cab\n",
                        "\xC3\xA4"
                        "a",
                        "a\xC3\xA4", "b.c", "\\d+", "\xC3\xA4\xC3\xA4\xC3\xA4",
                        "A\xE2\x82\xAC"
                        "B"}) {
    predicates.push_back(room.contains(s));
  }
  for (const char* s : {"abc*a", "*abc*cab*", "a*b*cab",
                        "*\xC3\xA4"
                        "aa*b",
                        "\\*abc*b\\a"}) {
    predicates.push_back(room.like(s));
  }
  for (const char* s : {"", "a*", "^$", "^a", "b$", "a.c", "[^a]b", "\\bab", "\\w\\W\\w", "c\\sa",
                        "(a|b)c+a?", "^.{3}$", "^[^a-c]", "\xC3\xA4.", "\\x{fffd}", "a\\z", "\\AB",
                        "(?s)a.b", "\xE2\x82\xAC|k"}) {
    predicates.push_back(room.matches(s));
    predicates.push_back(room.matches(s, true));
  }
  room.pool.finish();
  const StringSets& sets = *room.pool.string_sets();
  REQUIRE(sets.size() == 1);
  // Every one of them is in the set.
  for (const ExprId p : predicates) {
    const bool regex = room.pool.at(p).op == Op::kMatches;
    REQUIRE(sets.pattern_of(room.pool, p, regex ? 0 : 1) != StringSets::kNone);
  }
  constexpr std::string_view kPieces[] = {
      "a",        "b", "c", "ab",   "\n", "\xC3", "\xA4",         "\xC3\xA4",    "\xE2\x82\xAC",
      "\xE2\x82", "A", "B", "\xFF", "*",  ".",    "\xEF\xBF\xBD", "\xE2\x84\xAA"};
  std::mt19937_64 random(1);
  std::vector<std::string> texts{""};
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (std::size_t n = random() % 9; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
    texts.push_back(text);
  }
  EventTests tests(room.pool, {});
  for (const std::string& text : texts) {
    const Event event = room.event(text);
    tests.begin(event);
    tests.text_hits(0, event.slots[0]);
    const EvalContext alone{
        .candidate = &event, .bound = nullptr, .tables = {}, .agg_results = {}, .scratch = nullptr};
    for (const ExprId p : predicates) {
      CAPTURE(text);
      CAPTURE(room.pool.dump(p, room.plan));
      REQUIRE(tests.holds(p) == room.pool.test(p, alone));
    }
  }
}

/// An expression of what sees_ascii_alone() knows, and of some that it does not.
std::string random_expression(std::mt19937_64& random, int depth) {
  constexpr std::string_view kAtoms[] = {"a",     "b",      "k",        " ",   "\\d", "\\w",  "\\s",
                                         "[a-c]", "[\\w.]", ".*",       ".*?", "\\b", "^",    "$",
                                         "\\.",   "\\n",    "\\A",      "\\z", ".",   "[^a]", "\\W",
                                         "\\B",   ".+",     "\xC3\xA4", "(?i)"};
  const auto part = [&] { return random_expression(random, depth - 1); };
  if (depth == 0 || random() % 3 == 0) return std::string(kAtoms[random() % std::size(kAtoms)]);
  switch (random() % 6) {
    case 0:
      return "(" + part() + "|" + part() + ")";
    case 1:
      return "(?:" + part() + ")*";
    case 2:
      return "(" + part() + part() + "){1,2}";
    default:
      return part() + part();
  }
}

TEST_CASE("what sees ASCII alone finds the same in bytes and in code points") {
  constexpr std::string_view kPieces[] = {
      "a",    "b",    "k",    " ", "1",           "\n", "\xC3\xA4", "\xE2\x82\xAC",
      "\xC3", "\xA4", "\xFF", ".", "\xE2\x84\xAA"};
  std::mt19937_64 random(3);
  std::size_t tested = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string expression = random_expression(random, 4);
    if (!sees_ascii_alone(expression, false)) continue;
    constexpr unsigned kFlags = HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;
    const HsPattern patterns[] = {{expression, kFlags}, {expression, kFlags | HS_FLAG_UTF8}};
    std::string error;
    const auto bytes = HsDatabase::compile({patterns, 1}, error);
    const auto code_points = HsDatabase::compile({patterns + 1, 1}, error);
    if (!bytes || !code_points) continue;
    ++tested;
    const auto finds = [](const HsDatabase& database, std::string_view text) {
      bool found = false;
      database.scan(
          text,
          [](unsigned, unsigned long long, unsigned long long, unsigned, void* any) {
            *static_cast<bool*>(any) = true;
            return 1;
          },
          &found);
      return found;
    };
    for (int k = 0; k < 100; ++k) {
      std::string text;
      for (std::size_t n = random() % 8; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
      std::string room;
      CAPTURE(expression);
      CAPTURE(text);
      REQUIRE(finds(*bytes, text) == finds(*code_points, repaired(text, room)));
    }
  }
  CHECK(tested > 500);
}

TEST_CASE("what does not see ASCII alone") {
  for (const char* e :
       {"abc", "\\d+\\.\\d", "^GET /[a-z_\\-]*\\.php$", "(?:a|b).*c", "\\bword\\b"}) {
    CHECK(sees_ascii_alone(e, false));
    CHECK_FALSE(sees_ascii_alone(e, true));
  }
  for (const char* e :
       {"a.b", ".+", "[^a]", "\\W", "\\x41", "\xC3\xA4", "[\xC3\xA4]", "(?i)a", "(?s).*",
        "[[:alpha:]]", "\\p{L}", "\\B", "[]a]", "[a", "a\\", "(*UTF8)a", "\\Qa.b\\E"}) {
    CAPTURE(e);
    CHECK_FALSE(sees_ascii_alone(e, false));
  }
}

TEST_CASE("what is in a set, and what is asked alone") {
  Room room;
  const ExprId shorter = room.contains("ab");
  const ExprId literal = room.contains("abc");
  const ExprId same = room.like("*abc*");
  const ExprId prefix = room.like("abc*");
  const ExprId pieces = room.like("x*abc");
  const ExprId one_off = room.like("*a?c*");
  const ExprId no_text = room.contains(
      "\xFF"
      "abc");
  const ExprId made_by_repair = room.contains("\xEF\xBF\xBD");
  const ExprId regex = room.matches("a+b");
  const ExprId bytes = room.matches("\xFF+b");
  room.pool.finish();
  const StringSets& sets = *room.pool.string_sets();
  REQUIRE(sets.size() == 1);
  CHECK(sets.at(0).size() == 3);
  CHECK(sets.at(0).either() == 3);
  const auto pattern = [&](ExprId id, std::size_t arg) {
    return sets.pattern_of(room.pool, id, arg);
  };
  CHECK(pattern(literal, 1) == 0);
  CHECK(pattern(same, 1) == 0);
  CHECK(pattern(pieces, 1) == 1);
  CHECK(pattern(regex, 0) == 2);
  for (const ExprId id : {shorter, prefix, one_off, no_text, made_by_repair}) {
    CHECK(pattern(id, 1) == StringSets::kNone);
  }
  CHECK(pattern(bytes, 0) == StringSets::kNone);
}

TEST_CASE("few patterns make no set, and sets may be switched off") {
  Room room;
  room.contains("abc");
  room.contains("abd");
  room.pool.finish();
  CHECK(room.pool.string_sets()->size() == 0);
  Room off;
  for (const char* s : {"abc", "abd", "abe"}) off.contains(s);
  off.pool.finish({.string_sets = false});
  CHECK(off.pool.string_sets() == nullptr);
  CHECK(off.pool.build_string_sets().patterns == 0);
}

TEST_CASE("thousands of literals and some regular expressions") {
  Room room;
  std::vector<ExprId> predicates;
  for (int i = 0; i < 2500; ++i) {
    predicates.push_back(room.contains("word" + std::to_string(i) + "."));
  }
  for (int i = 0; i < 3; ++i)
    predicates.push_back(room.matches("w.rd" + std::to_string(i) + "\\."));
  room.pool.finish();
  CHECK(room.pool.build_string_sets(nullptr, 2).compiled == 1);
  EventTests tests(room.pool, {});
  for (const std::string text :
       {"", "a word17. and word2.", "word2499.", "w\xC3\xA4rd1.", "w\xA4rd1."}) {
    const Event event = room.event(text);
    tests.begin(event);
    std::size_t found = 0;
    for (const ExprId p : predicates) found += tests.holds(p) ? 1 : 0;
    const EvalContext alone{
        .candidate = &event, .bound = nullptr, .tables = {}, .agg_results = {}, .scratch = nullptr};
    std::size_t expected = 0;
    for (const ExprId p : predicates) expected += room.pool.test(p, alone) ? 1 : 0;
    CAPTURE(text);
    CHECK(found == expected);
    CHECK(tests.text_hits(0, event.slots[0]).size() == expected);
  }
}

/// In memory.
class FakeStore final : public StringStore {
 public:
  std::optional<std::string> load(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    const auto at = kept.find(key);
    return at == kept.end() ? std::nullopt : std::optional(at->second);
  }
  bool store(const std::string& key, std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    if (!refuses) kept[key] = bytes;
    return !refuses;
  }
  std::map<std::string, std::string> kept;
  bool refuses = false;

 private:
  std::mutex mutex_;
};

TEST_CASE("databases come from the store") {
  const auto fill = [](Room& room, int first) {
    for (int i = 0; i < 20; ++i) room.contains("word" + std::to_string(first + i));
    room.pool.finish();
  };
  const auto finds = [](Room& room) {
    EventTests tests(room.pool, {});
    const Event event = room.event("a word7 b");
    tests.begin(event);
    return tests.text_hits(0, event.slots[0]).size();
  };
  FakeStore store;
  Room first;
  fill(first, 0);
  StringBuildStats stats = first.pool.build_string_sets(&store);
  CHECK(stats.patterns == 20);
  CHECK(stats.compiled == 1);
  CHECK(stats.stored == 1);
  CHECK(finds(first) == 1);
  // Once is enough.
  CHECK(first.pool.build_string_sets(&store).compiled == 0);
  Room second;
  fill(second, 0);
  stats = second.pool.build_string_sets(&store);
  CHECK(stats.compiled == 0);
  CHECK(stats.loaded == 1);
  CHECK(finds(second) == 1);
  Room other;
  fill(other, 100);
  CHECK(other.pool.build_string_sets(&store).compiled == 1);
  CHECK(store.kept.size() == 2);
  // What Hyperscan does not take is compiled.
  for (auto& [key, bytes] : store.kept) bytes = "no database";
  store.refuses = true;
  Room third;
  fill(third, 0);
  stats = third.pool.build_string_sets(&store);
  CHECK(stats.compiled == 1);
  CHECK(stats.stored == 0);
  CHECK(finds(third) == 1);
}

TEST_CASE("threads may scan before anything is built") {
  Room room;
  std::vector<ExprId> predicates;
  for (int i = 0; i < 50; ++i) predicates.push_back(room.contains("word" + std::to_string(i)));
  room.pool.finish();
  std::vector<std::size_t> found(4, 0);
  const Event event = room.event("word1 word49 xyz");
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < found.size(); ++t) {
      threads.emplace_back([&, t] {
        EventTests tests(room.pool, {});
        for (int round = 0; round < 100; ++round) {
          tests.begin(event);
          found[t] += tests.text_hits(0, event.slots[0]).size();
        }
      });
    }
  }
  // word1, word4 and word49.
  for (const std::size_t n : found) CHECK(n == 300);
}

TEST_CASE("an expression that is too large is refused when it is made") {
  std::string error;
  for (const char* fine : {"a{3}", "(\\d{1,3}\\.){3}\\d{1,3}", "[^/]+/[^/]+", "x.{20}y"}) {
    CHECK(Regex::make(fine, false, error) != nullptr);
  }
  for (const char* large : {"x.{100}y", "(a|[^b]c){300}", "(a.{100,}b|c)"}) {
    CAPTURE(large);
    CHECK(Regex::make(large, false, error) == nullptr);
    CHECK(error.find("too large") != std::string::npos);
  }
}

TEST_CASE("text is repaired only where it has to be") {
  std::string room;
  const std::string_view text = "plain \xC3\xA4 text, long enough for words of eight bytes";
  CHECK(repaired(text, room).data() == text.data());
  CHECK(repaired("long enough for words, and \xFF at the end \xC3", room) ==
        "long enough for words, and \xEF\xBF\xBD at the end \xEF\xBF\xBD");
}

}  // namespace
}  // namespace weir::nfa
