// What one POST put in, until it is answered.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/live/http.hpp"

namespace weir::connectors {

/// Guarded by the source's mutex once it is in its queue.
struct Submission {
  std::string body;
  std::vector<std::string_view> records;  // into body; both are let go with the answer
  std::string key;                        // Idempotency-Key; empty: none
  std::uint64_t body_hash = 0;            // tells another body under the same key
  std::size_t handed_out = 0;             // of the records, to the engine
  std::size_t settled = 0;                // of those, taken in or refused
  std::size_t refused = 0;
  std::string rejections;  // the answer's list, as far as it has come
  /// `answer` stands. Told by `changed`.
  bool answered = false;
  HttpResponse answer;
  std::condition_variable_any changed;

  std::size_t bytes() const noexcept {
    return body.size() + records.size() * sizeof(std::string_view);
  }
};
using SubmissionPtr = std::shared_ptr<Submission>;

}  // namespace weir::connectors
