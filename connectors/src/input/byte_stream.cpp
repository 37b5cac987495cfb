#include "weir/connectors/byte_stream.hpp"

#include <algorithm>

#include "input/compressed_stream.hpp"
#include "input/file_stream.hpp"

namespace weir::connectors {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

/// Hands out bytes that were read already, then goes on with the stream they came from.
class PrefixStream final : public ByteStream {
 public:
  PrefixStream(std::string prefix, std::unique_ptr<ByteStream> inner)
      : prefix_(std::move(prefix)), inner_(std::move(inner)) {}

  std::size_t read(std::span<char> out) override {
    if (used_ == prefix_.size()) return inner_->read(out);
    const std::size_t n = std::min(out.size(), prefix_.size() - used_);
    std::copy_n(prefix_.data() + used_, n, out.data());
    used_ += n;
    return n;
  }
  const StreamError& error() const noexcept override { return inner_->error(); }
  std::uint64_t stored_bytes_read() const noexcept override { return inner_->stored_bytes_read(); }
  std::uint64_t stored_bytes_total() const noexcept override {
    return inner_->stored_bytes_total();
  }

 private:
  std::string prefix_;
  std::size_t used_ = 0;
  std::unique_ptr<ByteStream> inner_;
};

}  // namespace

std::string_view to_string(StreamFault fault) noexcept {
  switch (fault) {
    case StreamFault::kNone:
      return "";
    case StreamFault::kNotFound:
      return "not_found";
    case StreamFault::kNotReadable:
      return "not_readable";
    case StreamFault::kTruncated:
      return "truncated_input";
    case StreamFault::kCorrupt:
      return "corrupt_input";
  }
  return "";
}

bool CompressedStream::refill() {
  if (begin_ < end_) return true;
  begin_ = 0;
  end_ = inner_->read(window_);
  if (end_ == 0) error_ = inner_->error();
  return end_ > 0;
}

void CompressedStream::fail(StreamFault fault, std::string_view what) {
  error_ = {fault, name_ + ": " + std::string(what)};
}

std::unique_ptr<ByteStream> unwrap_byte_stream(std::unique_ptr<ByteStream> inner,
                                               const std::string& name) {
  std::string first(kZstdMagic.size(), '\0');
  std::size_t have = 0;
  while (have < first.size()) {
    const std::size_t n = inner->read(std::span(first).subspan(have));
    if (n == 0) break;
    have += n;
    // No compressed stream: do not wait for more from a terminal.
    const std::string_view seen(first.data(), have);
    if (!kGzipMagic.starts_with(seen.substr(0, 2)) && !kZstdMagic.starts_with(seen)) break;
  }
  first.resize(have);
  const bool gzip = first.starts_with(kGzipMagic);
  const bool zstd = first.starts_with(kZstdMagic);
  auto whole = std::make_unique<PrefixStream>(std::move(first), std::move(inner));
  if (gzip) return gzip_stream(std::move(whole), name);
  if (zstd) return zstd_stream(std::move(whole), name);
  return whole;
}

std::unique_ptr<ByteStream> open_byte_stream(const std::string& path, StreamError& error) {
  std::unique_ptr<FileStream> file = FileStream::open(path, error);
  if (file == nullptr) return nullptr;
  return unwrap_byte_stream(std::move(file), path == "-" ? "standard input" : path);
}

}  // namespace weir::connectors
