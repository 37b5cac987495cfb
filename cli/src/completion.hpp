// Completion scripts for shells.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace weir::cli {

struct Flag {
  std::string name;    // without dashes
  std::string letter;  // may be empty
  std::string text;    // description
  std::vector<std::string> choices;
  bool takes_value = false;
};

struct Command {
  std::vector<std::string> path;  // after "weir"
  std::string text;
  std::vector<Flag> flags;
  std::vector<std::pair<std::string, std::string>> subcommands;  // name, text
  std::vector<std::string> words;                                // an argument's choices
};

/// A script for `shell` (bash, zsh, fish); `commands` is the tree, each before its subcommands.
std::string completion_script(const std::vector<Command>& commands, const std::string& shell);

}  // namespace weir::cli
