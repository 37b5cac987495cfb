// The index over a list of runs: order, what is found, what goes.
#include "run_index.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

namespace weir::nfa {
namespace {

class Fixture {
 public:
  Fixture() : index(memory, store) {
    store.attach(arena);
    index.begin(2);
  }

  /// A run that waits; the index asks no more of it.
  BlockRef run(std::uint64_t start_seq, std::int64_t due = kNever) {
    Run made{.start_seq = start_seq, .start_ts = 0, .chain = 0, .threads = {}, .trace_id = 0};
    made.threads.emplace_back();
    const BlockRef ref = store.pack(made, made.threads);
    store.at(ref).due = due;
    return ref;
  }
  /// Starts in the list's order, by the records' own links.
  std::vector<std::uint64_t> starts() const {
    std::vector<std::uint64_t> out;
    if (index.first() == 0) return out;
    for (BlockRef run = index.at(index.first()).run; run != 0; run = store.at(run).next) {
      out.push_back(store.at(run).start_seq);
    }
    return out;
  }
  bool labels_ascend() const {
    for (EntryRef e = index.first(); e != 0; e = index.at(e).next) {
      const EntryRef next = index.at(e).next;
      if (next != 0 && index.at(e).label >= index.at(next).label) return false;
    }
    return true;
  }
  std::set<EntryRef> equal(const Value& value) const {
    std::set<EntryRef> out;
    index.each_equal(0, value, [&](EntryRef e) { out.insert(e); });
    return out;
  }
  std::set<EntryRef> ordered(Lookup::Form form, const Value& value) const {
    std::set<EntryRef> out;
    index.each_ordered(1, form, *rank_of(value), [&](EntryRef e) { out.insert(e); });
    return out;
  }

  ChunkArena arena;
  RunStore store;
  RunIndexMemory memory;
  RunIndex index;
};

TEST_CASE("runs keep their order however many come at one place") {
  Fixture f;
  for (std::uint64_t seq = 1; seq <= 3; ++seq) f.index.append(f.run(seq));
  const EntryRef second = f.index.at(f.index.first()).next;
  for (int i = 0; i < 500; ++i) f.index.insert_before(second, f.run(2));
  CHECK(f.labels_ascend());
  CHECK(f.index.size() == 503);
  const std::vector<std::uint64_t> starts = f.starts();
  CHECK(starts.size() == 503);
  CHECK(std::ranges::is_sorted(starts));
  // All of the start are neighbours of one root.
  std::size_t siblings = 0;
  for (EntryRef e = f.index.root(f.index.root_of(2)).first; e != 0; e = f.index.sibling(e)) {
    ++siblings;
  }
  CHECK(siblings == 501);
}

TEST_CASE("what is removed is no longer found") {
  Fixture f;
  const EntryRef one = f.index.append(f.run(1));
  const EntryRef two = f.index.append(f.run(2));
  const EntryRef three = f.index.append(f.run(3));
  f.index.add_equal(one, 0, Value::integer(7));
  f.index.add_equal(two, 0, Value::real(7.0));
  f.index.add_equal(three, 0, Value::string("7"));
  CHECK(f.equal(Value::integer(7)) == std::set{one, two});
  CHECK(f.equal(Value::string("7")) == std::set{three});
  f.index.remove(two);
  f.index.sweep();
  CHECK(f.equal(Value::real(7)) == std::set{one});
  CHECK(f.starts() == std::vector<std::uint64_t>{1, 3});
  CHECK(f.index.root_of(2) == 0);
  f.index.clear();
  CHECK(f.index.size() == 0);
  CHECK(f.memory.blocks.used() == 0);
}

TEST_CASE("values are found by their order, each kind for itself") {
  Fixture f;
  std::vector<EntryRef> e;
  const Value values[] = {Value::integer(-3), Value::real(2.5), Value::integer(9),
                          Value::duration({5})};
  for (std::uint64_t i = 0; i < 4; ++i) {
    e.push_back(f.index.append(f.run(i + 1)));
    f.index.add_ordered(e.back(), 1, *rank_of(values[i]));
  }
  CHECK(f.ordered(Lookup::kLess, Value::integer(2)) == std::set{e[1], e[2]});
  CHECK(f.ordered(Lookup::kGreaterEqual, Value::real(2.5)) == std::set{e[0], e[1]});
  CHECK(f.ordered(Lookup::kGreater, Value::integer(-4)).empty());
  CHECK(f.ordered(Lookup::kLessEqual, Value::duration({4})) == std::set{e[3]});
  CHECK(!rank_of(Value::string("x")));
  CHECK(!rank_of(Value::boolean(true)));
}

TEST_CASE("of runs with one deadline and start the first in the list is found") {
  Fixture f;
  const EntryRef other = f.index.append(f.run(4, 100));
  const EntryRef last = f.index.append(f.run(5, 100));
  const EntryRef first = f.index.insert_before(last, f.run(5, 100));
  for (const EntryRef e : {other, last, first}) {
    const RunRecord& run = f.store.at(f.index.at(e).run);
    f.index.add_due(e, run.start_seq, run.due);
  }
  CHECK(f.index.find_due(5, 100) == first);
  CHECK(f.index.find_due(5, 101) == 0);
  f.index.remove(first);
  CHECK(f.index.find_due(5, 100) == last);
}

TEST_CASE("events are known by the runs that may hold them") {
  Fixture f;
  const EntryRef one = f.index.append(f.run(1));
  const EntryRef two = f.index.append(f.run(2));
  f.index.hold(one, 5);
  f.index.hold(one, 5);
  f.index.hold(two, 5);
  const auto holders = [&] {
    std::multiset<std::uint64_t> out;
    f.index.each_holder(5, [&](std::uint64_t start) { out.insert(start); });
    return out;
  };
  CHECK(holders() == std::multiset<std::uint64_t>{1, 2});
  f.index.remove(one);
  CHECK(holders() == std::multiset<std::uint64_t>{2});
}

TEST_CASE("what is of no use any more is found by its time") {
  Fixture f;
  const EntryRef one = f.index.append(f.run(1));
  const EntryRef two = f.index.append(f.run(2));
  f.index.expire_at(one, 30);
  f.index.expire_at(two, 20);
  CHECK(f.index.expired(20) == 0);
  CHECK(f.index.expired(31) == two);
  f.index.remove(two);
  CHECK(f.index.expired(31) == one);
}

}  // namespace
}  // namespace weir::nfa
