// weir top: what a running `weir run` does, as a table that is drawn anew every second.
#include <fmt/core.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <thread>

#include "api_client.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "json_tree.hpp"
#include "progress.hpp"
#include "weir/connectors/live/clock.hpp"

namespace weir::cli {
namespace {

constexpr std::size_t kMaxStatusBytes = std::size_t{64} << 20;
/// Rules shown: those that report most, where there are more.
constexpr std::size_t kMaxRules = 15;

std::uint64_t number(const Tree& tree, std::string_view path) {
  const Tree* const at = find_path(tree, path);
  return at == nullptr ? 0 : static_cast<std::uint64_t>(at->integer);
}

std::string text(const Tree& tree, std::string_view path) {
  const Tree* const at = find_path(tree, path);
  return at == nullptr ? std::string() : at->text;
}

const std::vector<Tree>& items(const Tree& tree, std::string_view path) {
  static const std::vector<Tree> kNone;
  const Tree* const at = find_path(tree, path);
  return at == nullptr ? kNone : at->items;
}

std::string show_seconds(double s) {
  if (s < 0) return "-";
  if (s < 10) return fmt::format("{:.1f}s", s);
  if (s < 120) return fmt::format("{:.0f}s", s);
  if (s < 7200) return fmt::format("{:.0f}m", s / 60);
  if (s < 172800) return fmt::format("{:.0f}h", s / 3600);
  return fmt::format("{:.0f}d", s / 86400);
}

/// Both answers of one moment.
struct Moment {
  Tree status;
  Tree rules;
  std::chrono::steady_clock::time_point at;
};

/// Counters by name, and how fast they grow from one moment to the next.
class Rates {
 public:
  /// The rate of a counter; 0 where it is new, or began anew.
  double of(const std::string& name, std::uint64_t now) {
    now_[name] = now;
    const auto before = before_.find(name);
    if (before == before_.end() || before->second > now || seconds_ <= 0) return 0;
    return static_cast<double>(now - before->second) / seconds_;
  }
  void next(double seconds) {
    seconds_ = seconds;
    before_ = std::move(now_);
    now_.clear();
  }

 private:
  double seconds_ = 0;
  std::map<std::string, std::uint64_t> before_;
  std::map<std::string, std::uint64_t> now_;
};

class Table {
 public:
  Table(bool color, std::vector<std::string> heads) : color_(color) {
    rows_.push_back({heads, {}});
  }
  void add(std::vector<std::string> cells, Style first = Style::kPlain) {
    rows_.push_back({std::move(cells), first});
  }
  bool empty() const { return rows_.size() == 1; }

  /// The first column stands left, the second too, the others right.
  std::string show() const {
    std::vector<std::size_t> widths(rows_.front().cells.size(), 0);
    for (const Row& row : rows_) {
      for (std::size_t i = 0; i < row.cells.size(); ++i) {
        widths[i] = std::max(widths[i], display_width(row.cells[i]));
      }
    }
    std::string out;
    for (const Row& row : rows_) {
      const bool head = &row == &rows_.front();
      std::string line;
      for (std::size_t i = 0; i < row.cells.size(); ++i) {
        std::string cell = row.cells[i];
        const std::size_t missing = widths[i] - display_width(cell);
        cell = i < 2 ? cell + std::string(missing, ' ') : std::string(missing, ' ') + cell;
        if (i == 1 && !head) cell = paint(color_, row.state, cell);
        line += (i == 0 ? "" : "  ") + cell;
      }
      while (line.ends_with(' ')) line.pop_back();
      out += (head ? paint(color_, Style::kDim, line) : line) + "\n";
    }
    return out;
  }

 private:
  struct Row {
    std::vector<std::string> cells;
    Style state = Style::kPlain;  // of the second cell
  };
  bool color_;
  std::vector<Row> rows_;
};

Style style_of_state(const std::string& state) {
  if (state == "away" || state == "failed") return Style::kBoldRed;
  if (state == "held") return Style::kYellow;
  return state == "ended" ? Style::kDim : Style::kGreen;
}

Style style_of_severity(const std::string& severity) {
  if (severity == "critical" || severity == "high") return Style::kBoldRed;
  return severity == "medium" ? Style::kYellow : Style::kPlain;
}

class Screen {
 public:
  Screen(bool color, std::string url) : color_(color), url_(std::move(url)) {}

