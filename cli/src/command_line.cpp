#include "command_line.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "exit_codes.hpp"
#include "help.hpp"
#include "logging.hpp"
#include "run.hpp"
#include "weir/event/time.hpp"
#include "weir/pattern-lang/diagnostic.hpp"
#include "weir/runtime/engine_part.hpp"

namespace weir::cli {
namespace {

const char* const kRulesHelp = "rule files, folders of them (*.yaml, *.yml) or globs";

ColorMode color_mode(const std::string& text) {
  if (text == "always") return ColorMode::kAlways;
  return text == "never" ? ColorMode::kNever : ColorMode::kAuto;
}

void add_rules(CLI::App& command, std::vector<std::string>& rules, bool required) {
  command.add_option("-r,--rules", rules, kRulesHelp)->option_text("PATH...")->required(required);
}

void add_api_options(CLI::App& command, ApiOptions& api) {
  command.add_option("--url", api.url, "where `weir run` listens [http://127.0.0.1:9464]")
      ->option_text("URL");
  command.add_option("--token-file", api.token_file, "a file with the token that it asks for")
      ->option_text("FILE");
  command.add_option("--ca-file", api.ca_file, "certificates to trust [the system's]")
      ->option_text("FILE");
}

void add_paths(CLI::App& command, std::vector<std::string>& paths) {
  command.add_option("path", paths, kRulesHelp)->option_text("PATH...")->required();
}

}  // namespace

CommandLine::CommandLine()
    : app("weir finds patterns in streams of events: rules in YAML, logs in, alerts out.", "weir") {
  app.formatter(std::make_shared<HelpFormatter>());
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "this text; `weir COMMAND --help` for a command's")
      ->group("Options");
  app.add_option("--color", color_, "always, never or auto: when a terminal reads it [auto]")
      ->option_text("WHEN")
      ->check(CLI::IsMember({"always", "never", "auto"}))
      ->group("Options");
  app.add_flag_callback(
         "-V,--version", [] {}, "the version")
      ->group("Options");
  add_replay();
  add_run();
  add_top();
  add_tap();
  add_test();
  add_check();
  add_why();
  add_explain();
  add_fmt();
  add_schema();
  add_small();
  app.footer(
      "Exit codes: 0 fine, 1 findings (a test failed), 2 rules invalid, 3 usage or I/O,\n"
      "4 too many bad records, 70 internal error, 130 interrupted.");
}

CLI::App* CommandLine::add_command(CLI::App& parent, const std::string& name,
                                   const std::string& text, const std::string& examples) {
  CLI::App* command = parent.add_subcommand(name, text);
  command->formatter(std::make_shared<HelpFormatter>());
  command->set_help_flag("-h,--help", "this text")->group("Output");
  command->add_option("--color", color_, "always, never or auto [auto]")
      ->option_text("WHEN")
      ->check(CLI::IsMember({"always", "never", "auto"}))
      ->group("Output");
  if (!examples.empty()) command->footer("Examples:\n" + examples);
  return command;
}

void CommandLine::add_replay() {
  CLI::App* c = add_command(
      app, "replay",
      "Run recorded logs through the rules.\nAlerts come on standard output: text for people on a "
      "terminal, one JSON object a line elsewhere. Everything else is on standard error.",
      "  weir replay --rules rules/security --format sshd --year 2017 --log auth.log.gz\n"
      "  weir replay -r rules/fraud -l payments.ndjson --out-of-order 5s | jq .message\n"
      "  zcat access.log.gz | weir replay -r web.yaml --format access-log -l -");
  add_rules(*c, replay_.rules, false);
  add_log_options(*c, replay_.log, false);
  c->get_option("--log")->required(false);
  c->add_option(
       "--recording", replay_.recording,
       "a folder that `weir run` has recorded (`record:` of its config): run again what it "
       "took, with the rules of then or with --rules")
      ->option_text("DIR")
      ->excludes(c->get_option("--log"));
  add_schema_option(*c, replay_.log.schema);
  add_reject_option(*c, replay_.log.max_rejected);
  c->add_option("--threads", replay_.threads,
                "how many cores to use; what comes out is the same [all]")
      ->option_text("N")
      ->check(CLI::Range(std::size_t{1}, kMaxThreads));
  // For tests: what comes out does not depend on them.
  c->add_option("--workers", replay_.workers, "threads that may match at once")
      ->check(CLI::Range(std::size_t{1}, runtime::kMaxWorkers))
      ->group("");
  c->add_option("--batch-events", replay_.batch, "events that threads hand over at a time")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20))
      ->group("");
  c->add_option("-o,--output", replay_.output, "text or ndjson [text on a terminal, else ndjson]")
      ->option_text("FORM")
      ->check(CLI::IsMember({"text", "ndjson", "auto"}))
      ->group("Output");
  c->add_option("--late", replay_.late, "write late events here, one JSON object a line")
      ->option_text("FILE")
      ->group("Output");
  c->add_option("--rejected", replay_.rejected,
                "write bad records here, with source, offset, reason and bytes")
      ->option_text("FILE")
      ->group("Output");
  c->add_option("--cache", replay_.cache,
                "keep compiled text patterns here; \"\" nowhere [~/.cache/weir]")
      ->option_text("FOLDER")
      ->group("Output");
  c->add_flag("-q,--quiet", replay_.quiet, "no progress, no summary")->group("Output");
  c->add_flag("-v,--verbose", replay_.verbose,
              "show the events of each alert (text), and how logs are read")
      ->group("Output");
}

