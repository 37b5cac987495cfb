#include <zstd.h>

#include "input/compressed_stream.hpp"

namespace weir::connectors {
namespace {

class ZstdStream final : public CompressedStream {
 public:
  ZstdStream(std::unique_ptr<ByteStream> inner, std::string name, int max_window_log)
      : CompressedStream(std::move(inner), std::move(name)), context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) fail(StreamFault::kNotReadable, "no memory for zstd");
    if (context_ != nullptr && max_window_log > 0) {
      ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, max_window_log);
    }
  }
  ~ZstdStream() override { ZSTD_freeDCtx(context_); }

  std::size_t read(std::span<char> out) override {
    ZSTD_outBuffer target{out.data(), out.size(), 0};
    while (target.pos < target.size && !error_) {
      // Once the stored bytes are used up the decoder may still hold decoded ones: ask it with an
      // empty input until it gives none.
      const bool more = refill();
      if (error_) break;
      ZSTD_inBuffer source{window_.data() + begin_, end_ - begin_, 0};
      const std::size_t before = target.pos;
      const std::size_t left = ZSTD_decompressStream(context_, &target, &source);
      begin_ += source.pos;
      if (ZSTD_isError(left) != 0) {
        fail(StreamFault::kCorrupt, ZSTD_getErrorName(left));
        break;
      }
      if (more || source.pos > 0 || target.pos > before) {
        in_frame_ = left != 0;
        continue;
      }
      if (in_frame_) fail(StreamFault::kTruncated, "the zstd stream breaks off");
      break;
    }
    return target.pos;
  }

 private:
  ZSTD_DCtx* context_;
  bool in_frame_ = true;
};

}  // namespace

std::unique_ptr<ByteStream> zstd_stream(std::unique_ptr<ByteStream> inner, std::string name,
                                        int max_window_log) {
  return std::make_unique<ZstdStream>(std::move(inner), std::move(name), max_window_log);
}

}  // namespace weir::connectors