  std::string draw(const Moment& moment) {
    if (last_) rates_.next(std::chrono::duration<double>(moment.at - *last_).count());
    last_ = moment.at;
    return head(moment) + "\n" + sources(moment.status) + "\n" + sinks(moment.status) + "\n" +
           rules(moment.rules);
  }

 private:
  std::string head(const Moment& moment) {
    std::uint64_t events = 0;
    for (const Tree& source : items(moment.status, "sources")) events += number(source, "events");
    const std::uint64_t alerts = number(moment.status, "alerts");
    std::uint64_t late = 0;
    std::uint64_t waiting = 0;
    for (const Tree& domain : items(moment.status, "domains")) {
      late += number(domain, "late");
      waiting += number(domain, "waiting");
    }
    return fmt::format(
        "{} {}, up {}, {}, {}\n{} events/s, {} in all; {} late, {} waiting; {:.1f} alerts/s, {} in "
        "all\n",
        paint(color_, Style::kBold, "weir " + text(moment.status, "version")), url_,
        show_seconds(static_cast<double>(number(moment.status, "uptime_seconds"))),
        counted(number(moment.status, "workers"), "worker"),
        counted(number(moment.status, "rules"), "rule"), short_number(rates_.of("events", events)),
        with_commas(events), with_commas(late), with_commas(waiting), rates_.of("alerts", alerts),
        with_commas(alerts));
  }

  std::string sources(const Tree& status) {
    Table table(color_,
                {"SOURCE", "STATE", "RECORDS/S", "REJECTED", "BEHIND", "WAITING", "PARTITIONS"});
    for (const Tree& source : items(status, "sources")) {
      const std::string name = text(source, "name");
      double behind = -1;
      std::uint64_t waiting = 0;
      for (const Tree& partition : items(source, "partitions")) {
        waiting += number(partition, "waiting_bytes");
        const std::optional<Timestamp> at = parse_iso8601(text(partition, "watermark"));
        if (at) behind = std::max(behind, seconds_since(*at));
      }
      const std::string state = text(source, "state");
      table.add({name, state, short_number(rates_.of("source " + name, number(source, "records"))),
                 with_commas(number(source, "rejected")), show_seconds(behind),
                 short_bytes(static_cast<double>(waiting)),
                 std::to_string(items(source, "partitions").size())},
                style_of_state(state));
    }
    return table.show();
  }

  std::string sinks(const Tree& status) {
    Table table(color_, {"SINK", "STATE", "SENT/S", "SENT", "WAITING", "RETRIES", "UNDELIVERED"});
    for (const Tree& sink : items(status, "sinks")) {
      const std::string name = text(sink, "name");
      const std::string state = text(sink, "state");
      table.add(
          {name, state, fmt::format("{:.1f}", rates_.of("sink " + name, number(sink, "sent"))),
           with_commas(number(sink, "sent")), with_commas(number(sink, "waiting")),
           with_commas(number(sink, "retries")), with_commas(number(sink, "undelivered"))},
          style_of_state(state));
    }
    return table.show();
  }

  std::string rules(const Tree& rules) {
    std::vector<const Tree*> shown;
    for (const Tree& rule : items(rules, "rules")) shown.push_back(&rule);
    std::ranges::stable_sort(shown, std::greater<>(),
                             [](const Tree* rule) { return number(*rule, "alerts"); });
    Table table(color_,
                {"RULE", "SEVERITY", "EVENTS/S", "ALERTS/S", "ALERTS", "MATCHES", "KEPT BACK"});
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const Tree& rule = *shown[i];
      const std::string id = text(rule, "id");
      const double events = rates_.of("rule events " + id, number(rule, "events"));
      const double alerts = rates_.of("rule " + id, number(rule, "alerts"));
      if (i >= kMaxRules) continue;
      const std::string severity = text(rule, "severity");
      table.add({id, severity, short_number(events), fmt::format("{:.1f}", alerts),
                 with_commas(number(rule, "alerts")), with_commas(number(rule, "matches")),
                 with_commas(number(rule, "suppressed"))},
                style_of_severity(severity));
    }
    std::string out = table.show();
    if (shown.size() > kMaxRules) {
      out += paint(
          color_, Style::kDim,
          fmt::format("and {} with fewer alerts\n", counted(shown.size() - kMaxRules, "rule")));
    }
    return out;
  }

