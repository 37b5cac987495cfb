// weir why: why a rule did or did not fire on a log.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "alert_text.hpp"
#include "commands.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "log_input.hpp"
#include "rules.hpp"
#include "weir/runtime/engine.hpp"
#include "why_trace.hpp"

namespace weir::cli {
namespace {

class NoAlerts : public runtime::AlertSink {
 public:
  void on_alert(const runtime::Alert&) override {}
};

/// Feeds the engine, and counts what came by type.
class WhyFeed : public runtime::EventSink, public RejectionSink {
 public:
  explicit WhyFeed(runtime::Engine& engine) : engine_(engine) {}

  void on_event(const Event& event) override {
    ++types[std::string(event.type_name)];
    engine_.push(event);
  }
  void on_watermark(Timestamp watermark) override { engine_.advance(watermark); }
  void on_late(const Event&, Duration) override { ++late; }
  void on_rejection(const connectors::LogSource&, const connectors::Rejection&) override {
    ++rejected;
  }
  bool go_on() override { return !interrupted(); }

  std::map<std::string, std::uint64_t> types;
  std::uint64_t late = 0;
  std::uint64_t rejected = 0;

 private:
  runtime::Engine& engine_;
};

std::string ending(const RunStory& story) {
  const std::string event = story.event.empty() ? "" : fmt::format(": {}", story.event);
  const std::string by = story.by.empty() ? "" : fmt::format(" ({})", story.by);
  switch (story.reason) {
    case nfa::EndReason::kMatched:
      return "it matched";
    case nfa::EndReason::kWithin:  // of what it waited for, which has been told
      return "its time was over";
    case nfa::EndReason::kNextBroken:
      return "another event came where NEXT asked for this one" + event;
    case nfa::EndReason::kGuard:
      return "an event came that a NOT forbids" + by + event;
    case nfa::EndReason::kUntil:
      return "UNTIL" + event;
    case nfa::EndReason::kLeadingNot:
      return "an event before it is forbidden by the NOT at the start";
    case nfa::EndReason::kWhere:
      return "the WHERE over the whole did not hold" + by + event;
    case nfa::EndReason::kPruned:
      return "AFTER MATCH: another match used its events" + event;
    case nfa::EndReason::kOpen:
      return "it was still waiting when the log ended";
    case nfa::EndReason::kTaken:
    case nfa::EndReason::kDuplicate:
      break;
  }
  return std::string(to_string(story.reason));
}

class WhyReport {
 public:
  WhyReport(const WhyOptions& options, const nfa::Program& program, nfa::RuleId rule,
            const WhyTracer& tracer, const WhyFeed& feed, const runtime::RuleStats& stats, Io& io)
      : options_(options),
        program_(program),
        rule_(program.rules[rule]),
        tracer_(tracer),
        feed_(feed),
        stats_(stats),
        io_(io) {}

  void print() {
    std::string what = fmt::format("rule {}", rule_.id);
    for (const std::string& key : options_.key) what += ", " + key;
    if (!options_.at.empty()) what += ", open at " + options_.at;
    line(paint(io_.out.color(), Style::kBold, what));
    verdict();
    input();
    if (tracer_.begun() == 0) {
      nothing_began();
      return;
    }
    if (!tracer_.matches().empty()) {
      line("");
      line("Matches:");
      for (const RunStory& story : tracer_.matches()) run(story, ++shown_);
    }
    if (tracer_.stories().empty()) {
      if (!options_.at.empty()) line("\nNo partial match was open then.");
      return;
    }
    line("");
    line(tracer_.matches().empty() ? "The partial matches that got furthest:"
                                   : "The partial matches that did not complete and got furthest:");
    for (const RunStory& story : tracer_.stories()) run(story, ++shown_);
  }

 private:
  void line(const std::string& text) { io_.out.write(text + "\n"); }

