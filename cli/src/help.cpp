#include "help.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "output.hpp"

namespace weir::cli {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kMaxNameColumns = 27;

struct Row {
  std::string name;
  std::string text;
};

/// "-q, --quiet", "    --zone NAME": long names stand in one column.
std::string option_name(const CLI::Option& option) {
  std::string name;
  if (option.nonpositional()) {
    for (const auto& s : option.get_snames()) name += fmt::format("-{}, ", s);
    if (name.empty()) name = "    ";
    const auto& longs = option.get_lnames();
    if (longs.empty()) {
      name.resize(name.size() - 2);
    } else {
      name += "--" + longs.front();
    }
    if (option.get_items_expected_max() > 0) name += " " + option.get_option_text();
  } else {
    name = option.get_option_text();
  }
  return name;
}

void add_rows(std::string& help, std::string_view title, const std::vector<Row>& rows) {
  if (rows.empty()) return;
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, display_width(row.name));
  width = std::min(width, kMaxNameColumns);
  const std::size_t left = kIndent + width + 2;
  help += fmt::format("\n{}:\n", title);
  for (const Row& row : rows) {
    std::string line = std::string(kIndent, ' ') + pad(row.name, width + 2);
    for (const std::string& part : wrap(row.text, kHelpColumns - left)) {
      if (display_width(line) > left) {
        help += line + "\n";
        line = std::string(left, ' ');
      }
      help += pad(line, left) + part + "\n";
      line.clear();
    }
  }
}

std::vector<std::string> groups_of(const CLI::App& app) {
  std::vector<std::string> groups;
  for (const CLI::Option* option : app.get_options()) {
    const std::string& group = option->get_group();
    if (option->nonpositional() && !group.empty() &&
        std::find(groups.begin(), groups.end(), group) == groups.end()) {
      groups.push_back(group);
    }
  }
  // What a command is about first, how it is told last.
  std::stable_partition(groups.begin(), groups.end(),
                        [](const std::string& group) { return group == "Options"; });
  std::stable_partition(groups.begin(), groups.end(),
                        [](const std::string& group) { return group != "Output"; });
  return groups;
}

/// "TEXT:{a,b}" -> a, b: what CLI::IsMember allows.
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  const std::size_t close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

std::string first_sentence(const std::string& text) {
  return text.substr(0, text.find(".\n"));
}

void collect(const CLI::App& app, std::vector<std::string> path, std::vector<Command>& out) {
  Command command;
  command.path = path;
  command.text = first_sentence(app.get_description());
  for (const CLI::Option* option : app.get_options()) {
    std::vector<std::string> choices = choices_of(*option);
    if (option->get_group().empty()) continue;  // not for people
    if (option->get_lnames().empty()) {
      command.words.insert(command.words.end(), choices.begin(), choices.end());
      continue;
    }
    Flag flag;
    flag.name = option->get_lnames().front();
    if (!option->get_snames().empty()) flag.letter = option->get_snames().front();
    flag.text = option->get_description();
    flag.choices = std::move(choices);
    flag.takes_value = option->get_items_expected_max() > 0;
    command.flags.push_back(std::move(flag));
  }
  const auto subcommands = app.get_subcommands({});
  for (const CLI::App* sub : subcommands) {
    command.subcommands.emplace_back(sub->get_name(), first_sentence(sub->get_description()));
  }
  out.push_back(std::move(command));
  for (const CLI::App* sub : subcommands) {
    path.push_back(sub->get_name());
    collect(*sub, path, out);
    path.pop_back();
  }
}

}  // namespace

std::vector<Command> describe(const CLI::App& app) {
  std::vector<Command> commands;
  collect(app, {}, commands);
  return commands;
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  std::string usage = "Usage: " + name;
  if (!app->get_subcommands({}).empty()) return usage + " COMMAND ...\n";
  for (const CLI::Option* option : app->get_options()) {
    if (!option->nonpositional()) {
      usage += option->get_required() ? fmt::format(" {}", option->get_option_text())
                                      : fmt::format(" [{}]", option->get_option_text());
    }
  }
  for (const CLI::Option* option : app->get_options()) {
    if (option->nonpositional() && option->get_required()) {
      usage += fmt::format(" --{} {}", option->get_lnames().front(), option->get_option_text());
    }
  }
  return usage + " [options]\n";
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode) const {
  std::string help;
  for (const std::string& line : wrap(app->get_description(), kHelpColumns)) help += line + "\n";
  help += "\n" + make_usage(app, std::move(name));

  std::vector<Row> rows;
  for (const CLI::App* sub : app->get_subcommands({})) {
    // The first sentence; the rest stands in the command's own help.
    std::string text = sub->get_description();
    text.resize(std::min(text.size(), text.find(".\n")));
    if (text.ends_with('.')) text.pop_back();
    rows.push_back({sub->get_name(), text});
  }
  add_rows(help, "Commands", rows);
  rows.clear();
  for (const CLI::Option* option : app->get_options()) {
    if (!option->nonpositional()) rows.push_back({option_name(*option), option->get_description()});
  }
  add_rows(help, "Arguments", rows);
  for (const std::string& group : groups_of(*app)) {
    rows.clear();
    for (const CLI::Option* option : app->get_options()) {
      if (option->nonpositional() && option->get_group() == group) {
        rows.push_back({option_name(*option), option->get_description()});
      }
    }
    add_rows(help, group, rows);
  }
  if (!app->get_footer().empty()) help += "\n" + app->get_footer() + "\n";
  return help;
}

}  // namespace weir::cli
