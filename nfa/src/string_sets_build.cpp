// Compiling of string sets: the only work of this room that is done on several threads.
#include <algorithm>
#include <atomic>
#include <thread>

#include "string_sets.hpp"

namespace weir::nfa {
namespace {

/// Smaller databases are compiled faster than a file is found.
constexpr std::size_t kLeastStored = 8;

}  // namespace

void StringSet::build(StringStore* store, StringBuildStats& stats) const {
  std::call_once(once_, [&] {
    if (store == nullptr || size_ < kLeastStored) {
      compile(0, static_cast<std::uint32_t>(size_));
      stats.compiled += pieces_.size();
    } else {
      load_or_compile(*store, stats);
    }
    patterns_ = {};
    built_.store(true, std::memory_order_release);
  });
}

void StringSet::load_or_compile(StringStore& store, StringBuildStats& stats) const {
  const std::string key = hs_content_key(patterns_);
  if (const auto bytes = store.load(key)) {
    if (auto database = HsDatabase::deserialize(*bytes)) {
      pieces_.push_back({0, std::move(*database)});
      ++stats.loaded;
      return;
    }
  }
  compile(0, static_cast<std::uint32_t>(size_));
  stats.compiled += pieces_.size();
  if (pieces_.size() != 1) return;
  if (const std::string bytes = pieces_[0].database.serialize(); !bytes.empty()) {
    if (store.store(key, bytes)) ++stats.stored;
  }
}

void StringSet::compile(std::uint32_t first, std::uint32_t last) const {
  std::string error;
  auto database = HsDatabase::compile(std::span(patterns_).subspan(first, last - first), error);
  if (database) {
    pieces_.push_back({first, std::move(*database)});
    return;
  }
  // Each pattern alone is accepted (Regex::make), so that only their number can be too large.
  if (last - first < 2) return;
  const std::uint32_t middle = first + (last - first) / 2;
  compile(first, middle);
  compile(middle, last);
}

std::size_t StringSet::memory() const {
  std::size_t bytes = 0;
  // Another thread may be building what is not built.
  if (!built_.load(std::memory_order_acquire)) return bytes;
  for (const Piece& piece : pieces_) bytes += piece.database.memory();
  return bytes;
}

StringBuildStats StringSets::build(StringStore* store, unsigned threads) const {
  std::vector<const StringSet*> jobs;
  StringBuildStats total;
  for (const auto& set : sets_) {
    total.patterns += set->size();
    jobs.push_back(set.get());
  }
  // The largest first, so that no thread is left with it at the end.
  std::ranges::stable_sort(jobs, std::greater{}, &StringSet::size);
  const std::size_t most =
      threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
  const std::size_t workers = std::min(most, jobs.size());
  std::vector<StringBuildStats> stats(std::max<std::size_t>(workers, 1));
  std::atomic<std::size_t> next{0};
  const auto work = [&](std::size_t worker) {
    for (std::size_t i = next++; i < jobs.size(); i = next++) {
      jobs[i]->build(store, stats[worker]);
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t w = 1; w < workers; ++w) others.emplace_back(work, w);
  work(0);
  others.clear();  // joins them
  for (const StringBuildStats& s : stats) {
    total.compiled += s.compiled;
    total.loaded += s.loaded;
    total.stored += s.stored;
  }
  return total;
}

std::size_t StringSets::memory() const {
  std::size_t bytes = (pattern_of_.capacity() + set_of_.capacity()) * sizeof(std::uint32_t);
  for (const auto& set : sets_) bytes += set->memory();
  return bytes;
}

}  // namespace weir::nfa
