// The look of `--help`: at most 80 columns, names on the left, sentences on the right.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

inline constexpr std::size_t kHelpColumns = 80;

/// Words of `text` in lines of at most `width` columns. Line ends in it are kept.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
};

}  // namespace weir::cli