  static double seconds_since(Timestamp t) {
    return std::max(0.0, static_cast<double>((connectors::wall_time() - t).ns) * 1e-9);
  }

  bool color_;
  std::string url_;
  Rates rates_;
  std::optional<std::chrono::steady_clock::time_point> last_;
};

/// The terminal gives keys as they are pressed; undone at the end.
class Keys {
 public:
  Keys() : on_(::isatty(STDIN_FILENO) != 0 && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!on_) return;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  ~Keys() {
    if (on_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  /// Waits; true where q was pressed meanwhile.
  bool quit_within(std::chrono::milliseconds time) const {
    if (!on_) {
      std::this_thread::sleep_for(time);
      return false;
    }
    pollfd in{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&in, 1, static_cast<int>(time.count())) <= 0) return false;
    char key = 0;
    return ::read(STDIN_FILENO, &key, 1) == 1 && (key == 'q' || key == 'Q');
  }

 private:
  termios before_{};
  bool on_;
};

class Top {
 public:
  Top(const TopOptions& options, Io& io) : options_(options), io_(io) {}

  int run() {
    std::string error;
    status_ = make_api_client(options_.api, "/api/v1/status", error);
    rules_ = make_api_client(options_.api, "/api/v1/rules", error);
    if (status_ == nullptr || rules_ == nullptr) return fail(error);
    return options_.once || !io_.out.terminal() ? show_once() : show();
  }

 private:
  int fail(const std::string& problem) {
    print_error(io_, problem);
    return kUsage;
  }

  bool ask(connectors::HttpClient& client, Tree& tree, std::string& problem) const {
    const connectors::HttpReply reply = client.get(kMaxStatusBytes);
    if (!reply.ok()) {
      problem = reply_problem(options_.api, reply);
      return false;
    }
    std::optional<Tree> parsed = parse_json(reply.body);
    if (!parsed) {
      problem = options_.api.url + " answers with something that is no JSON: is it `weir run`?";
      return false;
    }
    tree = std::move(*parsed);
    return true;
  }

  bool ask(Moment& moment, std::string& problem) const {
    moment.at = std::chrono::steady_clock::now();
    return ask(*status_, moment.status, problem) && ask(*rules_, moment.rules, problem);
  }

  /// Rates need two moments.
  int show_once() {
    Screen screen(io_.out.color(), options_.api.url);
    std::string problem;
    std::string page;
    for (int i = 0; i < 2; ++i) {
      if (i > 0) std::this_thread::sleep_for(std::chrono::seconds(1));
      Moment moment;
      if (!ask(moment, problem)) return fail(problem);
      page = screen.draw(moment);
    }
    io_.out.write(page);
    return kFine;
  }

  int show() {
    catch_interrupts();
    const Keys keys;
    Screen screen(io_.out.color(), options_.api.url);
    io_.out.write("\033[?1049h\033[?25l");  // the other screen, without a cursor
    std::string problem;
    bool answered = false;
    do {
      Moment moment;
      std::string page;
      if (ask(moment, problem)) {
        answered = true;
        page = screen.draw(moment);
      } else {
        if (!answered) break;
        page = paint(io_.out.color(), Style::kBoldRed, problem) + "\n";
      }
      draw(page + paint(io_.out.color(), Style::kDim, "\nq quits\n"));
    } while (!interrupted() && !io_.out.broken() && !keys.quit_within(std::chrono::seconds(1)));
    io_.out.write("\033[?25h\033[?1049l");
    io_.out.flush();
    return answered ? kFine : fail(problem);
  }

  void draw(const std::string& page) {
    std::string out = "\033[H";
    for (const char c : page) {
      if (c == '\n') out += "\033[K";
      out += c;
    }
    io_.out.write(out + "\033[J");
    io_.out.flush();
  }

  const TopOptions& options_;
  Io& io_;
  std::unique_ptr<connectors::HttpClient> status_;
  std::unique_ptr<connectors::HttpClient> rules_;
};

}  // namespace

int top(const TopOptions& options, Io& io) {
  return Top(options, io).run();
}

}  // namespace weir::cli
