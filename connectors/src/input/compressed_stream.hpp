// What unwraps gzip and zstd, and what they share: a window of stored bytes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/connectors/byte_stream.hpp"

namespace weir::connectors {

/// A stream over the stored bytes of another; the derived class decodes.
class CompressedStream : public ByteStream {
 public:
  const StreamError& error() const noexcept override { return error_; }
  std::uint64_t stored_bytes_read() const noexcept override { return inner_->stored_bytes_read(); }
  std::uint64_t stored_bytes_total() const noexcept override {
    return inner_->stored_bytes_total();
  }

 protected:
  CompressedStream(std::unique_ptr<ByteStream> inner, std::string name)
      : inner_(std::move(inner)), name_(std::move(name)), window_(kReadBytes) {}

  /// Stored bytes not yet decoded; reads on where there are none. False at the end of the stored
  /// bytes, or on a fault below (error_ then holds it).
  bool refill();
  void fail(StreamFault fault, std::string_view what);

  std::unique_ptr<ByteStream> inner_;
  std::string name_;
  std::vector<char> window_;
  std::size_t begin_ = 0;  // of what is not yet decoded, in window_
  std::size_t end_ = 0;
  StreamError error_;
};

std::unique_ptr<ByteStream> gzip_stream(std::unique_ptr<ByteStream> inner, std::string name);
/// A frame asks for a window of memory; one of more than 2^max_window_log bytes is corrupt. 0: as
/// the library has it (2^27).
std::unique_ptr<ByteStream> zstd_stream(std::unique_ptr<ByteStream> inner, std::string name,
                                        int max_window_log = 0);

}  // namespace weir::connectors