void CommandLine::add_run() {
  CLI::App* c = add_command(
      app, "run",
      "Run the rules against live sources.\nThe config (docs/config.md) names rules, sources and "
      "sinks. SIGTERM and SIGINT end it: what was received is matched and delivered first; a "
      "second "
      "one ends it at once.",
      "  weir run weir.yaml\n"
      "  weir check weir.yaml && weir run weir.yaml --log-format json 2>> weir.log");
  c->add_option("config", run_.config, "the config")->option_text("CONFIG")->required();
  c->add_option("--log-format", run_.log_format, "lines of the log: text or json [text]")
      ->option_text("FORM")
      ->check(CLI::IsMember({"text", "json"}))
      ->group("Output");
  c->add_flag("-v,--verbose", run_.verbose, "log details, too")->group("Output");
}

void CommandLine::add_top() {
  CLI::App* c = add_command(
      app, "top",
      "Watch a running `weir run`: sources, sinks and rules, with their rates.\nIt asks the "
      "address "
      "that `http:` of the config names. Where standard output is no terminal, one picture is "
      "printed.",
      "  weir top\n"
      "  weir top --url https://weir.example:9464 --token-file token\n"
      "  weir top --once");
  add_api_options(*c, top_.api);
  c->add_flag("--once", top_.once, "print one picture, after a second")->group("Output");
}

