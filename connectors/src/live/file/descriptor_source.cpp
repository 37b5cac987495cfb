// Standard input as a live source.
#include <utility>

#include "input/record_splitter.hpp"
#include "live/wake_event.hpp"
#include "weir/connectors/live/file.hpp"

namespace weir::connectors {
namespace {

using std::chrono::milliseconds;

class DescriptorSource final : public Source {
 public:
  DescriptorSource(int descriptor, RecordFraming framing, char delimiter, Notices& notices)
      : fd_(descriptor), splitter_(framing, delimiter), notices_(&notices) {}

  void poll(Polled& into, milliseconds timeout) override {
    into.text.clear();
    into.ticket = 0;
    into.block.records.clear();
    into.partition = 0;
    into.next_offset = splitter_.offset();
    switch (state_) {
      case State::kNew:
        state_ = State::kOpen;
        into.kind = Polled::Kind::kOpened;
        into.text = fd_ == STDIN_FILENO ? "standard input" : "descriptor " + std::to_string(fd_);
        return;
      case State::kOpen:
        poll_open(into, timeout);
        return;
      case State::kClosed:
        into.kind = Polled::Kind::kEnd;
        return;
    }
  }

  void pause(std::uint32_t, bool paused) override { paused_ = paused; }
  void wake() override { wake_.set(); }

 private:
  enum class State : std::uint8_t { kNew, kOpen, kClosed };

  void poll_open(Polled& into, milliseconds timeout) {
    into.kind = Polled::Kind::kNothing;
    if (paused_) {
      wake_.wait_for(-1, 0, timeout);
      wake_.clear();
      return;
    }
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (true) {
      if (splitter_.take(into.block, kMaxPolledRecords)) {
        drained_ = false;
        into.kind = Polled::Kind::kRecords;
        into.next_offset = splitter_.offset();
        return;
      }
      if (ended_) {
        state_ = State::kClosed;
        into.kind = Polled::Kind::kClosed;
        return;
      }
      const auto left =
          std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
      // Only somebody who waits for nothing has asked and been told.
      const auto wait = drained_ ? std::max(left, milliseconds{0}) : milliseconds{0};
      if (wake_.wait_for(fd_, POLLIN, wait)) {
        read_some();
      } else if (!std::exchange(drained_, true)) {
        into.kind = Polled::Kind::kDrained;
        return;
      } else {
        wake_.clear();
        return;
      }
    }
  }

  void read_some() {
    const std::span<char> room = splitter_.room(kMaxPolledBytes);
    const ssize_t n = ::read(fd_, room.data(), room.size());
    if (n > 0) return splitter_.added(static_cast<std::size_t>(n));
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (n < 0) {
      notices_->note(Notices::Level::kError, "input_unreadable",
                     system_problem("standard input", errno));
    }
    splitter_.end(n < 0);
    ended_ = true;
  }

  int fd_;
  RecordSplitter splitter_;
  Notices* notices_;
  WakeEvent wake_;
  State state_ = State::kNew;
  bool paused_ = false;
  bool drained_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Source> make_descriptor_source(int descriptor, RecordFraming framing,
                                               char delimiter, Notices& notices) {
  return std::make_unique<DescriptorSource>(descriptor, framing, delimiter, notices);
}

}  // namespace weir::connectors
