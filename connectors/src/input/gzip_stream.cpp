#include <zlib.h>

#include <algorithm>

#include "input/compressed_stream.hpp"

namespace weir::connectors {
namespace {

/// Window of 32 KiB, gzip header and trailer (see inflateInit2 in zlib.h).
constexpr int kGzipWindowBits = 15 + 16;

class GzipStream final : public CompressedStream {
 public:
  GzipStream(std::unique_ptr<ByteStream> inner, std::string name)
      : CompressedStream(std::move(inner), std::move(name)) {
    if (inflateInit2(&zlib_, kGzipWindowBits) != Z_OK) {
      fail(StreamFault::kNotReadable, "no memory for gzip");
    }
  }
  ~GzipStream() override { inflateEnd(&zlib_); }

  std::size_t read(std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size() && !error_ && !finished_) {
      if (!refill()) {
        if (in_member_ && !error_) fail(StreamFault::kTruncated, "the gzip stream breaks off");
        finished_ = true;
        break;
      }
      if (!in_member_ && !begin_member()) break;
      done += inflate_some(out.subspan(done));
    }
    return done;
  }

 private:
  /// Between members: zeros are padding, anything else must begin another one.
  bool begin_member() {
    const auto* first = window_.data() + begin_;
    const auto* last = window_.data() + end_;
    begin_ +=
        static_cast<std::size_t>(std::find_if(first, last, [](char c) { return c != 0; }) - first);
    if (begin_ == end_) return true;
    inflateReset(&zlib_);
    in_member_ = true;
    return true;
  }

  std::size_t inflate_some(std::span<char> out) {
    if (begin_ == end_) return 0;
    zlib_.next_in = reinterpret_cast<Bytef*>(window_.data() + begin_);
    zlib_.avail_in = static_cast<uInt>(end_ - begin_);
    zlib_.next_out = reinterpret_cast<Bytef*>(out.data());
    const std::size_t room = std::min<std::size_t>(out.size(), 1U << 30U);
    zlib_.avail_out = static_cast<uInt>(room);
    const int result = inflate(&zlib_, Z_NO_FLUSH);
    begin_ = end_ - zlib_.avail_in;
    if (result == Z_STREAM_END) {
      in_member_ = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      fail(StreamFault::kCorrupt, "the gzip stream cannot be read on");
    }
    return room - zlib_.avail_out;
  }

  z_stream zlib_{};
  bool in_member_ = true;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> gzip_stream(std::unique_ptr<ByteStream> inner, std::string name) {
  return std::make_unique<GzipStream>(std::move(inner), std::move(name));
}

}  // namespace weir::connectors
