// Which of a rule's matches are sent as alerts: `cooldown` and `max_per`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "weir/event/time.hpp"
#include "weir/nfa/program.hpp"

namespace weir::runtime {

/// One for each rule, over all its keys. docs/language.md, section 2.
class AlertLimiter {
 public:
  struct Decision {
    bool sent = true;
    /// Of an alert that is sent: how many were kept back before it and have not been counted yet,
    /// by cooldown of its key and by max_per of the rule.
    std::uint64_t suppressed = 0;
  };

  explicit AlertLimiter(const nfa::AlertSpec& spec);

  /// A match detected at `at`. REQUIRES: `at` is not before that of the match offered last.
  /// O(1), amortised.
  Decision offer(std::string_view key_bytes, Timestamp at);

  /// Keys that are held: in their cooldown, or with a count that their next alert will show.
  std::size_t keys() const noexcept { return keys_.size(); }

 private:
  struct Key {
    Timestamp sent;
    std::uint64_t suppressed = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept {
      return std::hash<std::string_view>{}(s);
    }
  };
  using Keys = std::unordered_map<std::string, Key, Hash, std::equal_to<>>;

  /// Lets go of keys whose cooldown is over before `at`.
  void forget(Timestamp at);
  bool above_max_per(Timestamp at);

  std::optional<Duration> cooldown_;
  std::uint64_t max_per_;
  Duration span_;

  Keys keys_;
  /// Every alert sent whose cooldown lasts, in order; nodes of `keys_` do not move.
  std::deque<std::pair<Timestamp, Keys::value_type*>> cooling_;
  std::deque<Timestamp> recent_;  // alerts sent within `span_`
  std::uint64_t suppressed_ = 0;  // by max_per
};

}  // namespace weir::runtime
