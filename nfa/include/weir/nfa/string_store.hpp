// Where compiled string sets are kept between runs of a program.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::nfa {

/// Called from several threads at once. What fails is not there: nothing depends on it but time.
class StringStore {
 public:
  virtual ~StringStore() = default;
  /// The bytes that were stored under the key, checked against damage; nothing where there are
  /// none. Keys are 32 hex digits.
  virtual std::optional<std::string> load(const std::string& key) = 0;
  /// Whether it is kept.
  virtual bool store(const std::string& key, std::string_view bytes) = 0;
};

/// Of ExprPool::build_string_sets.
struct StringBuildStats {
  std::size_t patterns = 0;
  std::size_t compiled = 0;  // databases
  std::size_t loaded = 0;    // from the store
  std::size_t stored = 0;
};

}  // namespace weir::nfa
