#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "lexical_token.hpp"
#include "render_line.hpp"
#include "weir/pattern-lang/diagnostic.hpp"

namespace weir::lang {
namespace {

/// A place in its file: bytes, and the lines they lie on (0-based).
struct Located {
  const SourceFile* file = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t first_line = 0;
  std::size_t last_line = 0;
  const std::string* label = nullptr;
  bool primary = false;
};

struct Style {
  bool color;
  std::string paint(std::string_view code, std::string_view text) const {
    if (!color || text.empty()) return std::string(text);
    return "\x1b[" + std::string(code) + 'm' + std::string(text) + "\x1b[0m";
  }
};
constexpr std::string_view kRed = "1;31";
constexpr std::string_view kYellow = "1;33";
constexpr std::string_view kBlue = "1;34";
constexpr std::string_view kBold = "1";

/// From the snippet's bytes to the file's. The end is taken from the last byte, because what
/// follows it in the snippet may stand on another line of the file.
Located locate(const Place& place, const std::string& label, bool primary, const FileLines& lines) {
  const Snippet& snippet = *place.snippet;
  const std::size_t size = snippet.file->text.size();
  Located out;
  out.file = snippet.file.get();
  out.begin = std::min<std::size_t>(snippet.file_position(place.span.begin), size);
  out.end = out.begin;
  if (place.span.end > place.span.begin) {
    const std::size_t last = snippet.file_position(place.span.end - 1);
    const std::size_t next = snippet.file_position(place.span.end);
    const bool same_line =
        next > last && next <= size && lines.line_of(last) == lines.line_of(next);
    out.end = std::clamp<std::size_t>(same_line ? next : last + 1, out.begin, size);
  }
  out.first_line = lines.line_of(out.begin);
  // A span that ends with a line's feed ends on that line.
  out.last_line = out.end > out.begin ? lines.line_of(out.end - 1) : out.first_line;
  out.label = &label;
  out.primary = primary;
  return out;
}

class Renderer {
 public:
  Renderer(const Diagnostic& d, bool color) : d_(d), style_{color} {}

  std::string run() {
    header();
    if (d_.place.snippet && d_.place.snippet->file) {
      const SourceFile* file = d_.place.snippet->file.get();
      places_of(file);
      std::size_t widest = 0;
      for (const Located& p : places_) widest = std::max(widest, p.last_line + 1);
      gutter_ = std::to_string(widest).size();
      arrow("-->", places_.front());
      source(file);
      other_files(file);
    }
    notes();
    return std::move(out_);
  }

 private:
  std::string_view accent() const { return d_.severity() == Severity::kError ? kRed : kYellow; }

  void header() {
    const std::string word = d_.severity() == Severity::kError ? "error" : "warning";
    out_ += style_.paint(accent(), word + '[' + std::string(info(d_.code).name) + ']');
    out_ += style_.paint(kBold, ": " + clean_text(d_.message)) + '\n';
  }

  void places_of(const SourceFile* file) {
    const FileLines lines(file->text);
    places_.clear();
    if (d_.place.snippet->file.get() == file) {
      places_.push_back(locate(d_.place, d_.label, true, lines));
    }
    for (const Label& other : d_.others) {
      if (other.place.snippet && other.place.snippet->file.get() == file) {
        places_.push_back(locate(other.place, other.text, false, lines));
      }
    }
  }

  /// " --> path:line:column (pattern of rule `x`, 1:7)".
  void arrow(std::string_view sign, const Located& p) {
    const LineColumn at = line_column(p.file->text, static_cast<std::uint32_t>(p.begin));
    out_ += std::string(gutter_, ' ') + style_.paint(kBlue, sign) + ' ' + clean_text(p.file->path) +
            ':' + std::to_string(at.line) + ':' + std::to_string(at.column);
    const Snippet& snippet = *d_.place.snippet;
    if (p.primary && !snippet.what.empty()) {
      const LineColumn inner = line_column(snippet.text, d_.place.span.begin);
      out_ += " (" + clean_text(snippet.what) + ", " + std::to_string(inner.line) + ':' +
              std::to_string(inner.column) + ')';
    }
    out_ += '\n';
  }

  std::string margin(std::string_view number = {}) const {
    const std::string pad(gutter_ - std::min(gutter_, number.size()), ' ');
    return style_.paint(kBlue, std::string(number) + pad + " |");
  }