  void verdict() {
    const std::uint64_t n = tracer_.matched();
    if (n == 0) {
      line(paint(io_.out.color(), Style::kYellow, "It did not fire."));
      return;
    }
    std::string text =
        fmt::format("It fired {}.", n == 1 ? "once" : fmt::format("{} times", with_commas(n)));
    if (stats_.suppressed > 0) {
      text +=
          fmt::format(" cooldown or max_per kept {} back.", counted(stats_.suppressed, "alert"));
    }
    line(paint(io_.out.color(), Style::kGreen, text));
  }

  void input() {
    std::string types;
    for (const TypeId type : rule_.input) {
      types += (types.empty() ? "" : ", ") + program_.plan.type(type).name;
    }
    if (rule_.input_all)
      types = types.empty() ? "every type" : types + ", every type of the sources";
    line(fmt::format("\nIts input is {}: {} came{}.", types, counted(stats_.events, "event"),
                     stats_.without_key == 0 ? "" : " with a key"));
    if (stats_.without_key > 0) {
      std::string fields;
      for (const std::string& name : program_.keys[rule_.key].names) {
        fields += (fields.empty() ? "" : ", ") + name;
      }
      line(fmt::format("{} lacked the key ({}) and took no part.",
                       counted(stats_.without_key, "event"), fields));
    }
    if (feed_.late > 0)
      line(fmt::format("{} late (see --out-of-order).",
                       counted(feed_.late, "event") + (feed_.late == 1 ? " was" : " were")));
    if (feed_.rejected > 0) {
      line(fmt::format("{} could not be read.", counted(feed_.rejected, "record")));
    }
    if (stats_.events + stats_.without_key == 0) missing_types();
  }

  /// Nothing came of what the rule reads: what came instead, and what it may have been meant to be.
  void missing_types() {
    std::vector<std::pair<std::uint64_t, std::string>> seen;
    std::vector<std::string> names;
    for (const auto& [name, n] : feed_.types) {
      seen.emplace_back(n, name);
      names.push_back(name);
    }
    std::sort(seen.rbegin(), seen.rend());
    std::string list;
    for (std::size_t i = 0; i < std::min<std::size_t>(seen.size(), 10); ++i) {
      list +=
          fmt::format("{}{} ({})", i == 0 ? "" : ", ", seen[i].second, with_commas(seen[i].first));
    }
    if (seen.size() > 10) list += ", ...";
    line(list.empty() ? "The log has no events." : "The log has other types: " + list + ".");
    for (const TypeId type : rule_.input) {
      const std::string& name = program_.plan.type(type).name;
      const std::string near = lang::nearest(name, names);
      if (!near.empty() && near != name) {
        line(fmt::format("  = help: the rule reads \"{}\"; is \"{}\" meant?", name, near));
      }
    }
  }

  void nothing_began() {
    if (stats_.events == 0) return;
    const nfa::NodeId start = rule_.automaton.start;
    std::string first;
    std::vector<nfa::NodeId> open = {start};
    for (std::size_t i = 0; i < open.size() && i < 64; ++i) {
      const nfa::Node& node = program_.nodes[open[i]];
      if (node.kind == nfa::NodeKind::kWait || node.kind == nfa::NodeKind::kAnd) {
        first += (first.empty() ? "" : " or ") + node.label;
        continue;
      }
      for (const nfa::NodeId next : {node.body, node.next}) {
        if (next != nfa::kNoNode) open.push_back(next);
      }
      open.insert(open.end(), node.targets.begin(), node.targets.end());
    }
    line(fmt::format("\nNo event{} satisfied the first step: {}",
                     options_.key.empty() ? "" : " of this key", first));
  }

