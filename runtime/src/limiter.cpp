#include "limiter.hpp"

namespace weir::runtime {

AlertLimiter::AlertLimiter(const nfa::AlertSpec& spec)
    : cooldown_(spec.cooldown), max_per_(spec.max_per), span_(spec.max_per_span) {}

AlertLimiter::Decision AlertLimiter::offer(std::string_view key_bytes, Timestamp at) {
  Keys::iterator key = keys_.end();
  if (cooldown_) {
    forget(at);
    key = keys_.find(key_bytes);
    if (key != keys_.end() && at - key->second.sent <= *cooldown_) {
      ++key->second.suppressed;
      return {false, 0};
    }
  }
  if (max_per_ != 0) {
    if (above_max_per(at)) {
      ++suppressed_;
      return {false, 0};
    }
    recent_.push_back(at);
  }

  Decision decision{true, suppressed_};
  suppressed_ = 0;
  if (cooldown_) {
    if (key == keys_.end()) key = keys_.emplace(key_bytes, Key{}).first;
    decision.suppressed += key->second.suppressed;
    key->second = {at, 0};
    cooling_.emplace_back(at, &*key);
  }
  return decision;
}

void AlertLimiter::forget(Timestamp at) {
  while (!cooling_.empty() && at - cooling_.front().first > *cooldown_) {
    const auto [sent, entry] = cooling_.front();
    cooling_.pop_front();
    // A key is in the queue once at most: it sends again only after its cooldown, when its entry
    // has been taken out. A count not shown yet keeps it.
    if (entry->second.suppressed == 0) keys_.erase(keys_.find(entry->first));
  }
}

/// No span of this length, its ends included, may hold more alerts than max_per.
bool AlertLimiter::above_max_per(Timestamp at) {
  while (!recent_.empty() && at - recent_.front() > span_) recent_.pop_front();
  return recent_.size() >= max_per_;
}

}  // namespace weir::runtime
