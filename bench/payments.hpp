// NDJSON payments for replay-fraud and latency: a bank's card payments with frauds planted.
//
// Shape: records of 7 fields and about 140 bytes, 50 ms apart. 200,000 cards come round in a fixed
// shuffled order, so that a card pays every 2 h 47 m: sums of 6 to 299.99, 3 % declined, which
// fires no rule of the fraud pack. After every `story_every` of these comes a story on a card of
// its own: a card tested with small sums (card-testing), six payments in a row (card-velocity), or
// a limit felt for (card-limit-probing). Each fires its rule once and no other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "random.hpp"

namespace weir::bench {

class PaymentLog {
 public:
  explicit PaymentLog(std::size_t story_every) : story_every_(story_every) {}

  /// Appends the next record and its line end; a story is appended whole.
  void append(std::string& out);
  std::size_t records() const { return records_; }
  /// Of the fraud pack over all that was appended.
  std::size_t alerts() const { return stories_; }

 private:
  void record(std::string& out, std::string_view card, std::uint64_t user, std::uint64_t cents,
              bool approved);
  void story(std::string& out);

  std::size_t story_every_;
  Random random_{8};
  std::size_t ordinary_ = 0;
  std::size_t stories_ = 0;
  std::size_t records_ = 0;
};

}  // namespace weir::bench
