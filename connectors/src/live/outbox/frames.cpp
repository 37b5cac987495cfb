#include "live/outbox/frames.hpp"

#include <unistd.h>

#include <boost/crc.hpp>
#include <cerrno>

#include "live/outbox/little_endian.hpp"

namespace weir::connectors {
namespace {

constexpr std::size_t kHeaderBytes = 8;

/// CRC-32C (Castagnoli), as in RFC 3720, appendix B.4.
std::uint32_t checksum(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

std::string read_at(int fd, std::uint64_t offset, std::size_t bytes) {
  std::string text(bytes, '\0');
  std::size_t have = 0;
  while (have < bytes) {
    const ssize_t n =
        ::pread(fd, text.data() + have, bytes - have, static_cast<off_t>(offset + have));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    have += static_cast<std::size_t>(n);
  }
  text.resize(have);
  return text;
}

}  // namespace

void append_frame(std::string& out, std::string_view packed) {
  append_little_endian(out, checksum(packed));
  append_little_endian(out, static_cast<std::uint32_t>(packed.size()));
  out += packed;
}

bool read_frames(int fd, std::uint64_t offset, std::size_t bytes, RecordPack& pack,
                 std::vector<std::uint64_t>& ends) {
  std::string text = read_at(fd, offset, bytes + kHeaderBytes);
  std::size_t at = 0;
  while (text.size() - at >= kHeaderBytes) {
    const std::string_view rest = std::string_view(text).substr(at);
    const auto sum = read_little_endian<std::uint32_t>(rest);
    const auto size = read_little_endian<std::uint32_t>(rest.substr(4));
    if (size > kMaxFrameBytes) break;
    if (rest.size() - kHeaderBytes < size) {
      if (at > 0) break;
      // One that is larger than what was asked for; at the end of the file, a torn one.
      text = read_at(fd, offset, kHeaderBytes + size);
      if (text.size() < kHeaderBytes + size) break;
      continue;
    }
    const std::string_view packed = rest.substr(kHeaderBytes, size);
    if (checksum(packed) != sum || !RecordPack::is_record(packed)) break;
    pack.add_packed(packed);
    at += kHeaderBytes + size;
    ends.push_back(offset + at);
  }
  return at > 0;
}

}  // namespace weir::connectors
