#include "live/http/content_coding.hpp"

#include <strings.h>

#include <algorithm>
#include <memory>

#include "input/compressed_stream.hpp"
#include "weir/connectors/byte_stream.hpp"

namespace weir::connectors {
namespace {

/// Unwrapped at a time, and so the most that is unwrapped beyond a bound.
constexpr std::size_t kStepBytes = std::size_t{256} * 1024;

/// 8 MiB, as RFC 9659 says for zstd over HTTP.
constexpr int kZstdWindowLog = 23;

enum class Coding : std::uint8_t { kNone, kGzip, kZstd, kOther };

Coding coding_of(std::string_view name) noexcept {
  const auto is = [name](std::string_view other) {
    return name.size() == other.size() && strncasecmp(name.data(), other.data(), name.size()) == 0;
  };
  if (name.empty() || is("identity")) return Coding::kNone;
  if (is("gzip") || is("x-gzip")) return Coding::kGzip;
  if (is("zstd")) return Coding::kZstd;
  return Coding::kOther;
}

}  // namespace

bool knows_coding(std::string_view coding) noexcept {
  return coding_of(coding) != Coding::kOther;
}

Unwrapped unwrap(std::string_view coding, std::string& body, std::size_t max_bytes,
                 BodyShare& share) {
  const Coding kind = coding_of(coding);
  if (kind == Coding::kOther) return Unwrapped::kUnknownCoding;
  if (kind == Coding::kNone || body.empty()) return Unwrapped::kOk;
  auto packed = memory_byte_stream(body);
  const auto stream = kind == Coding::kGzip
                          ? gzip_stream(std::move(packed), "body")
                          : zstd_stream(std::move(packed), "body", kZstdWindowLog);
  std::string plain;
  while (true) {
    if (!share.grow(kStepBytes)) return Unwrapped::kNoRoom;
    const std::size_t have = plain.size();
    plain.resize(have + kStepBytes);
    const std::size_t got = stream->read(std::span(plain).subspan(have));
    plain.resize(have + got);
    if (stream->error()) return Unwrapped::kCorrupt;
    if (plain.size() > max_bytes) return Unwrapped::kTooLarge;
    if (got == 0) break;
  }
  body = std::move(plain);
  return Unwrapped::kOk;
}

}  // namespace weir::connectors
