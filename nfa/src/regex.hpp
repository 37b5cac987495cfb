// One regular expression, matched by Hyperscan in block mode: linear in the text, whatever it is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct hs_database;

namespace weir::nfa {

/// Immutable; any number of threads may match at once, each with a scratch of its own.
class Regex {
 public:
  /// Null with `error` set where the expression is not regular, too large or malformed.
  static std::unique_ptr<Regex> compile(std::string_view expression, bool ignore_case,
                                        std::string& error);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  /// Whether it is found anywhere in `text`. Bytes that are no UTF-8 count as U+FFFD, so that one
  /// bad byte hides nothing.
  bool found_in(std::string_view text) const;

  const std::string& expression() const noexcept { return expression_; }
  bool ignore_case() const noexcept { return ignore_case_; }

 private:
  Regex(std::string expression, bool ignore_case, bool utf8, hs_database* database);

  std::string expression_;
  bool ignore_case_;
  bool utf8_;
  hs_database* database_;
  std::uint32_t id_;  // never used twice in a process
};

}  // namespace weir::nfa