void CommandLine::add_tap() {
  CLI::App* c = add_command(
      app, "tap",
      "Look at what passes through a running `weir run`: one JSON object a line, as it comes.\nThe "
      "stream is `events`, `late`, `rejected`, `alerts` or another stream that rules write to. Who "
      "does not keep up is told how many were left out; the run never waits.",
      "  weir tap alerts\n"
      "  weir tap events --where type=login --where user=bob | jq .ip\n"
      "  weir tap rejected -n 10");
  c->add_option("stream", tap_.stream, "what to look at")->option_text("STREAM")->required();
  c->add_option("--where", tap_.where, "only records whose field (a.b for nested ones) is this")
      ->option_text("FIELD=VALUE");
  c->add_option("--grep", tap_.grep, "only records that contain this")->option_text("TEXT");
  c->add_option("-n,--count", tap_.count, "end after so many [until interrupted]")
      ->option_text("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 62));
  add_api_options(*c, tap_.api);
}

void CommandLine::add_test() {
  CLI::App* c = add_command(
      app, "test",
      "Run the tests of rules.\nTests stand in the rule files themselves or in files of their own. "
      "The exit code is 1 where one fails.",
      "  weir test rules/\n"
      "  weir test rules/fraud --filter \"just below\" -v\n"
      "  weir test rules/ --output junit > report.xml");
  add_paths(*c, test_.paths);
  c->add_option("--filter", test_.filter, "only tests whose name or rule contains this")
      ->option_text("TEXT");
  c->add_flag("--fail-fast", test_.fail_fast, "stop at the first test that fails");
  c->add_option("-o,--output", test_.output, "text, junit or ndjson [text]")
      ->option_text("FORM")
      ->check(CLI::IsMember({"text", "junit", "ndjson"}))
      ->group("Output");
  c->add_flag("-q,--quiet", test_.quiet, "no warnings about the rules")->group("Output");
  c->add_flag("-v,--verbose", test_.verbose, "list the tests that pass, too")->group("Output");
}

void CommandLine::add_check() {
  CLI::App* c = add_command(app, "check",
                            "Check rule files and their tests, and configs.\nShows every error "
                            "and warning in one go, at its place. The exit code is 2 where there "
                            "is an error. Of a config it also says what each sink guarantees.",
                            "  weir check rules/\n"
                            "  weir check weir.yaml\n"
                            "  weir check --deny-warnings --schema events.json rules/fraud/*.yaml");
  add_paths(*c, check_.paths);
  c->add_flag("--deny-warnings", check_.deny_warnings, "warnings count as errors");
  add_schema_option(*c, check_.schema);
  c->add_flag("!--no-environment", check_.environment,
              "of configs: do not look for secrets, folders and files on this machine");
  c->add_flag("-q,--quiet", check_.quiet, "no summary where nothing is wrong")->group("Output");
}

void CommandLine::add_explain() {
  CLI::App* c = add_command(
      app, "explain",
      "Show what a rule became, or what a code means.\nFor a rule: its plan, its states and what "
      "leads from one to the next, the fields that it reads. For the code of an error or warning: "
      "what it means and how to mend it.",
      "  weir explain ssh-password-guessing --rules rules/security\n"
      "  weir explain ssh-password-guessing --rules rules/security --svg rule.svg\n"
      "  weir explain E0101");
  c->add_option("what", explain_.subject, "a rule's id, or a code such as E0101")
      ->option_text("RULE|CODE")
      ->required();
  add_rules(*c, explain_.rules, false);
  add_schema_option(*c, explain_.schema);
  CLI::Option* dot =
      c->add_option("--dot", explain_.dot, "write the states as a Graphviz graph; - to print it")
          ->option_text("FILE")
          ->expected(0, 1)
          ->default_str("-")
          ->group("Output");
  c->add_option("--svg", explain_.svg, "write the states as a picture; - to print it")
      ->option_text("FILE")
      ->expected(0, 1)
      ->default_str("-")
      ->excludes(dot)
      ->group("Output");
}

void CommandLine::add_fmt() {
  CLI::App* c = add_command(app, "fmt",
                            "Lay out rule files one way.\nFiles are rewritten in place; comments "
                            "stay. With - text is read from standard input and printed.",
                            "  weir fmt rules/\n"
                            "  weir fmt --check --diff rules/\n"
                            "  weir fmt - < rule.yaml");
  add_paths(*c, fmt_.paths);
  c->add_flag("--check", fmt_.check, "write nothing; exit code 1 where a file would change");
  c->add_flag("--diff", fmt_.diff, "write nothing; show what would change");
  c->add_flag("-q,--quiet", fmt_.quiet, "do not list the files that change")->group("Output");
}

void CommandLine::add_schema() {
  CLI::App* schema =
      add_command(app, "schema", "Event types of a log; JSON Schemas of Weir's files.",
                  "  weir schema infer payments.ndjson > schema.json\n"
                  "  weir schema print rules > ~/.config/weir-rules.schema.json");
  schema->require_subcommand(1);
  CLI::App* infer = add_command(
      *schema, "infer",
      "Print the event types and fields of a log.\nWhat it prints is what --schema reads.",
      "  weir schema infer payments.ndjson > schema.json\n"
      "  weir schema infer auth.log.gz --format sshd --rules rules/security");
  add_log_options(*infer, infer_.log, true);
  add_rules(*infer, infer_.rules, false);
  CLI::App* print =
      add_command(*schema, "print", "Print a JSON Schema.\nEditors read it to complete and check.",
                  "  weir schema print rules\n"
                  "  weir schema print alert | jq .properties");
  print->add_option("what", print_.what, "rules, tests, config or alert")
      ->option_text("WHAT")
      ->check(CLI::IsMember({"rules", "tests", "config", "alert"}))
      ->required();
}

void CommandLine::add_why() {
  CLI::App* c = add_command(
      app, "why",
      "Say why a rule did or did not fire on a log.\nShows the partial matches that got furthest: "
      "what each had bound, what it waited for, and what ended it.",
      "  weir why ssh-password-guessing --rules rules/security --format sshd \\\n"
      "      --log auth.log --key ip=203.0.113.7\n"
      "  weir why account-takeover -r rules/fraud -l payments.ndjson --at 2026-01-31");
  c->add_option("rule", why_.rule, "the rule's id")->option_text("RULE")->required();
  add_rules(*c, why_.rules, true);
  add_log_options(*c, why_.log, false);
  add_schema_option(*c, why_.log.schema);
  c->add_option("-k,--key", why_.key, "only this key, by its fields: --key user=bob")
      ->option_text("FIELD=VALUE...");
  c->add_option("--at", why_.at, "only partial matches that were open at this time")
      ->option_text("TIME")
      ->check(CLI::Validator(
          [](std::string& text) {
            return parse_iso8601(text) ? std::string()
                                       : fmt::format(
                                             "\"{}\" is no time; write one as "
                                             "2026-01-31T08:00:00Z",
                                             text);
          },
          "", "time"));
  c->add_option("-n,--runs", why_.runs, "how many partial matches to show [5]")
      ->option_text("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}));
}

void CommandLine::add_small() {
  CLI::App* completion =
      add_command(app, "completion", "Print a completion script for a shell.",
                  "  source <(weir completion bash)\n"
                  "  weir completion zsh > ~/.zfunc/_weir\n"
                  "  weir completion fish > ~/.config/fish/completions/weir.fish");
  completion->add_option("shell", shell_, "bash, zsh or fish")
      ->option_text("SHELL")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();
  add_command(app, "version", "Print the version, and what it was built with.", "");
}

const CLI::App& CommandLine::chosen() const {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
  return *command;
}

int CommandLine::run(int argc, char** argv) {
  // Asked for before anything else is looked at, as people expect of it.
  if (argc == 2 &&
      (std::string_view(argv[1]) == "--version" || std::string_view(argv[1]) == "-V")) {
    Io io(ColorMode::kAuto);
    return version(io);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    Io io(ColorMode::kAuto);
    io.out.write(app.help());
    return kFine;
  } catch (const CLI::ParseError& error) {
    return refuse(error);
  }
  Io io(color_mode(color_));
  set_up_logging(replay_.verbose, io);
  const int code = dispatch(io);
  io.out.flush();
  io.err.flush();
  if (io.out.broken() && !io.out.closed()) {
    print_error(io, io.out.failure());
    return kUsage;
  }
  return code;
}

int CommandLine::dispatch(Io& io) {
  const CLI::App& command = chosen();
  const std::string& name = command.get_name();
  if (name == "replay") return replay(replay_, io);
  if (name == "run") return run_live(run_, io);
  if (name == "top") return top(top_, io);
  if (name == "tap") return tap(tap_, io);
  if (name == "test") return test(test_, io);
  if (name == "check") return check(check_, io);
  if (name == "explain") return explain(explain_, io);
  if (name == "fmt") return fmt_files(fmt_, io);
  if (name == "infer") return schema_infer(infer_, io);
  if (name == "print") return schema_print(print_, io);
  if (name == "why") return why(why_, io);
  if (name == "completion") {
    io.out.write(completion_script(describe(app), shell_));
    return kFine;
  }
  return version(io);
}

/// What is wrong with the arguments, the nearest word that would have been right, and where to read
/// on.
int CommandLine::refuse(const CLI::ParseError& error) {
  Io io(ColorMode::kAuto);
  const CLI::App& command = chosen();
  std::string path = "weir";
  for (const CLI::App* c = &app; !c->get_subcommands().empty();) {
    c = c->get_subcommands().back();
    path += " " + c->get_name();
  }
  std::vector<std::string> words;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  for (const CLI::App* sub : command.get_subcommands({})) words.push_back(sub->get_name());

  std::string message = error.what();
  std::string help;
  const std::vector<std::string> extras = command.remaining();
  if (!extras.empty()) {
    const std::string& word = extras.front();
    const std::string bare = word.substr(0, word.find('='));
    const bool wants_command = !command.get_subcommands({}).empty() && bare.front() != '-';
    message = fmt::format("{} has no {} \"{}\"", path,
                          wants_command         ? "command"
                          : bare.front() == '-' ? "option"
                                                : "use for",
                          bare);
    const std::string near = lang::nearest(bare, words);
    if (!near.empty()) help = fmt::format("did you mean \"{}\"?", near);
  } else if (!command.get_subcommands({}).empty()) {
    message = fmt::format("{} needs a command", path);
  }
  print_error(io, message);
  if (!help.empty()) io.err.write(fmt::format("  = help: {}\n", help));
  io.err.write(fmt::format("  = help: `{} --help` lists what there is\n", path));
  return kUsage;
}

int run(int argc, char** argv) {
  return CommandLine().run(argc, argv);
}

}  // namespace weir::cli
