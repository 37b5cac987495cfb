// What is wrong with a rule, said the way rustc says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/pattern-lang/source.hpp"

namespace weir::lang {

enum class Severity : std::uint8_t { kError, kWarning };

/// A stable code: E0101, W0301. The catalogue (codes.def) has each one's title and a longer text.
enum class Code : std::uint16_t {
#define WEIR_CODE(code, title, text) code,
#include "weir/pattern-lang/codes.def"
#undef WEIR_CODE
};

struct CodeInfo {
  Code code;
  std::string_view name;   // "E0101"
  std::string_view title;  // one line
  std::string_view text;   // what `weir explain E0101` prints: what it means, an example, the mend
};
const CodeInfo& info(Code code) noexcept;
std::optional<Code> find_code(std::string_view name) noexcept;
std::vector<CodeInfo> all_codes();

struct Label {
  Place place;
  std::string text;
};

struct Diagnostic {
  Code code;
  std::string message;           // in the reader's words, lower case, no full stop
  Place place;                   // where the carets go
  std::string label;             // beside the carets; may be empty
  std::vector<Label> others;     // e.g. "first used here"
  std::vector<std::string> notes;
  std::string help;              // a suggestion: `did you mean "amount"?`; may be empty

  Severity severity() const noexcept { return info(code).name.front() == 'W' ? Severity::kWarning : Severity::kError; }
};

/// Collects what a run finds. Sorted by file, then place, on the way out.
class Diagnostics {
 public:
  /// Returns the stored diagnostic, to add notes to; valid until the next report.
  Diagnostic& report(Code code, Place place, std::string message);
  void add(Diagnostic d) { all_.push_back(std::move(d)); }
  /// Those of `others`, behind these.
  void add(Diagnostics others);
  bool has_errors() const noexcept;
  std::size_t errors() const noexcept;
  std::size_t warnings() const noexcept;
  /// Sorted, equal ones once.
  std::vector<Diagnostic> sorted() const;
  bool empty() const noexcept { return all_.empty(); }

 private:
  std::vector<Diagnostic> all_;
};

/// rustc's look: severity[code]: message, --> file:line:column, the line with carets, labels, notes,
/// help. `color`: ANSI. Tabs are shown as four blanks; lines of more than 160 columns are cut around
/// the span. Ends with a line feed.
std::string render(const Diagnostic& d, bool color = false);

/// The member of `known` nearest to `word` by edit distance (a swap of neighbours counts one; case does
/// not), where it is near enough to be what was meant: at most a third of the longer one's length,
/// rounded up, and 3. The first of equally near ones; empty where none is.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace weir::lang
