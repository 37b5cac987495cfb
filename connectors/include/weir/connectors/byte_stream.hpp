// Bytes of a log: plain, gzip, zstd, standard input.
//
// The compression is told by the first bytes, never by the file's name. Offsets everywhere are of
// the decompressed stream. Streams are used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace weir::connectors {

/// Bytes asked of the system at a time.
inline constexpr std::size_t kReadBytes = 1 << 20;

enum class StreamFault : std::uint8_t {
  kNone,
  kNotFound,
  kNotReadable,  // permission, a folder, an error of the device
  kTruncated,    // a compressed stream that breaks off
  kCorrupt,      // a compressed stream that cannot be read on
};
/// "not_found", "not_readable", "truncated_input", "corrupt_input"; "" for kNone.
std::string_view to_string(StreamFault fault) noexcept;

struct StreamError {
  StreamFault fault = StreamFault::kNone;
  std::string message;  // a sentence with the path in it
  explicit operator bool() const noexcept { return fault != StreamFault::kNone; }
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Up to out.size() bytes; fewer only where no more are at hand right now; 0 at the end, or where
  /// it broke off (error() then says so). What could be read before a fault is handed out first.
  virtual std::size_t read(std::span<char> out) = 0;
  virtual const StreamError& error() const noexcept = 0;
  /// As stored, before decompression, for progress; total is 0 where it is not known (a pipe).
  virtual std::uint64_t stored_bytes_read() const noexcept = 0;
  virtual std::uint64_t stored_bytes_total() const noexcept = 0;
};

/// Opens a file, or standard input for "-", and unwraps gzip (members one after another) and zstd
/// (frames one after another). Null, with `error`, where it cannot be opened. A folder is an error.
std::unique_ptr<ByteStream> open_byte_stream(const std::string& path, StreamError& error);

/// Unwraps `inner` as its first bytes say. `name` stands in messages.
std::unique_ptr<ByteStream> unwrap_byte_stream(std::unique_ptr<ByteStream> inner,
                                               const std::string& name);

/// Bytes in memory, which must outlive the stream. `chunk`: at most so many bytes a read.
std::unique_ptr<ByteStream> memory_byte_stream(std::string_view bytes,
                                               std::size_t chunk = kReadBytes);

}  // namespace weir::connectors