  void run(const RunStory& story, std::size_t number) {
    std::string head = fmt::format("\n{}. ", number);
    for (const auto& [name, value] : story.key)
      head += fmt::format("{}={} ", name, printable(value));
    head += fmt::format("from {}, {} bound", show_time(story.start),
                        counted(story.bound_count, "event"));
    line(head);
    std::size_t width = 0;
    for (const ShownEvent& e : story.bound) width = std::max(width, display_width(e.name));
    for (const ShownEvent& e : story.bound) {
      if (e.left_out > 0)
        line(fmt::format("     {}  ... {} more ...", pad("", width), with_commas(e.left_out)));
      line(fmt::format("     {}  {}  {}", paint(io_.out.color(), Style::kCyan, pad(e.name, width)),
                       show_time(e.ts), e.text));
    }
    if (story.reason != nfa::EndReason::kMatched && !story.waits.empty()) {
      std::string waits;
      for (const std::string& wait : story.waits) {
        waits += (waits.empty() ? "" : "\n        or ") + wait;
      }
      if (story.deadline != Timestamp::max()) {
        waits += fmt::format(", until {}", show_time(story.deadline));
      }
      line("   waited  " +
           (story.waits.front() == "match" ? "for nothing: it was complete" : "for " + waits));
    }
    const bool timed = story.ended != Timestamp::max();
    line(fmt::format("   ended   {}{}", timed ? show_time(story.ended) + ", " : "", ending(story)));
    if (story.alike > 0) {
      line(fmt::format("           ({} more of this key came as far and ended so)",
                       with_commas(story.alike)));
    }
  }

  const WhyOptions& options_;
  const nfa::Program& program_;
  const nfa::Rule& rule_;
  const WhyTracer& tracer_;
  const WhyFeed& feed_;
  const runtime::RuleStats& stats_;
  Io& io_;
  std::size_t shown_ = 0;
};

/// `--key user=bob`; false after saying what is wrong with it.
bool read_key(const WhyOptions& options, const nfa::Program& program, nfa::RuleId rule,
              WhyQuestion& question, Io& io) {
  const std::vector<std::string>& names = program.keys[program.rules[rule].key].names;
  for (const std::string& text : options.key) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      print_error(io, fmt::format("--key \"{}\" lacks its value; write --key field=value", text));
      return false;
    }
    const std::string name = text.substr(0, equals);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      print_error(io, names.empty() ? fmt::format("rule {} has no key", options.rule)
                                    : fmt::format("the key of rule {} has no field \"{}\"",
                                                  options.rule, name));
      for (const std::string& known : names)
        io.err.write(fmt::format("  = help: write --key {}=...\n", known));
      return false;
    }
    question.key.emplace_back(name, text.substr(equals + 1));
  }
  return true;
}

}  // namespace

int why(const WhyOptions& options, Io& io) {
  const LoadedRules loaded = load_program(options.rules, options.log.schema, true, io);
  if (loaded.program == nullptr) return loaded.code;
  const nfa::Program& program = *loaded.program;
  const auto rule = find_rule(program, options.rule, io);
  if (!rule) return kUsage;
  WhyQuestion question;
  question.rule = *rule;
  question.keep = options.runs;
  if (!options.at.empty()) question.at = parse_iso8601(options.at);
  if (!read_key(options, program, *rule, question, io)) return kUsage;

  catch_interrupts();
  LogInput input;
  std::string error;
  if (!input.open(options.log, loaded.rules, loaded.schema, program.plan, error)) {
    print_error(io, error);
    return kUsage;
  }
  WhyTracer tracer(question);
  NoAlerts nobody;
  runtime::EngineOptions engine_options;
  engine_options.tracer = &tracer;
  runtime::Engine engine(loaded.program, std::move(engine_options), nobody);
  WhyFeed feed(engine);
  if (input.run(feed, feed)) engine.finish();
  const runtime::EngineStats stats = engine.stats();
  WhyReport(options, program, *rule, tracer, feed, stats.rules[*rule], io).print();
  for (const std::string& fault : input.faults()) print_warning(io, fault);
  return interrupted() ? kInterrupted : kFine;
}

}  // namespace weir::cli
