#include "key_table.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

namespace weir::runtime {
namespace {

TEST_CASE("a table of keys, with hashes that collide, against a map") {
  // Few different hashes: whole runs of slots move as entries go.
  for (const std::uint64_t hashes : {3ULL, 50ULL, 100'000ULL}) {
    CAPTURE(hashes);
    KeyTable table;
    std::map<std::uint32_t, std::uint64_t> expected;  // id -> hash
    std::mt19937_64 random(hashes);
    const auto hash_of = [&](std::uint32_t id) { return (id * 7919ULL % hashes) << 32; };
    for (int i = 0; i < 20'000; ++i) {
      const auto id = static_cast<std::uint32_t>(1 + random() % 500);
      const auto found = table.find(hash_of(id), [&](KeyTable::Id other) { return other == id; });
      REQUIRE(found == (expected.contains(id) ? id : 0));
      if (found == 0) {
        table.insert(hash_of(id), id);
        expected.emplace(id, hash_of(id));
      } else {
        table.erase(KeyTable::tag_of(hash_of(id)), id);
        expected.erase(id);
      }
    }
    CHECK(table.size() == expected.size());
    std::size_t seen = 0;
    table.for_each([&](KeyTable::Id id) { seen += expected.contains(id) ? 1 : 0; });
    CHECK(seen == expected.size());
  }
}

}  // namespace
}  // namespace weir::runtime
