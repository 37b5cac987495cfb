// strings: 10,000 `contains` patterns and 150 regular expressions over log lines of 130 bytes, each
// a rule of its own, beside a bare Hyperscan scan of the same lines with the same patterns in one
// database.
//
// Shape: lines of words from a vocabulary of 4,000 made-up ones. A literal is two words one after
// the other, so that its beginnings are everywhere and one line in 100 has one by chance. One line
// in 200 has a text planted that one of the regular expressions finds.
//
// The engine's database is compiled beforehand as well, as `weir` does it when it loads rules: what
// is measured is matching. Expected is what the scan finds; over the first lines that is held
// against a plain search.
#include <fmt/core.h>
#include <hs/hs.h>

#include <set>

#include "../engine_runs.hpp"
#include "../event_log.hpp"
#include "../random.hpp"
#include "../rule_text.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kLines = 500'000;
constexpr std::size_t kLineBytes = 130;
constexpr std::size_t kLiterals = 10'000;
constexpr std::size_t kRegexes = 150;
constexpr std::size_t kWords = 4000;
constexpr std::size_t kSearched = 500;  // lines

struct Patterns {
  std::vector<std::string> literals;
  std::vector<std::string> regexes;
  std::vector<std::string> fitting;  // by regex: a text that it finds
};

std::vector<std::string> make_words(Random& random) {
  constexpr std::string_view kConsonants = "bcdfghklmnprstvz";
  constexpr std::string_view kVowels = "aeiou";
  std::vector<std::string> words;
  while (words.size() < kWords) {
    std::string word;
    for (std::uint64_t i = 0, n = 2 + random.below(3); i < n; ++i) {
      word += kConsonants[random.below(kConsonants.size())];
      word += kVowels[random.below(kVowels.size())];
    }
    words.push_back(std::move(word));
  }
  return words;
}

Patterns make_patterns(const std::vector<std::string>& words, std::size_t literals,
                       std::size_t regexes, Random& random) {
  const auto word = [&] { return words[random.below(words.size())]; };
  Patterns out;
  std::set<std::string> pairs;
  while (pairs.size() < literals) pairs.insert(fmt::format("{} {}", word(), word()));
  out.literals.assign(pairs.begin(), pairs.end());
  for (std::size_t i = 0; i < regexes; ++i) {
    const std::string a = word();
    const std::string b = word();
    switch (i % 5) {
      case 0:
        out.regexes.push_back(fmt::format("{}={}[0-9]{{4,6}}", a, b));
        out.fitting.push_back(fmt::format("{}={}12345", a, b));
        break;
      case 1:
        out.regexes.push_back(fmt::format("({}|{})\\.(exe|php{})", a, b, i));
        out.fitting.push_back(fmt::format("{}.php{}", b, i));
        break;
      case 2:
        out.regexes.push_back(fmt::format("{}#[a-f0-9]{{8}}", a));
        out.fitting.push_back(fmt::format("{}#00c0ffee", a));
        break;
      case 3:
        out.regexes.push_back(fmt::format("10\\.{}\\.[0-9]+\\.[0-9]+", i));
        out.fitting.push_back(fmt::format("10.{}.7.19", i));
        break;
      default:
        out.regexes.push_back(fmt::format("{}\\+.*{}\\+", a, b));
        out.fitting.push_back(fmt::format("{}+ {}+", a, b));
        break;
    }
  }
  return out;
}

std::string make_line(const std::vector<std::string>& words, const Patterns& patterns,
                      Random& random) {
  std::string line =
      fmt::format("2026-01-05T{:02}:{:02}:{:02}Z host{:02} app[{}]:", random.below(24),
                  random.below(60), random.below(60), random.below(20), 1000 + random.below(9000));
  if (random.below(200) == 0) {
    line += " " + patterns.fitting[random.below(patterns.fitting.size())];
  }
  while (line.size() < kLineBytes) line += " " + words[random.below(words.size())];
  return line;
}

std::string rules_text(const Patterns& patterns) {
  std::string text = "rules:\n";
  for (std::size_t i = 0; i < patterns.literals.size(); ++i) {
    text += rule_text(fmt::format("l{}", i), "",
                      fmt::format("log WHERE line contains \"{}\"", patterns.literals[i]));
  }
  for (std::size_t i = 0; i < patterns.regexes.size(); ++i) {
    text += rule_text(fmt::format("x{}", i), "",
                      fmt::format("log WHERE line matches /{}/", patterns.regexes[i]));
  }
  return text;
}

