#include "output.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace weir::cli {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;

bool wants_color(ColorMode mode, bool terminal) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: set and not empty
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  return terminal && (term == nullptr || std::string_view(term) != "dumb");
}

}  // namespace

Out::Out(int fd, std::string name, ColorMode mode)
    : fd_(fd),
      name_(std::move(name)),
      terminal_(::isatty(fd) == 1),
      color_(wants_color(mode, terminal_)) {}

std::unique_ptr<Out> Out::create(const std::string& path, std::string& error) {
  if (path == "-")
    return std::make_unique<Out>(STDOUT_FILENO, "standard output", ColorMode::kNever);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) {
    error = fmt::format("cannot write {}: {}", path, std::strerror(errno));
    return nullptr;
  }
  auto out = std::make_unique<Out>(fd, path, ColorMode::kNever);
  out->owned_ = true;
  return out;
}

Out::~Out() {
  flush();
  if (owned_) ::close(fd_);
}

void Out::write(std::string_view text) {
  if (error_ != 0) return;
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes || terminal_) flush();
}

void Out::flush() {
  std::string_view left = buffer_;
  while (!left.empty() && error_ == 0) {
    const ssize_t n = ::write(fd_, left.data(), left.size());
    if (n >= 0) {
      left.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  buffer_.clear();
}

int Out::columns() const noexcept {
  winsize size{};
  if (terminal_ && ::ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

bool Out::closed() const noexcept {
  return error_ == EPIPE;
}

std::string Out::failure() const {
  return error_ == 0 ? "" : fmt::format("cannot write to {}: {}", name_, std::strerror(error_));
}

std::string paint(bool on, Style style, std::string_view text) {
  if (!on || style == Style::kPlain) return std::string(text);
  static constexpr std::string_view kCodes[] = {"0",  "1",  "2",  "31",   "32",   "33",
                                                "34", "35", "36", "1;31", "1;32", "1;33"};
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(style)], text);
}

Io::Io(ColorMode mode)
    : out(STDOUT_FILENO, "standard output", mode), err(STDERR_FILENO, "standard error", mode) {}

namespace {
void print_tagged(Io& io, Style style, std::string_view tag, std::string_view message) {
  // What was said before it on standard output stands before it where both are one terminal.
  io.out.flush();
  io.err.write(fmt::format("{}: {}\n", paint(io.err.color(), style, tag), message));
  io.err.flush();
}
}  // namespace

void print_error(Io& io, std::string_view message) {
  print_tagged(io, Style::kBoldRed, "error", message);
}

void print_warning(Io& io, std::string_view message) {
  print_tagged(io, Style::kBoldYellow, "warning", message);
}

std::size_t display_width(std::string_view text) noexcept {
  std::size_t n = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) ++n;
  }
  return n;
}

std::string pad(std::string_view text, std::size_t width) {
  std::string padded(text);
  const std::size_t w = display_width(text);
  if (w < width) padded.append(width - w, ' ');
  return padded;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::string word;
  const auto put = [&] {
    if (word.empty()) return;
    std::string& line = lines.back();
    if (!line.empty() && display_width(line) + 1 + display_width(word) > width) {
      lines.push_back(word);
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
    word.clear();
  };
  for (const char c : text) {
    if (c == ' ' || c == '\n') {
      put();
      if (c == '\n') lines.emplace_back();
    } else {
      word += c;
    }
  }
  put();
  return lines;
}

std::string with_commas(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", with_commas(n), noun, n == 1 ? "" : "s");
}

std::string printable(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '\n') {
      shown += "\\n";
    } else if (c == '\t') {
      shown += "\\t";
    } else if (u < 0x20 || u == 0x7f) {
      shown += fmt::format("\\x{:02x}", u);
    } else {
      shown += c;
    }
  }
  return shown;
}

}  // namespace weir::cli
