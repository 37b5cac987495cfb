// Values: order, identity, hashing, text; the arena.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "weir/event/value.hpp"

namespace weir {
namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMinInt = std::numeric_limits<std::int64_t>::min();

Value i(std::int64_t n) {
  return Value::integer(n);
}
Value f(double d) {
  return Value::real(d);
}
Value s(std::string_view text) {
  return Value::string(text);
}

int sign(std::strong_ordering o) {
  return o < 0 ? -1 : (o > 0 ? 1 : 0);
}

/// 2 where the values do not compare.
int order(const Value& a, const Value& b) {
  const auto o = compare(a, b);
  return o ? sign(*o) : 2;
}

TEST_CASE("numbers compare by value, exactly") {
  CHECK(order(i(1), i(2)) == -1);
  CHECK(order(i(2), f(2.0)) == 0);
  CHECK(order(f(2.5), i(2)) == 1);
  CHECK(order(f(-0.0), i(0)) == 0);
  CHECK(order(f(-0.0), f(0.0)) == 0);
  // 2^53 + 1 has no double of its own.
  CHECK(order(i(9007199254740993), f(9007199254740992.0)) == 1);
  CHECK(order(i(kMaxInt), f(9223372036854775808.0)) == -1);
  CHECK(order(i(kMinInt), f(-9223372036854775808.0)) == 0);
  CHECK(order(i(kMinInt), f(-9223372036854777856.0)) == 1);
  CHECK(order(i(kMaxInt), f(std::numeric_limits<double>::infinity())) == -1);
  CHECK(order(i(kMinInt), f(-std::numeric_limits<double>::infinity())) == 1);
}

TEST_CASE("random numbers compare as long double does") {
  std::mt19937_64 random(20240601);
  const auto number = [&]() -> Value {
    const std::uint64_t bits = random();
    switch (random() % 5) {
      case 0:
        return i(static_cast<std::int64_t>(bits));
      case 1:
        return i(static_cast<std::int64_t>(bits % 9) - 4);
      case 2:
        return f(static_cast<double>(static_cast<std::int64_t>(bits)));
      case 3:
        return f(static_cast<double>(static_cast<std::int64_t>(bits % 17) - 8) / 2);
      default:
        return f(std::ldexp(static_cast<double>(bits >> 11), static_cast<int>(bits % 30) - 4));
    }
  };
  const auto exact = [](const Value& v) {
    // 64 bits of mantissa hold both types.
    return v.type() == ValueType::kInt ? static_cast<long double>(v.as_int())
                                       : static_cast<long double>(v.as_float());
  };
  for (int n = 0; n < 200'000; ++n) {
    const Value a = number();
    const Value b = random() % 3 == 0 ? f(a.number()) : number();
    const long double x = exact(a);
    const long double y = exact(b);
    REQUIRE(order(a, b) == (x < y ? -1 : (x > y ? 1 : 0)));
    REQUIRE(identical(a, b) == (x == y));
    if (x == y) REQUIRE(hash_value(a, 7) == hash_value(b, 7));
  }
}

TEST_CASE("other types compare with their own kind alone") {
  CHECK(order(s("a"), s("b")) == -1);
  CHECK(order(s("\x7f"), s("\xc3\xa9")) == -1);  // by bytes, unsigned
  CHECK(order(s("a"), s("ab")) == -1);
  CHECK(order(Value::boolean(false), Value::boolean(true)) == -1);
  CHECK(order(Value::timestamp({5}), Value::timestamp({4})) == 1);
  CHECK(order(Value::duration({5}), Value::duration({5})) == 0);

  CHECK(order(Value::null(), Value::null()) == 2);
  CHECK(order(Value::null(), i(1)) == 2);
  CHECK(order(i(1), s("1")) == 2);
  CHECK(order(i(1), Value::boolean(true)) == 2);
  CHECK(order(Value::timestamp({1}), Value::duration({1})) == 2);
  CHECK(order(Value::timestamp({1}), i(1)) == 2);
  CHECK_FALSE(equals(Value::null(), Value::null()));
  CHECK(identical(Value::null(), Value::null()));
}

TEST_CASE("NaN is null") {
  CHECK(f(std::nan("")).is_null());
  CHECK(f(std::nan("")).type() == ValueType::kNull);
}

TEST_CASE("only true is truthy") {
  CHECK(Value::boolean(true).truthy());
  for (const Value& v : {Value{}, Value::boolean(false), i(1), f(1), s("true"), Value::list({})}) {
    CHECK_FALSE(v.truthy());
  }
}

TEST_CASE("lists compare item by item") {
  const std::array one{i(1), s("x")};
  const std::array same{f(1.0), s("x")};
  const std::array more{i(1), s("x"), i(2)};
  const std::array with_null{i(1), Value{}};
  const std::array unlike{s("1"), s("x")};
  const Value a = Value::list(one);
  CHECK(order(a, Value::list(same)) == 0);
  CHECK(order(a, Value::list(more)) == -1);
  CHECK(order(Value::list({}), a) == -1);
  CHECK(order(a, Value::list(unlike)) == 2);
  CHECK(order(Value::list(with_null), Value::list(with_null)) == 2);
  CHECK(identical(Value::list(with_null), Value::list(with_null)));
  CHECK(identical(a, Value::list(same)));
  CHECK(hash_value(a) == hash_value(Value::list(same)));
  CHECK_FALSE(identical(a, Value::list(more)));
  CHECK(hash_value(Value::list(with_null)) == hash_value(Value::list(with_null)));
}

TEST_CASE("hashes tell values apart") {
  CHECK(hash_value(i(1)) != hash_value(i(2)));
  CHECK(hash_value(i(0)) != hash_value(Value::boolean(false)));
  CHECK(hash_value(i(0)) != hash_value(Value{}));
  CHECK(hash_value(s("")) != hash_value(Value{}));
  CHECK(hash_value(s("ab")) != hash_value(s("ba")));
  CHECK(hash_value(s("12345678a")) != hash_value(s("12345678b")));
  CHECK(hash_value(i(1), 1) != hash_value(i(1), 2));
}

TEST_CASE("text of values") {
  struct Case {
    Value value;
    std::string_view text;
    std::string_view json;
  };
  const std::array items{i(1), s("a\"b"), Value{}};
  const std::vector<Case> cases{
      {Value{}, "null", "null"},
      {Value::boolean(true), "true", "true"},
      {i(kMinInt), "-9223372036854775808", "-9223372036854775808"},
      {f(5), "5.0", "5.0"},
      {f(-0.0), "-0.0", "-0.0"},
      {f(0.1), "0.1", "0.1"},
      {f(100000), "100000.0", "100000.0"},
      {f(1e15), "1000000000000000.0", "1000000000000000.0"},
      {f(1e16), "1e+16", "1e+16"},
      {f(0.00001), "0.00001", "0.00001"},
      {f(1.5e-7), "1.5e-07", "1.5e-07"},
      {f(1.0 / 3), "0.3333333333333333", "0.3333333333333333"},
      {f(std::numeric_limits<double>::infinity()), "inf", "null"},
      {s("caf\xc3\xa9"), "caf\xc3\xa9", "\"caf\xc3\xa9\""},
      {s("a\n\t\"\\\x01"), "a\n\t\"\\\x01", R"("a\n\t\"\\\u0001")"},
      {s("\xff\xc3x"), "\xff\xc3x", "\"\xEF\xBF\xBD\xEF\xBF\xBDx\""},
      {s("\xed\xa0\x80"), "\xed\xa0\x80",
       "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},  // a surrogate
      {Value::list(items), "[1, a\"b, null]", R"([1,"a\"b",null])"},
      {Value::list({}), "[]", "[]"},
  };
  for (const Case& c : cases) {
    std::string json;
    append_json(json, c.value);
    CHECK(to_text(c.value) == c.text);
    CHECK(json == c.json);
  }
}

TEST_CASE("floats' text reads back to the same bits") {
  std::mt19937_64 random(7);
  for (int n = 0; n < 20'000; ++n) {
    const double d =
        std::ldexp(static_cast<double>(random() >> 11), static_cast<int>(random() % 400) - 200);
    REQUIRE(std::stod(to_text(f(d))) == d);
  }
}

TEST_CASE("the arena copies deep, and keeps its largest block") {
  ValueArena arena;
  std::string text(1000, 'x');
  Value copied;
  {
    const std::array inner{s(text)};
    const std::array outer{Value::list(inner), i(3)};
    copied = arena.copy(Value::list(outer));
  }
  text.assign(1000, 'y');
  CHECK(copied.as_list()[0].as_list()[0].as_string() == std::string(1000, 'x'));
  CHECK(copied.as_list()[1].as_int() == 3);

  for (int n = 0; n < 1000; ++n) {
    auto* p = static_cast<char*>(arena.allocate(static_cast<std::size_t>(n), 16));
    CHECK(reinterpret_cast<std::uintptr_t>(p) % 16 == 0);
    for (int k = 0; k < n; ++k) p[k] = 'z';
  }
  CHECK(copied.as_list()[0].as_list()[0].as_string() == std::string(1000, 'x'));
  const std::size_t before = arena.capacity();
  arena.reset();
  CHECK(arena.capacity() < before);
  CHECK(arena.capacity() > 0);
  const std::size_t kept = arena.capacity();
  arena.allocate(kept);
  CHECK(arena.capacity() == kept);
}

TEST_CASE("an arena that is used again for as much holds no more") {
  ValueArena arena;
  std::size_t held = 0;
  for (int round = 0; round < 5; ++round) {
    arena.reset();
    for (int n = 0; n < 40'000; ++n) {
      const std::span<Value> items = arena.make_list(7);
      items[6] = i(n);
    }
    if (round > 1) CHECK(arena.capacity() == held);
    held = arena.capacity();
  }
}

TEST_CASE("an arena that was moved from serves again") {
  ValueArena a;
  const std::string_view text = a.copy("hello");
  ValueArena b = std::move(a);
  CHECK(text == "hello");
  CHECK(a.copy("again") == "again");
  CHECK(b.copy("too") == "too");
}

TEST_CASE("an owned value outlives what it was made of") {
  OwnedValue copy;
  {
    std::string text = "gone";
    OwnedValue owned(s(text));
    copy = owned;
    text = "xxxx";
  }
  CHECK(copy.get().as_string() == "gone");
  CHECK(OwnedValue().get().is_null());
  CHECK(OwnedValue(i(4)).get().as_int() == 4);
}

}  // namespace
}  // namespace weir