/// All patterns in one database; a pattern counts once a line.
class BareScan {
 public:
  explicit BareScan(const Patterns& patterns) {
    std::vector<std::string> all;
    for (const std::string& literal : patterns.literals) all.push_back(literal);  // letters
    for (const std::string& regex : patterns.regexes) all.push_back(regex);
    std::vector<const char*> expressions;
    std::vector<unsigned> flags(all.size(), HS_FLAG_SINGLEMATCH);
    std::vector<unsigned> ids;
    for (const std::string& one : all) {
      expressions.push_back(one.c_str());
      ids.push_back(static_cast<unsigned>(ids.size()));
    }
    hs_compile_error_t* error = nullptr;
    hs_compile_multi(expressions.data(), flags.data(), ids.data(),
                     static_cast<unsigned>(all.size()), HS_MODE_BLOCK, nullptr, &database_, &error);
    hs_free_compile_error(error);
    hs_alloc_scratch(database_, &scratch_);
  }
  ~BareScan() {
    hs_free_scratch(scratch_);
    hs_free_database(database_);
  }
  BareScan(const BareScan&) = delete;
  BareScan& operator=(const BareScan&) = delete;

  std::uint64_t hits(std::span<const Event> events) const {
    std::uint64_t count = 0;
    for (const Event& event : events) {
      const std::string_view line = event.slots[0].as_string();
      hs_scan(
          database_, line.data(), static_cast<unsigned>(line.size()), 0, scratch_,
          [](unsigned, unsigned long long, unsigned long long, unsigned, void* hits) {
            ++*static_cast<std::uint64_t*>(hits);
            return 0;
          },
          &count);
    }
    return count;
  }

 private:
  hs_database_t* database_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
};

std::uint64_t search(const Patterns& patterns, std::span<const Event> events) {
  std::uint64_t hits = 0;
  for (const Event& event : events) {
    const std::string_view line = event.slots[0].as_string();
    for (const std::string& literal : patterns.literals) {
      hits += line.find(literal) != std::string_view::npos;
    }
  }
  return hits;
}

void run(const Context& context, Result& result) {
  Random random(7);
  const std::vector<std::string> words = make_words(random);
  const Patterns patterns =
      make_patterns(words, context.scaled(kLiterals, 200), context.scaled(kRegexes, 10), random);
  const nfa::ProgramPtr program = compile_text(rules_text(patterns));
  program->exprs.build_string_sets();
  const BareScan scan(patterns);
  EventLog log(program, context.scaled(kLines, 500));
  const LogType type = log.type("log");
  const std::size_t lines = context.scaled(kLines, 500);
  for (std::size_t i = 0; i < lines; ++i) {
    const std::string_view line = log.keep(make_line(words, patterns, random));
    log.add(type, {static_cast<std::int64_t>(i) * kNsPerMs})[0] = Value::string(line);
  }

  std::uint64_t expected = 0;
  std::vector<Cost> scans;
  const EngineRuns runs = run_engine(context, log, {}, result, [&] {
    scans.push_back(measure([&] { expected = scan.hits(log.events()); }));
  });
  const double scan_cpu = median(scans).cpu / static_cast<double>(lines);
  result.set("of a bare scan", scan_cpu / runs.cpu_per_event(), "x");
  result.at_least(0.7);
  result.detail("engine", runs.events_per_second(), "lines/s");
  result.detail("bare scan", 1 / scan_cpu, "lines/s");
  result.detail("hits", static_cast<double>(expected), "");
  if (runs.complete) result.check("hits", expected, runs.delivered);
  const auto first = log.events().first(std::min(lines, context.scaled(kSearched, 100)));
  result.check("hits of literals by search", search(patterns, first),
               BareScan({.literals = patterns.literals, .regexes = {}, .fitting = {}}).hits(first));
}

}  // namespace

void add_strings(Scenarios& to) {
  to.push_back({"strings", "10,000 contains and 150 regexes over lines, beside a bare scan", run});
}

}  // namespace weir::bench
