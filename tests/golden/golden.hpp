// Golden tests: what is made of an input now against what was made of it, and read by a person,
// before.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace weir::golden {

/// Counts, and says on standard output what differs.
class Report {
 public:
  explicit Report(bool update) : update_(update) {}

  /// Expected files are rewritten instead of compared.
  bool update() const noexcept { return update_; }
  /// One case. Where `expected` is not `actual`, the first lines that differ are shown.
  void compare(std::string_view name, std::string_view expected, std::string_view actual);
  void fail(std::string_view name, std::string_view why);
  void pass() noexcept { ++passed_; }

  std::size_t passed() const noexcept { return passed_; }
  std::size_t failed() const noexcept { return failed_; }

 private:
  bool update_;
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
};

/// Empty where there is no such file.
std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view text);

/// Compares a whole file, or rewrites it.
void compare_file(Report& report, const std::filesystem::path& expected, std::string_view actual);

/// The folder's files of that extension (".yaml"), in order of name.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                            std::string_view extension);

/// Every `@repeat(N, TEXT)@` in the text becomes N times TEXT: for inputs too large to be kept.
std::string expand(std::string_view text);

// The kinds; each reads its folder `root`.
void ast_cases(const std::filesystem::path& root, Report& report);
void program_cases(const std::filesystem::path& root, Report& report);
void diagnostic_cases(const std::filesystem::path& root, Report& report);
/// `rules`: the folder of the packs.
void plan_cases(const std::filesystem::path& root, const std::filesystem::path& rules,
                Report& report);

}  // namespace weir::golden
