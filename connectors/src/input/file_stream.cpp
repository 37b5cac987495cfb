#include "input/file_stream.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace weir::connectors {
namespace {

std::string reason_of(int code) {
  return std::strerror(code);
}

class MemoryStream final : public ByteStream {
 public:
  MemoryStream(std::string_view bytes, std::size_t chunk)
      : bytes_(bytes), total_(bytes.size()), chunk_(chunk) {}

  std::size_t read(std::span<char> out) override {
    const std::size_t n = std::min({out.size(), bytes_.size(), chunk_});
    std::copy_n(bytes_.data(), n, out.data());
    bytes_.remove_prefix(n);
    return n;
  }
  const StreamError& error() const noexcept override { return error_; }
  std::uint64_t stored_bytes_read() const noexcept override { return total_ - bytes_.size(); }
  std::uint64_t stored_bytes_total() const noexcept override { return total_; }

 private:
  std::string_view bytes_;
  std::uint64_t total_;
  std::size_t chunk_;
  StreamError error_;
};

}  // namespace

std::unique_ptr<FileStream> FileStream::open(const std::string& path, StreamError& error) {
  const bool standard_input = path == "-";
  const int fd = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const int code = errno;
    error = {code == ENOENT ? StreamFault::kNotFound : StreamFault::kNotReadable,
             path + ": " + reason_of(code)};
    return nullptr;
  }
  std::unique_ptr<FileStream> stream(new FileStream(fd, standard_input ? "standard input" : path));
  stream->owned_ = !standard_input;
  struct stat info {};
  if (::fstat(fd, &info) == 0) {
    if (S_ISDIR(info.st_mode)) {
      error = {StreamFault::kNotReadable, stream->name_ + ": is a folder"};
      return nullptr;
    }
    if (S_ISREG(info.st_mode)) {
      stream->total_ = static_cast<std::uint64_t>(info.st_size);
      ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
  }
  return stream;
}

FileStream::~FileStream() {
  if (owned_) ::close(fd_);
}

std::size_t FileStream::read(std::span<char> out) {
  if (error_) return 0;
  while (true) {
    const ssize_t n = ::read(fd_, out.data(), out.size());
    if (n >= 0) {
      read_ += static_cast<std::uint64_t>(n);
      return static_cast<std::size_t>(n);
    }
    if (errno == EINTR) continue;
    error_ = {StreamFault::kNotReadable, name_ + ": " + reason_of(errno)};
    return 0;
  }
}

std::unique_ptr<ByteStream> memory_byte_stream(std::string_view bytes, std::size_t chunk) {
  return std::make_unique<MemoryStream>(bytes, chunk);
}

}  // namespace weir::connectors
