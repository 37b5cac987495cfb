// The look of `--help`: at most 80 columns, names on the left, sentences on the right.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "completion.hpp"

namespace weir::cli {

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
};

/// Every command and flag of the tree, for completion: it cannot lag behind what is parsed.
std::vector<Command> describe(const CLI::App& app);

}  // namespace weir::cli
