#include "codec/name_table.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

namespace weir::connectors {
namespace {

/// As a JSON object has it.
std::string in_record(const std::string& name) {
  return '"' + name + "\":1}" + std::string(NameTable::kReadable, '~');
}

TEST_CASE("names are found, guessed or not, and only whole ones") {
  NameTable table;
  std::map<std::string, std::uint32_t> names;
  for (const char* name :
       {"a", "b", "ab", "", "type", "timestamp", "fifteen_letters", "sixteen_letters_",
        "a name of seventeen", "quoted\"", "back\\slash", "\u00e9t\u00e9"}) {
    names.emplace(name, static_cast<std::uint32_t>(names.size()));
  }
  names.emplace(std::string(61, 'x'), 100);
  names.emplace(std::string(62, 'x'), 101);
  names.emplace(std::string(200, 'x'), 102);
  for (int i = 0; i < 500; ++i) names.emplace("field_" + std::to_string(i), 1000 + i);
  for (const auto& [name, value] : names) table.add(name, value);

  for (int round = 0; round < 3; ++round) {
    NameTable::Guess guess = table.first();
    std::size_t guessed = 0;
    for (const auto& entry : names) {
      const std::string& name = entry.first;
      const std::uint32_t value = entry.second;
      CAPTURE(name);
      const std::string text = in_record(name);
      if (NameTable::Entry* const found = NameTable::find_guessed(text.data(), guess)) {
        ++guessed;
        CHECK(found->value == value);
        guess = &found->next;
      } else {
        const NameTable::Found searched = table.find(name, guess);
        CHECK(searched.value == value);
        guess = searched.next;
      }
    }
    // From the second round on all but those that a guess cannot tell.
    CHECK(guessed == (round == 0 ? 0 : names.size() - 4));
  }

  NameTable::Guess guess = table.first();
  for (const char* other : {"c", "typ", "typed", "Type", "fifteen_letter", "fifteen_letters_",
                            "sixteen_letters", "a name of seventeem"}) {
    CAPTURE(other);
    const std::string text = in_record(other);
    CHECK(NameTable::find_guessed(text.data(), guess) == nullptr);
    CHECK(table.find(other, guess).value == NameTable::kNone);
    CHECK(table.find(other, guess).next == guess);
  }
}

TEST_CASE("a table without names has none") {
  NameTable table;
  const std::string text = in_record("a");
  CHECK(NameTable::find_guessed(text.data(), table.first()) == nullptr);
  CHECK(table.find("a", table.first()).value == NameTable::kNone);
  CHECK(table.find("", table.first()).value == NameTable::kNone);
}

}  // namespace
}  // namespace weir::connectors
