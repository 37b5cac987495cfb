// Idempotency keys and what became of their requests: at most so many, the longest unused go first.
#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <utility>

#include "live/http/submission.hpp"

namespace weir::connectors {

/// Of the answers that are remembered, all together.
inline constexpr std::size_t kMaxRememberedBytes = std::size_t{32} << 20;

class RememberedKeys {
 public:
  explicit RememberedKeys(std::size_t most) : most_(most) {}

  /// Null where the key is new, or was forgotten.
  SubmissionPtr find(const std::string& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return found->second->second;
  }

  /// REQUIRES: find(key) is null. A request under way is never forgotten, so that there may be more
  /// of those than `most`.
  void remember(const std::string& key, SubmissionPtr submission) {
    by_use_.emplace_front(key, std::move(submission));
    places_.emplace(key, by_use_.begin());
    forget();
  }

  /// To be called once for each that has been remembered, when it has its answer.
  void answered(const Submission& submission) {
    bytes_ += submission.answer.body.size();
    forget();
  }

  std::size_t size() const noexcept { return by_use_.size(); }

 private:
  using Entry = std::pair<std::string, SubmissionPtr>;

  void forget() {
    auto oldest = by_use_.end();
    while ((by_use_.size() > most_ || bytes_ > kMaxRememberedBytes) && oldest != by_use_.begin()) {
      --oldest;
      if (!oldest->second->answered) continue;
      bytes_ -= oldest->second->answer.body.size();
      places_.erase(oldest->first);
      oldest = by_use_.erase(oldest);
    }
  }

  std::size_t most_;
  std::size_t bytes_ = 0;
  std::list<Entry> by_use_;  // the last used first
  std::unordered_map<std::string, std::list<Entry>::iterator> places_;
};

}  // namespace weir::connectors
