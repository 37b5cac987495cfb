// Hyperscan: databases of regular expressions that are matched together, linear in the text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

struct hs_database;

namespace weir::nfa {

struct HsPattern {
  std::string expression;
  unsigned flags = 0;  // HS_FLAG_...
};

/// Called for each pattern found, by its place among the patterns; what is not 0 ends the scan.
using HsHandler = int (*)(unsigned pattern, unsigned long long from, unsigned long long to,
                          unsigned flags, void* context);

/// Immutable; any number of threads may scan at once, each with a scratch of its own. A handler
/// does not scan.
class HsDatabase {
 public:
  HsDatabase(HsDatabase&& other) noexcept;
  HsDatabase& operator=(HsDatabase&& other) noexcept;
  ~HsDatabase();

  /// Nothing with Hyperscan's words in `error` where a pattern is refused, or all are too large
  /// together.
  static std::optional<HsDatabase> compile(std::span<const HsPattern> patterns, std::string& error);
  /// Nothing where the bytes are not of this version and platform.
  static std::optional<HsDatabase> deserialize(std::string_view bytes);
  /// Empty where it cannot be written.
  std::string serialize() const;

  void scan(std::string_view text, HsHandler handler, void* context) const;
  std::size_t memory() const;

 private:
  explicit HsDatabase(hs_database* database);
  hs_database* database_;
  std::uint32_t id_;  // never used twice in a process
};

/// Whether Hyperscan takes the pattern, without compiling it where it is small. Its words in
/// `error` where not.
bool hs_accepts(const HsPattern& pattern, std::string& error);

/// Equal for equal patterns on one version of Hyperscan and one kind of processor; 32 hex digits.
std::string hs_content_key(std::span<const HsPattern> patterns);

}  // namespace weir::nfa
