// A file or standard input as it is stored.
#pragma once

#include <memory>
#include <string>

#include "weir/connectors/byte_stream.hpp"

namespace weir::connectors {

class FileStream final : public ByteStream {
 public:
  /// "-" is standard input, which is never closed.
  static std::unique_ptr<FileStream> open(const std::string& path, StreamError& error);
  ~FileStream() override;

  std::size_t read(std::span<char> out) override;
  const StreamError& error() const noexcept override { return error_; }
  std::uint64_t stored_bytes_read() const noexcept override { return read_; }
  std::uint64_t stored_bytes_total() const noexcept override { return total_; }

 private:
  FileStream(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

  int fd_;
  bool owned_ = false;
  std::string name_;
  std::uint64_t read_ = 0;
  std::uint64_t total_ = 0;
  StreamError error_;
};

}  // namespace weir::connectors
