#include "run/tap_hub.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "json_tree.hpp"

namespace weir::cli {
namespace {

constexpr std::chrono::milliseconds kMoment{500};

}  // namespace

bool TapFilter::takes(std::string_view record) const {
  if (record.find(grep) == record.npos) return false;
  if (where.empty()) return true;
  const std::optional<Tree> tree = parse_json(record);
  return tree && std::ranges::all_of(where, [&](const auto& condition) {
           const Tree* const at = find_path(*tree, condition.first);
           if (at == nullptr) return false;
           return (at->kind == Tree::Kind::kString ? at->text : show(*at)) == condition.second;
         });
}

void Tap::offer(std::string_view record) {
  if (!filter_.takes(record)) return;
  {
    const std::lock_guard lock(mutex_);
    if (lines_.size() + record.size() > kMaxTapBytes) {
      ++left_out_;
      return;
    }
    lines_ += record;
    lines_ += '\n';
  }
  came_.notify_one();
}

void Tap::take(std::string& out) {
  std::unique_lock lock(mutex_);
  came_.wait_for(lock, kMoment, [this] { return !lines_.empty(); });
  out += lines_;
  lines_.clear();
  if (left_out_ > 0) out += fmt::format("{{\"left_out\":{}}}\n", std::exchange(left_out_, 0));
}

std::shared_ptr<Tap> TapHub::look_on(TapFilter filter) {
  const std::lock_guard lock(mutex_);
  std::erase_if(taps_, [](const auto& tap) { return tap.expired(); });
  count_.store(taps_.size());
  if (taps_.size() >= kMaxTaps) return nullptr;
  auto tap = std::make_shared<Tap>(std::move(filter));
  taps_.push_back(tap);
  count_.store(taps_.size());
  return tap;
}

bool TapHub::wanted(std::string_view stream) {
  if (count_.load(std::memory_order_relaxed) == 0) return false;
  const std::lock_guard lock(mutex_);
  std::erase_if(taps_, [](const auto& tap) { return tap.expired(); });
  count_.store(taps_.size());
  return std::ranges::any_of(taps_, [&](const auto& weak) {
    const auto tap = weak.lock();
    return tap != nullptr && tap->filter_.stream == stream;
  });
}

void TapHub::offer(std::string_view stream, std::string_view record) {
  if (count_.load(std::memory_order_relaxed) == 0) return;
  const std::lock_guard lock(mutex_);
  for (const auto& weak : taps_) {
    const auto tap = weak.lock();
    if (tap != nullptr && tap->filter_.stream == stream) tap->offer(record);
  }
}

}  // namespace weir::cli
