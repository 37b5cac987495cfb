#include "live/socket/datagrams.hpp"

#include <sys/socket.h>

#include <cstring>
#include <string_view>
#include <utility>

#include "weir/connectors/live/source.hpp"

namespace weir::connectors {
namespace {

/// No datagram of IP is longer.
constexpr std::size_t kMaxDatagram = 65536;

}  // namespace

bool Datagrams::read(RecordBlock& block) {
  block.records.clear();
  block.reserve(kMaxPolledBytes + kMaxDatagram, 0);
  block.lines = false;
  std::size_t used = 0;
  while (used <= kMaxPolledBytes && block.records.size() < kMaxPolledRecords) {
    if (!read_one(block, used)) break;
  }
  return !block.records.empty();
}

bool Datagrams::read_one(RecordBlock& block, std::size_t& used) {
  char* const begin = block.data.get() + used;
  iovec place{begin, block.capacity - used};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(std::uint32_t))];
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n = 0;
  do {
    n = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return false;
  for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SO_RXQ_OVFL) {
      std::memcpy(&dropped_, CMSG_DATA(at), sizeof dropped_);
    }
  }
  std::string_view bytes(begin, static_cast<std::size_t>(n));
  while (bytes.ends_with('\n') || bytes.ends_with('\r') || bytes.ends_with('\0')) {
    bytes.remove_suffix(1);
  }
  if (bytes.empty()) return true;
  used += static_cast<std::size_t>(n);
  RejectReason fault = RejectReason::kNone;
  if (bytes.size() > max_record_bytes_) {
    fault = RejectReason::kRecordTooLong;
    bytes = bytes.substr(0, kKeptOfLongRecord);
  }
  block.records.push_back({bytes, 0, fault});
  return true;
}

std::uint32_t Datagrams::dropped() {
  return dropped_ - std::exchange(told_, dropped_);
}

}  // namespace weir::connectors