  /// The annotated lines of one file.
  void source(const SourceFile* file) {
    const FileLines lines(file->text);
    std::vector<std::size_t> shown;
    for (const Located& p : places_) {
      shown.push_back(p.first_line);
      shown.push_back(p.last_line);
      // All of a span of few lines, its ends of a longer one.
      constexpr std::size_t kMost = 5;
      if (p.last_line - p.first_line < kMost) {
        for (std::size_t l = p.first_line + 1; l < p.last_line; ++l) shown.push_back(l);
      }
    }
    std::sort(shown.begin(), shown.end());
    shown.erase(std::unique(shown.begin(), shown.end()), shown.end());
    out_ += margin() + '\n';
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (i > 0 && shown[i] == shown[i - 1] + 2) line(lines, shown[i] - 1);
      if (i > 0 && shown[i] > shown[i - 1] + 2) out_ += style_.paint(kBlue, "...") + '\n';
      line(lines, shown[i]);
    }
  }

  /// One line, with the marks of every span that begins or ends on it.
  void line(const FileLines& lines, std::size_t number) {
    std::vector<Mark> marks;
    // The column of bars on the left belongs to the first span of several lines.
    const Located* bar = nullptr;
    for (const Located& p : places_) {
      if (p.first_line != p.last_line && bar == nullptr) bar = &p;
    }
    const auto offset = [&](std::size_t at) { return at - lines.begin(number); };
    for (const Located& p : places_) {
      const std::string label = clean_text(*p.label);
      if (p.first_line == p.last_line) {
        if (p.first_line == number) {
          marks.push_back({offset(p.begin), offset(p.end), label, p.primary, false});
        }
      } else if (p.first_line == number) {
        marks.push_back({offset(p.begin), offset(p.begin) + 1, "", p.primary, &p == bar});
      } else if (p.last_line == number) {
        marks.push_back({offset(p.end) - 1, offset(p.end), label, p.primary, &p == bar});
      }
    }
    const bool inside = bar && number > bar->first_line && number <= bar->last_line;
    const std::string_view bar_color = bar && bar->primary ? accent() : kBlue;
    const auto left = [&](bool with_bar) {
      if (bar == nullptr) return std::string(" ");
      return with_bar ? ' ' + style_.paint(bar_color, "|") + ' ' : std::string("   ");
    };
    const ShownLine shown(lines.text(number), marks);
    out_ += trimmed(margin(std::to_string(number + 1)) + left(inside) + shown.text) + '\n';
    bool barred = inside;
    for (const MarkRow& row : mark_rows(shown, marks)) {
      if (row.joins_bar) {
        // The line that leads from the bar to the caret.
        out_ += margin() + ' ' + (barred ? style_.paint(bar_color, "|") : " ") +
                style_.paint(bar_color, std::string(row.begin + 1, '_'));
        barred = !barred;
      } else {
        out_ += margin() + left(barred) + std::string(row.begin, ' ');
      }
      for (const MarkPiece& piece : row.pieces) {
        out_ += std::string(piece.blanks, ' ');
        out_ += style_.paint(piece.primary ? accent() : kBlue, piece.text);
      }
      out_ += '\n';
    }
  }

  static std::string trimmed(std::string text) {
    while (text.ends_with(' ')) text.pop_back();
    return text;
  }

  /// Labels that lie in another file than the diagnostic itself.
  void other_files(const SourceFile* first) {
    std::vector<const SourceFile*> done = {first};
    for (const Label& other : d_.others) {
      if (!other.place.snippet || !other.place.snippet->file) continue;
      const SourceFile* file = other.place.snippet->file.get();
      if (std::find(done.begin(), done.end(), file) != done.end()) continue;
      done.push_back(file);
      places_of(file);
      arrow(":::", places_.front());
      source(file);
    }
  }

  void notes() {
    if ((!d_.notes.empty() || !d_.help.empty()) && !places_.empty()) out_ += margin() + '\n';
    for (const std::string& note : d_.notes) addition("note", note);
    if (!d_.help.empty()) addition("help", d_.help);
  }

  void addition(std::string_view word, const std::string& text) {
    const std::string indent(gutter_ + 3 + word.size() + 2, ' ');
    out_ += std::string(gutter_ + 1, ' ') + style_.paint(kBlue, "=") + ' ' +
            style_.paint(kBold, word) + ": ";
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      if (at > 0) out_ += indent;
      out_ += clean_text(std::string_view(text).substr(at, end - at)) + '\n';
      at = end + 1;
    }
  }

  const Diagnostic& d_;
  Style style_;
  std::string out_;
  std::vector<Located> places_;
  std::size_t gutter_ = 1;
};

}  // namespace

std::string render(const Diagnostic& d, bool color) {
  return Renderer(d, color).run();
}

}  // namespace weir::lang
