// The tree of commands and flags; help and shell completion are made from it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "commands.hpp"

namespace weir::cli {

/// Holds what the flags are bound to; `app` refers to it, so that it does not move.
class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// Parses, and runs the command. Prints help, or what is wrong with the arguments.
  int run(int argc, char** argv);

  CLI::App app;

 private:
  void add_replay();
  void add_run();
  void add_top();
  void add_tap();
  void add_test();
  void add_check();
  void add_explain();
  void add_fmt();
  void add_schema();
  void add_why();
  void add_small();

  CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& text,
                        const std::string& examples);
  int dispatch(Io& io);
  int refuse(const CLI::ParseError& error);
  const CLI::App& chosen() const;

  std::string color_ = "auto";
  std::string shell_;
  ReplayOptions replay_;
  RunOptions run_;
  TopOptions top_;
  TapOptions tap_;
  TestOptions test_;
  CheckOptions check_;
  ExplainOptions explain_;
  FmtOptions fmt_;
  SchemaOptions infer_;
  SchemaOptions print_;
  WhyOptions why_;
};

/// The flags that say how logs are read, in groups of their own.
void add_log_options(CLI::App& command, LogOptions& options, bool positional);

/// --max-rejected N|P%
void add_reject_option(CLI::App& command, std::string& limit);

/// --schema FILE
void add_schema_option(CLI::App& command, std::string& schema);

}  // namespace weir::cli
