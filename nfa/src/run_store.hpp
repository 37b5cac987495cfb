// Runs at rest: one block of the shard's arena each, of the size that its threads need.
#pragma once

#include <cstdint>
#include <span>

#include "thread.hpp"
#include "weir/nfa/arena.hpp"

namespace weir::nfa {

/// A PendingGuard at rest. Registers of scoped ones lie behind all guards of the thread.
struct GuardRecord {
  std::int64_t until;
  GuardId guard;
  std::uint16_t registers;
  bool before_pause;
  bool next;
};

/// A thread, wherever it lies.
struct ThreadView : ThreadHead {
  std::span<const std::int64_t> registers;
  std::span<const GuardRecord> guards;
  std::span<const std::int64_t> guard_registers;  // of scoped ones, one after the other
  std::span<const Entering> entering;
};

/// Without its guards, which are of no use before they have been in a run.
ThreadView view_of(const Thread& thread) noexcept;

/// Behind it its threads: ThreadRecord, registers, guards, their registers, entering; each in turn.
struct RunRecord {
  std::uint64_t start_seq;
  std::int64_t start_ts;
  std::int64_t due;  // when time does something to it; kNever: it does not
  RunId trace_id;
  ChainRef chain;  // one reference
  BlockRef next;   // of its list
  std::uint32_t bytes;
  std::uint16_t threads;
  bool announced;  // the runtime knows of `due`
};

/// Iterates over the threads of a record. O(1) a step.
class ThreadsView {
 public:
  ThreadsView(const RunRecord& run, std::uint32_t registers) noexcept
      : run_(&run), registers_(registers) {}

  class Iterator {
   public:
    Iterator(const std::byte* at, std::uint32_t registers, std::uint32_t left) noexcept
        : at_(at), registers_(registers), left_(left) {
      if (left_ > 0) read();
    }
    const ThreadView& operator*() const noexcept { return thread_; }
    const ThreadView* operator->() const noexcept { return &thread_; }
    Iterator& operator++() noexcept {
      at_ = end_;
      if (--left_ > 0) read();
      return *this;
    }
    bool operator!=(const Iterator& other) const noexcept { return left_ != other.left_; }

   private:
    void read() noexcept;
    const std::byte* at_;
    const std::byte* end_ = nullptr;
    std::uint32_t registers_;
    std::uint32_t left_;
    ThreadView thread_;
  };

  Iterator begin() const noexcept {
    return {reinterpret_cast<const std::byte*>(run_ + 1), registers_, run_->threads};
  }
  Iterator end() const noexcept { return {nullptr, registers_, 0}; }
  std::size_t size() const noexcept { return run_->threads; }
  ThreadView front() const noexcept { return *begin(); }

 private:
  const RunRecord* run_;
  std::uint32_t registers_;
};

/// The records of one shard; its lists are the caller's. Not thread-safe.
class RunStore {
 public:
  void attach(ChunkArena& arena) noexcept { arena_ = &arena; }

  RunRecord& at(BlockRef run) const noexcept { return *arena_->as<RunRecord>(run); }
  /// The run with these threads. Its chain's reference goes over to the record; due is kNever.
  BlockRef pack(const Run& run, const Threads& threads);
  /// The record keeps the chain's reference.
  Run unpack(const RunRecord& run, std::uint32_t registers) const;
  /// The chain's reference has been given back, or is another's.
  void free(BlockRef run) noexcept { arena_->free(run, at(run).bytes); }
  ChunkArena& arena() const noexcept { return *arena_; }

 private:
  ChunkArena* arena_ = nullptr;
};

Thread to_thread(const ThreadView& view);
bool operator==(const ThreadView& a, const ThreadView& b) noexcept;

}  // namespace weir::nfa
