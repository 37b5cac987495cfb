#include "pattern_cache.hpp"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <vector>

#include <fmt/core.h>

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "weir-hs1";
constexpr std::string_view kExtension = ".hs";
constexpr std::size_t kHeaderBytes = kMagic.size() + 4 + 8;

std::uint32_t checksum(std::string_view bytes) noexcept {
  // zlib counts in 32 bits.
  uLong crc = crc32(0, nullptr, 0);
  constexpr std::size_t kAtOnce = std::size_t{1} << 30;
  for (std::size_t i = 0; i < bytes.size(); i += kAtOnce) {
    const std::string_view part = bytes.substr(i, kAtOnce);
    crc = crc32(crc, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size()));
  }
  return static_cast<std::uint32_t>(crc);
}

void put(std::string& out, std::uint64_t number, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
}

std::uint64_t get(std::string_view in, std::size_t at, unsigned bytes) noexcept {
  std::uint64_t number = 0;
  for (unsigned i = 0; i < bytes; ++i) {
    number |= std::uint64_t{static_cast<unsigned char>(in[at + i])} << (8 * i);
  }
  return number;
}

std::string header_of(std::string_view bytes) {
  std::string out(kMagic);
  put(out, checksum(bytes), 4);
  put(out, bytes.size(), 8);
  return out;
}

}  // namespace

std::filesystem::path PatternCache::file_of(const std::string& key) const {
  return folder_ / (key + std::string(kExtension));
}

std::optional<std::string> PatternCache::load(const std::string& key) {
  std::error_code error;
  const fs::path path = file_of(key);
  const std::uintmax_t size = fs::file_size(path, error);
  if (error || size < kHeaderBytes || size > kMaxPatternFileBytes) return std::nullopt;
  std::string all(size, '\0');
  std::ifstream in(path, std::ios::binary);
  if (!in.read(all.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  const std::string_view bytes = std::string_view(all).substr(kHeaderBytes);
  const bool whole = all.starts_with(kMagic) && get(all, kMagic.size(), 4) == checksum(bytes) &&
                     get(all, kMagic.size() + 4, 8) == bytes.size();
  if (!whole) {
    ++failures_;
    return std::nullopt;
  }
  fs::last_write_time(path, fs::file_time_type::clock::now(), error);  // it has been used
  return std::string(bytes);
}

bool PatternCache::store(const std::string& key, std::string_view bytes) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (!write(file_of(key), bytes)) {
    ++failures_;
    return false;
  }
  trim();
  return true;
}

bool PatternCache::write(const fs::path& file, std::string_view bytes) {
  fs::path other = file;
  other += fmt::format(".{}-{}.tmp", getpid(), written_++);
  std::error_code error;
  {
    std::ofstream out(other, std::ios::binary);
    out << header_of(bytes) << bytes;
    out.flush();
    if (!out) {
      out.close();
      fs::remove(other, error);
      return false;
    }
  }
  fs::rename(other, file, error);
  if (!error) return true;
  fs::remove(other, error);
  return false;
}

void PatternCache::trim() {
  struct File {
    fs::path path;
    fs::file_time_type used;
    std::uintmax_t size;
  };
  std::vector<File> files;
  std::uintmax_t total = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() != kExtension) continue;
    std::error_code gone;
    File file{it->path(), it->last_write_time(gone), it->file_size(gone)};
    if (gone) continue;
    total += file.size;
    files.push_back(std::move(file));
  }
  std::ranges::sort(files, {}, &File::used);
  for (const File& file : files) {
    if (total <= kMaxPatternCacheBytes) return;
    fs::remove(file.path, error);
    total -= file.size;
  }
}

std::string default_cache_folder() {
  // Both are the user's words; what is no absolute path is to be ignored (XDG Base Directory
  // Specification).
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return std::string(cache) + "/weir";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return std::string(home) + "/.cache/weir";
  return {};
}

}  // namespace weir::cli
