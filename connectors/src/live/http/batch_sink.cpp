#include "live/http/batch_sink.hpp"

#include <algorithm>

namespace weir::connectors {
namespace {

using State = SendResult::State;

std::size_t count_of_batch(std::span<const OutRecord> records, std::size_t most) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < records.size() && count < most) {
    bytes += records[count].text.size();
    if (count > 0 && bytes > kMaxPostBytes) break;
    ++count;
  }
  return count;
}

}  // namespace

SendResult BatchSink::send(std::span<const OutRecord> records) {
  const auto until = std::chrono::steady_clock::now() + bounds_.time;
  const std::size_t most = std::max<std::size_t>(bounds_.records, 1);
  std::size_t done = 0;
  std::size_t alone_until = 0;  // a batch up to here was refused
  while (done < records.size()) {
    if (done > 0 && std::chrono::steady_clock::now() >= until) {
      return {State::kTryAgain, done, "the far end is slow", {}};
    }
    const std::size_t count = done < alone_until ? 1 : count_of_batch(records.subspan(done), most);
    SendResult result = post(records.subspan(done, count));
    if (result.state == State::kRefused && count > 1) {
      alone_until = done + count;
      continue;
    }
    if (result.state != State::kDone) {
      result.done = done;
      return result;
    }
    done += count;
  }
  return {State::kDone, done, {}, {}};
}

}  // namespace weir::connectors
