#include "live/file/descriptor_sink.hpp"

#include <limits.h>
#include <poll.h>

#include <algorithm>
#include <utility>

namespace weir::connectors {
namespace {

using State = SendResult::State;
using Clock = std::chrono::steady_clock;

/// So long a send() waits for whoever reads slowly.
constexpr std::chrono::milliseconds kMaxWait{2000};
/// poll(2) says that so much can be written without waiting, of a pipe.
constexpr std::size_t kSafeWrite = PIPE_BUF;

class DescriptorSink final : public Sink {
 public:
  DescriptorSink(int fd, Descriptor owned, std::string name)
      : fd_(fd), owned_(std::move(owned)), name_(std::move(name)) {}

  SendResult send(std::span<const OutRecord> records) override {
    SendResult result;
    buffer_.clear();
    ends_.clear();
    for (const OutRecord& record : records) {
      buffer_ += record.text;
      buffer_ += '\n';
      ends_.push_back(buffer_.size());
    }
    // What has gone out of a line cannot be taken back: the same record comes first again, and is
    // gone on with.
    std::size_t written = std::min(started_, buffer_.size());
    const Clock::time_point deadline = Clock::now() + kMaxWait;
    while (written < buffer_.size() && result.state == State::kDone) {
      written += write_some(std::string_view(buffer_).substr(written), deadline, result);
    }
    result.done = static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), written) -
                                           ends_.begin());
    started_ = written - (result.done == 0 ? 0 : ends_[result.done - 1]);
    sent_ += result.done;
    return result;
  }

  SendResult flush() override {
    SendResult result;
    result.done = std::exchange(sent_, 0);
    return result;
  }

 private:
  std::size_t write_some(std::string_view bytes, Clock::time_point deadline, SendResult& result) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd ready{fd_, POLLOUT, 0};
    const int wait = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
    if (::poll(&ready, 1, wait) == 0) {
      result.state = State::kTryAgain;
      result.problem = name_ + ": whoever reads it does not keep up";
      return 0;
    }
    const ssize_t n = ::write(fd_, bytes.data(), std::min(bytes.size(), kSafeWrite));
    if (n > 0) return static_cast<std::size_t>(n);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return 0;
    result.state = errno == EPIPE ? State::kClosed : State::kTryAgain;
    result.problem = system_problem(name_, errno);
    return 0;
  }

  int fd_;
  Descriptor owned_;
  std::string name_;
  std::string buffer_;
  std::vector<std::size_t> ends_;  // of its lines
  std::size_t started_ = 0;        // bytes of the next record that are out already
  std::size_t sent_ = 0;           // records since the last flush
};

}  // namespace

std::unique_ptr<Sink> own_descriptor_sink(Descriptor descriptor, std::string name) {
  const int fd = descriptor.get();
  return std::make_unique<DescriptorSink>(fd, std::move(descriptor), std::move(name));
}

std::unique_ptr<Sink> make_descriptor_sink(int descriptor) {
  std::string name =
      descriptor == STDOUT_FILENO ? "standard output" : "descriptor " + std::to_string(descriptor);
  return std::make_unique<DescriptorSink>(descriptor, Descriptor(), std::move(name));
}

}  // namespace weir::connectors
