// Live records for those who look on (`weir tap`): a copy of what passes, as far as they keep up.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::cli {

/// Bytes that wait for one who looks on; what comes then is left out, and counted to him.
inline constexpr std::size_t kMaxTapBytes = std::size_t{1} << 20;
/// Who may look on at once.
inline constexpr std::size_t kMaxTaps = 16;
/// The stream of all events, as the engine takes them.
inline constexpr std::string_view kEventStream = "events";

struct TapFilter {
  std::string stream;
  std::string grep;                                        // a part of the record; empty: any
  std::vector<std::pair<std::string, std::string>> where;  // dotted path, value: all must be so

  bool takes(std::string_view record) const;
};

/// One who looks on.
class Tap {
 public:
  explicit Tap(TapFilter filter) : filter_(std::move(filter)) {}

  /// Waits a moment; appends what came since, a record a line, and {"left_out":N} where there was
  /// no room for some.
  void take(std::string& out);

 private:
  friend class TapHub;
  void offer(std::string_view record);

  const TapFilter filter_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::string lines_;  // under mutex_, as is the next
  std::uint64_t left_out_ = 0;
};

class TapHub {
 public:
  /// Null where there are too many already. Who looks on no more lets go of it.
  std::shared_ptr<Tap> look_on(TapFilter filter);

  // Any thread; they wait for nobody.

  /// Somebody looks at the stream. Cheap where nobody looks at any.
  bool wanted(std::string_view stream);
  /// A record, one JSON object without a line end.
  void offer(std::string_view stream, std::string_view record);

 private:
  std::atomic<std::size_t> count_{0};
  std::mutex mutex_;
  std::vector<std::weak_ptr<Tap>> taps_;  // under mutex_
};

}  // namespace weir::cli
