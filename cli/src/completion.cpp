// Completion scripts, made from the tree of commands, so that they never lag behind it.
#include <fmt/core.h>

#include <algorithm>

#include "completion.hpp"

namespace weir::cli {
namespace {

std::string joined(const std::vector<std::string>& words, const char* by = " ") {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : by) + word;
  return out;
}

/// Inside single quotes of any of the three shells.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out;
}

std::string bash_script(const std::vector<Command>& commands) {
  std::string steps;
  std::string values;
  std::string words;
  for (const Command& c : commands) {
    const std::string path = joined(c.path);
    std::string offered;
    for (const auto& [name, text] : c.subcommands) {
      const std::string next = path.empty() ? name : path + " " + name;
      steps += fmt::format("      '{} {}') path='{}' ;;\n", path, name, next);
      offered += name + " ";
    }
    for (const std::string& word : c.words) offered += word + " ";
    for (const Flag& flag : c.flags) {
      offered += "--" + flag.name + " ";
      if (!flag.choices.empty()) {
        const std::string letter =
            flag.letter.empty() ? "" : fmt::format("|'{} -{}'", path, flag.letter);
        values +=
            fmt::format("    '{} --{}'{}) COMPREPLY=($(compgen -W '{}' -- \"$cur\")); return ;;\n",
                        path, flag.name, letter, joined(flag.choices));
      }
    }
    words += fmt::format("    '{}') words='{}' ;;\n", path, offered);
  }
  return fmt::format(
      "# bash completion for weir; made by `weir completion bash`\n"
      "_weir() {{\n"
      "  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} path='' words='' "
      "i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$path ${{COMP_WORDS[i]}}\" in\n{}    esac\n"
      "  done\n"
      "  case \"$path $prev\" in\n{}  esac\n"
      "  case \"$path\" in\n{}  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "}}\n"
      "complete -o default -o bashdefault -F _weir weir\n",
      steps, values, words);
}

std::string zsh_function(const Command& c) {
  const std::string name = "_weir" + (c.path.empty() ? "" : "_" + joined(c.path, "_"));
  std::string args;
  for (const Flag& flag : c.flags) {
    std::string text = quoted(flag.text);
    for (const char special : {'[', ']', ':'}) {
      for (std::size_t i = text.find(special); i != std::string::npos;
           i = text.find(special, i + 2)) {
        text.insert(i, 1, '\\');
      }
    }
    std::string value;
    if (flag.takes_value) {
      value =
          flag.choices.empty() ? ":value:_files" : fmt::format(":value:({})", joined(flag.choices));
    }
    args += fmt::format("    '*--{}[{}]{}' \\\n", flag.name, text, value);
    if (!flag.letter.empty())
      args += fmt::format("    '*-{}[{}]{}' \\\n", flag.letter, text, value);
  }
  if (c.subcommands.empty()) {
    args += c.words.empty() ? "    '*:file:_files'\n"
                            : fmt::format("    '1:what:({})'\n", joined(c.words));
    return fmt::format("{}() {{\n  _arguments -s \\\n{}}}\n\n", name, args);
  }
  std::string list;
  std::string cases;
  for (const auto& [sub, text] : c.subcommands) {
    list += fmt::format("    '{}:{}'\n", sub, quoted(text));
    cases += fmt::format("        {}) {}_{} ;;\n", sub, name, sub);
  }
  return fmt::format(
      "{}() {{\n  local -a commands=(\n{}  )\n  local state line\n  _arguments -C \\\n{}"
      "    '1:command:->command' '*::argument:->argument'\n"
      "  case $state in\n    command) _describe command commands ;;\n"
      "    argument)\n      case $line[1] in\n{}      esac ;;\n  esac\n}}\n\n",
      name, list, args, cases);
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string out = "# fish completion for weir; made by `weir completion fish`\n";
  for (const Command& c : commands) {
    std::vector<std::string> names;
    for (const auto& [name, text] : c.subcommands) names.push_back(name);
    std::string when;
    for (const std::string& word : c.path) {
      when += (when.empty() ? "" : "; and ") + fmt::format("__fish_seen_subcommand_from {}", word);
    }
    std::string before = when;
    if (!names.empty()) {
      before += (before.empty() ? "" : "; and ") +
                fmt::format("not __fish_seen_subcommand_from {}", joined(names));
    }
    for (const auto& [name, text] : c.subcommands) {
      out += fmt::format("complete -c weir -f -n '{}' -a {} -d '{}'\n", before, name, quoted(text));
    }
    for (const std::string& word : c.words) {
      out += fmt::format("complete -c weir -f -n '{}' -a {}\n", before, word);
    }
    for (const Flag& flag : c.flags) {
      out += fmt::format(
          "complete -c weir -n '{}' -l {}{}{}{} -d '{}'\n", before, flag.name,
          flag.letter.empty() ? "" : " -s " + flag.letter, flag.takes_value ? " -r" : "",
          flag.choices.empty() ? "" : fmt::format(" -f -a '{}'", joined(flag.choices)),
          quoted(flag.text));
    }
  }
  return out;
}

}  // namespace

std::string completion_script(const std::vector<Command>& commands, const std::string& shell) {
  if (shell == "bash") return bash_script(commands);
  if (shell == "fish") return fish_script(commands);
  std::string out = "#compdef weir\n# made by `weir completion zsh`\n\n";
  for (const Command& command : commands) out += zsh_function(command);
  return out +
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n  _weir \"$@\"\nelse\n  compdef "
         "_weir weir\nfi\n";
}

}  // namespace weir::cli
