// The quick readers of numbers say the same as the exact one, or nothing.

#include "codec/json_number.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

namespace weir::connectors {
namespace {

std::string shown(const Value& value) {
  std::string out(type_name(value.type()));
  out += ' ';
  append_json(out, value);
  if (value.type() == ValueType::kFloat && std::signbit(value.as_float())) out += " below zero";
  return out;
}

/// Whether the quick readers know the text; what they say must hold.
struct Known {
  bool is_short = false;
  bool is_plain = false;
};
Known compare(const std::string& text) {
  CAPTURE(text);
  const bool number = is_json_number(text);
  const std::string exact = number ? shown(read_json_number(text).value) : "none";
  const std::string padded = text + "99999999,\"}";  // digits behind it must not count
  const std::string_view view = std::string_view(padded).substr(0, text.size());
  Known known;
  Value value;
  known.is_short = read_short_number(view, value);
  if (known.is_short) CHECK(shown(value) == exact);
  known.is_plain = read_plain_number(view, value);
  if (known.is_plain) CHECK(shown(value) == exact);
  return known;
}

TEST_CASE("numbers that are written out") {
  for (const char* text : {"0", "7", "-7", "10", "12345678", "-12345678", "0.5", "-0.5", "283.06",
                           "1.0", "0.000001", "123456.7", "9.999999", "-0.0"}) {
    CAPTURE(text);
    const Known known = compare(text);
    CHECK(known.is_short);
    CHECK(known.is_plain);
  }
  for (const char* text :
       {"123456789", "-0", "123456789012345", "0.1234567890123", "-12345678.9"}) {
    compare(text);
  }
  for (const char* text :
       {"00",  "01",  "-",  "-01", ".5",  "5.", "-.5",  "1.2.3", "1e3",    "1E5",
        "0x1", "1_0", "+1", "1 ",  "--1", "1-", "00.5", "-00.5", "\x8a.5", "1\xba"}) {
    CAPTURE(text);
    const Known known = compare(text);
    CHECK_FALSE(known.is_short);
    CHECK_FALSE(known.is_plain);
  }
}

TEST_CASE("every text of up to five characters") {
  constexpr std::string_view kPieces = "0159.-+e";
  std::size_t known = 0;
  for (std::size_t size = 1; size <= 5; ++size) {
    std::size_t count = 1;
    for (std::size_t i = 0; i < size; ++i) count *= kPieces.size();
    for (std::size_t n = 0; n < count; ++n) {
      std::string text;
      for (std::size_t i = 0, rest = n; i < size; ++i, rest /= kPieces.size()) {
        text += kPieces[rest % kPieces.size()];
      }
      known += compare(text).is_short ? 1U : 0U;
    }
  }
  CHECK(known > 1000);
}

TEST_CASE("decimals round to the nearest") {
  std::uint64_t state = 1;
  for (int round = 0; round < 50'000; ++round) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    std::string text = std::to_string((state >> 20) % 10'000'000);
    const std::size_t point = 1 + (state >> 50) % 8;
    if (point < text.size()) text.insert(point, 1, '.');
    compare(text);
    state = state * 6364136223846793005U + 1442695040888963407U;
    text = std::to_string(1'000'000'000'000'000 + (state >> 14) % 1'000'000'000'000'000).substr(1);
    text.insert(1 + (state >> 50) % 14, 1, '.');
    compare(text);
  }
}

}  // namespace
}  // namespace weir::connectors
