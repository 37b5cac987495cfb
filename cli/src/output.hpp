// Where text goes: standard output and error, and files; with colour where a person reads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

enum class ColorMode : std::uint8_t { kAuto, kAlways, kNever };

/// A buffered writer of one file descriptor. A write that fails is remembered, never thrown: what
/// comes after it is dropped, and whoever writes much asks broken() now and then.
class Out {
 public:
  /// `fd` stays open when this goes.
  Out(int fd, std::string name, ColorMode mode);
  /// Creates or truncates; `-` is standard output. Null with `error` set where it cannot.
  static std::unique_ptr<Out> create(const std::string& path, std::string& error);
  ~Out();
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;

  void write(std::string_view text);
  /// Also on a failure nothing is thrown.
  void flush();

  bool terminal() const noexcept { return terminal_; }
  bool color() const noexcept { return color_; }
  /// Of the terminal; 80 where there is none.
  int columns() const noexcept;
  bool broken() const noexcept { return error_ != 0; }
  /// The reader has gone (EPIPE): no fault of anybody.
  bool closed() const noexcept;
  /// "cannot write to standard output: No space left on device"; empty where nothing failed.
  std::string failure() const;

 private:
  int fd_;
  bool owned_ = false;
  std::string name_;
  bool terminal_;
  bool color_;
  int error_ = 0;
  std::string buffer_;
};

/// What a piece of text is to the reader.
enum class Style : std::uint8_t {
  kPlain,
  kBold,
  kDim,
  kRed,
  kGreen,
  kYellow,
  kBlue,
  kMagenta,
  kCyan,
  kBoldRed,
  kBoldGreen,
  kBoldYellow,
};

/// `text` in ANSI colours where `on`.
std::string paint(bool on, Style style, std::string_view text);

/// Standard output and error of one command.
struct Io {
  explicit Io(ColorMode mode);
  Out out;
  Out err;
};

/// "error: MESSAGE" on standard error.
void print_error(Io& io, std::string_view message);
void print_warning(Io& io, std::string_view message);

/// Columns that `text` takes on a terminal: code points, which is right for most of it.
std::size_t display_width(std::string_view text) noexcept;
/// `text`, then blanks up to `width` columns.
std::string pad(std::string_view text, std::size_t width);
/// What is printed for people to read on has lines of at most so many columns.
inline constexpr std::size_t kHelpColumns = 80;
/// Words of `text` in lines of at most `width` columns. Line ends in it are kept.
std::vector<std::string> wrap(std::string_view text, std::size_t width);
/// 1234567 -> "1,234,567".
std::string with_commas(std::uint64_t n);
/// "1 event", "2 events".
std::string counted(std::uint64_t n, std::string_view noun);
/// Control characters of `text` as \n, \t, \xNN, so that a log line cannot steer a terminal.
std::string printable(std::string_view text);

}  // namespace weir::cli
