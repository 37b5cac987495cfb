#include "run_store.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace weir::nfa {
namespace {

struct ThreadRecord {
  ThreadHead head;
  std::uint16_t guards;
  std::uint16_t entering;
};
static_assert(sizeof(ThreadRecord) == 40 && sizeof(GuardRecord) == 16 && sizeof(Entering) == 8 &&
              sizeof(RunRecord) == 48);

std::size_t bytes_of(const Thread& t) {
  std::size_t words = t.registers.size() + t.entering.size();
  for (const PendingGuard& g : t.guards) words += 2 + g.registers.size();
  return sizeof(ThreadRecord) + words * 8;
}

template <typename T>
std::byte* append(std::byte* to, const T* from, std::size_t n) noexcept {
  if (n > 0) std::memcpy(to, from, n * sizeof(T));
  return to + n * sizeof(T);
}

std::byte* write(std::byte* to, const Thread& t) {
  const ThreadRecord record{.head = t,
                            .guards = static_cast<std::uint16_t>(t.guards.size()),
                            .entering = static_cast<std::uint16_t>(t.entering.size())};
  to = append(to, &record, 1);
  to = append(to, t.registers.data(), t.registers.size());
  for (const PendingGuard& g : t.guards) {
    const GuardRecord guard{.until = g.until,
                            .guard = g.guard,
                            .registers = static_cast<std::uint16_t>(g.registers.size()),
                            .before_pause = g.before_pause,
                            .next = g.next};
    to = append(to, &guard, 1);
  }
  for (const PendingGuard& g : t.guards) to = append(to, g.registers.data(), g.registers.size());
  return append(to, t.entering.data(), t.entering.size());
}

template <typename T>
std::span<const T> take(const std::byte*& at, std::size_t n) noexcept {
  const std::span<const T> taken(reinterpret_cast<const T*>(at), n);
  at += n * sizeof(T);
  return taken;
}

}  // namespace

void ThreadsView::Iterator::read() noexcept {
  const std::byte* at = at_;
  const ThreadRecord& r = take<ThreadRecord>(at, 1).front();
  static_cast<ThreadHead&>(thread_) = r.head;
  thread_.registers = take<std::int64_t>(at, registers_);
  thread_.guards = take<GuardRecord>(at, r.guards);
  std::size_t scoped = 0;
  for (const GuardRecord& g : thread_.guards) scoped += g.registers;
  thread_.guard_registers = take<std::int64_t>(at, scoped);
  thread_.entering = take<Entering>(at, r.entering);
  end_ = at;
}

ThreadView view_of(const Thread& t) noexcept {
  return {
      t, {t.registers.data(), t.registers.size()}, {}, {}, {t.entering.data(), t.entering.size()}};
}

Thread to_thread(const ThreadView& view) {
  Thread t;
  static_cast<ThreadHead&>(t) = view;
  t.registers.assign(view.registers.begin(), view.registers.end());
  t.entering.assign(view.entering.begin(), view.entering.end());
  auto registers = view.guard_registers;
  for (const GuardRecord& g : view.guards) {
    t.guards.push_back({.guard = g.guard,
                        .before_pause = g.before_pause,
                        .next = g.next,
                        .until = g.until,
                        .registers = {registers.begin(), registers.begin() + g.registers}});
    registers = registers.subspan(g.registers);
  }
  return t;
}

bool operator==(const ThreadView& a, const ThreadView& b) noexcept {
  const auto same_guard = [](const GuardRecord& x, const GuardRecord& y) {
    return x.guard == y.guard && x.until == y.until && x.before_pause == y.before_pause &&
           x.next == y.next && x.registers == y.registers;
  };
  return static_cast<const ThreadHead&>(a) == static_cast<const ThreadHead&>(b) &&
         std::ranges::equal(a.registers, b.registers) &&
         std::ranges::equal(a.guards, b.guards, same_guard) &&
         std::ranges::equal(a.guard_registers, b.guard_registers) &&
         std::ranges::equal(a.entering, b.entering);
}

BlockRef RunStore::pack(const Run& run, const Threads& threads) {
  std::size_t bytes = sizeof(RunRecord);
  for (const Thread& t : threads) bytes += bytes_of(t);
  const BlockRef ref = arena_->allocate(bytes);
  auto& record =
      *new (arena_->at(ref)) RunRecord{.start_seq = run.start_seq,
                                       .start_ts = run.start_ts,
                                       .due = kNever,
                                       .trace_id = run.trace_id,
                                       .chain = run.chain,
                                       .next = 0,
                                       .bytes = static_cast<std::uint32_t>(bytes),
                                       .threads = static_cast<std::uint16_t>(threads.size()),
                                       .announced = false};
  auto* to = reinterpret_cast<std::byte*>(&record + 1);
  for (const Thread& t : threads) to = write(to, t);
  return ref;
}

Run RunStore::unpack(const RunRecord& record, std::uint32_t registers) const {
  Run run{.start_seq = record.start_seq,
          .start_ts = record.start_ts,
          .chain = record.chain,
          .threads = {},
          .trace_id = record.trace_id};
  for (const ThreadView& t : ThreadsView(record, registers)) run.threads.push_back(to_thread(t));
  return run;
}

}  // namespace weir::nfa
