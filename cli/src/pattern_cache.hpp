// Compiled patterns between runs: files in a folder of the user's.
//
// One file a database, named by the hash of what it was made of: 8 bytes "weir-hs1", the CRC-32 and
// the number of the bytes that follow (4 and 8 bytes, little endian), the bytes. Files are written
// under another name and renamed, so that several programs may share the folder.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <string>

#include "weir/nfa/string_store.hpp"

namespace weir::cli {

/// Of all files together; the ones used longest ago go.
inline constexpr std::uintmax_t kMaxPatternCacheBytes = std::uintmax_t{512} << 20;
/// A larger file is not read.
inline constexpr std::uintmax_t kMaxPatternFileBytes = std::uintmax_t{256} << 20;

/// What cannot be read or written is not there. May be used by several threads at once.
class PatternCache final : public nfa::StringStore {
 public:
  explicit PatternCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::optional<std::string> load(const std::string& key) override;
  bool store(const std::string& key, std::string_view bytes) override;

  /// Files that were damaged, and databases that could not be stored.
  std::size_t failures() const noexcept { return failures_; }

 private:
  std::filesystem::path file_of(const std::string& key) const;
  bool write(const std::filesystem::path& file, std::string_view bytes);
  void trim();

  std::filesystem::path folder_;
  std::atomic<std::size_t> failures_{0};
  std::atomic<unsigned> written_{0};
};

/// $XDG_CACHE_HOME/weir, or ~/.cache/weir; empty where neither is known.
std::string default_cache_folder();

}  // namespace weir::cli
