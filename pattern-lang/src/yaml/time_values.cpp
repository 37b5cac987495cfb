// Durations, limits per span, windows.
#include <fmt/format.h>

#include <charconv>

#include "yaml/values.hpp"

namespace weir::lang::yaml {
namespace {

constexpr std::string_view kForm =
    "a duration is written 250ms, 10s, 5m, 2h, 7d, 1w, or a sum: 1h30m";

bool all_digits(std::string_view s) {
  return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view trim(std::string_view s) {
  const std::size_t first = s.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(" \t\n") - first + 1);
}

// 12:30 -> the two things that may be meant.
std::string clock_help(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view head = text.substr(0, colon);
  const std::string_view tail = text.substr(colon + 1);
  if (tail.find(':') != std::string_view::npos) {
    const std::size_t second = tail.find(':');
    return fmt::format("write {}h{}m{}s", head, tail.substr(0, second), tail.substr(second + 1));
  }
  return fmt::format("write {0}m{1}s or {0}h{1}m", head, tail);
}

// `text` is a part of the node's value: windows and limits hold durations among other words.
std::optional<Duration> duration_of(SourceReader& source, const Node& node, std::string_view what,
                                    std::string_view text) {
  if (auto duration = parse_duration(text)) return duration;
  Diagnostic& d =
      source.report(Code::E0210, node, fmt::format("{} is `{}`, which is no duration", what, text));
  d.help = std::string(kForm);
  if (all_digits(text)) {
    d.message = fmt::format("{} is {}, without a unit", what, text);
    d.help = fmt::format("write {}s for seconds", text);
    d.notes.emplace_back(kForm);
  } else if (sexagesimal(text)) {
    d.message =
        fmt::format("{} is `{}`, which YAML reads as a number to the base of 60", what, text);
    d.help = clock_help(text);
  } else if (text.find('.') != std::string_view::npos) {
    d.help = "digits are whole: write 1500ms for 1.5s, 1h30m for 1.5h";
  } else if (text.find(' ') != std::string_view::npos) {
    d.notes.emplace_back("no blank stands between number and unit");
  }
  return std::nullopt;
}

std::optional<Duration> positive(SourceReader& source, const Node& node, std::string_view what,
                                 std::string_view text) {
  auto duration = duration_of(source, node, what, text);
  if (duration && duration->ns <= 0) {
    source.report(Code::E0210, node, fmt::format("{} is zero", what)).help = std::string(kForm);
    return std::nullopt;
  }
  return duration;
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = text.find_first_not_of(" \t\n"); at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \t\n", at), text.size());
    out.push_back(text.substr(at, end - at));
    at = std::min(text.find_first_not_of(" \t\n", end), text.size());
  }
  return out;
}

std::nullopt_t bad_window(SourceReader& source, const Node& node, std::string message,
                          std::string help) {
  source.report(Code::E0212, node, std::move(message)).help = std::move(help);
  return std::nullopt;
}

constexpr std::string_view kWindowForm =
    "write `tumbling 1m`, `sliding 5m every 10s` or `session gap 30s`";

}  // namespace

std::optional<Duration> read_duration(SourceReader& source, const Node& node,
                                      std::string_view what) {
  if (node.kind == Kind::kScalar) return duration_of(source, node, what, node.value);
  source.report(Code::E0205, node, fmt::format("{} is {}, not a duration", what, kind_name(node)))
      .help = std::string(kForm);
  return std::nullopt;
}

std::optional<MaxPer> read_max_per(SourceReader& source, const Node& node) {
  constexpr std::string_view kHelp = "write how many in which span: 100/1h";
  const std::string_view value = node.kind == Kind::kScalar ? std::string_view(node.value) : "";
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos) {
    source.report(Code::E0211, node, "`max_per` is no limit per span").help = std::string(kHelp);
    return std::nullopt;
  }
  const std::string_view count_text = trim(value.substr(0, slash));
  MaxPer out;
  out.place = source.place(node);
  const char* end = count_text.data() + count_text.size();
  const auto [at, error] = std::from_chars(count_text.data(), end, out.count);
  if (error != std::errc{} || at != end || out.count == 0) {
    source
        .report(
            Code::E0211, node,
            fmt::format("`max_per` begins with `{}`, not with a number of at least 1", count_text))
        .help = std::string(kHelp);
    return std::nullopt;
  }
  std::string_view span = trim(value.substr(slash + 1));
  // 100/h is how people write it; the contract wants the number.
  if (!parse_duration(span) && parse_duration("1" + std::string(span))) {
    source
        .report(Code::E0211, node,
                fmt::format("the span of `max_per` is `{}`, without a number", span))
        .help = fmt::format("write {}/1{}", count_text, span);
    return std::nullopt;
  }
  const auto duration = positive(source, node, "the span of `max_per`", span);
  if (!duration) return std::nullopt;
  out.span = *duration;
  return out;
}

std::optional<WindowDef> read_window(SourceReader& source, const Node& node) {
  if (node.kind != Kind::kScalar) {
    return bad_window(source, node, fmt::format("`window` is {}", kind_name(node)),
                      std::string(kWindowForm));
  }
  const std::vector<std::string_view> words = split_words(node.value);
  WindowDef out;
  out.place = source.place(node);
  const std::string_view kind = words.empty() ? std::string_view() : words[0];
  const bool tumbling = kind == "tumbling" && words.size() == 2;
  const bool sliding = kind == "sliding" && words.size() == 4 && words[2] == "every";
  const bool session = kind == "session" && words.size() == 3 && words[1] == "gap";
  if (!tumbling && !sliding && !session) {
    std::string help(kWindowForm);
    if (kind == "session" && words.size() == 2)
      help = fmt::format("write session gap {}", words[1]);
    if (kind == "sliding" && words.size() == 2) {
      help = fmt::format("write sliding {} every, and the step: sliding 5m every 10s", words[1]);
    }
    const std::string meant = nearest(kind, {"tumbling", "sliding", "session"});
    if (!meant.empty() && meant != kind) help = fmt::format("did you mean \"{}\"?", meant);
    return bad_window(source, node, fmt::format("`{}` is no window", node.value), std::move(help));
  }
  out.kind = tumbling  ? WindowKind::kTumbling
             : sliding ? WindowKind::kSliding
                       : WindowKind::kSession;
  const auto size = positive(source, node, session ? "the window's gap" : "the window's size",
                             words[session ? 2 : 1]);
  const auto every = sliding ? positive(source, node, "the window's step", words[3]) : size;
  if (!size || !every) return std::nullopt;
  out.size = *size;
  out.every = *every;
  return out;
}

}  // namespace weir::lang::yaml
