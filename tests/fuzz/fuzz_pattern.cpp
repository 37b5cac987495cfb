// Any bytes as a pattern: no crash, errors or a result and never both, and what is printed of the
// result is read as the same pattern again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "weir/pattern-lang/parse.hpp"
#include "weir/pattern-lang/print.hpp"

using namespace weir::lang;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  Diagnostics diagnostics;
  const auto pattern = parse_pattern(make_snippet("<fuzz>", text), diagnostics);
  if (pattern.has_value() == diagnostics.has_errors()) std::abort();
  for (const Diagnostic& d : diagnostics.sorted()) {
    if (d.place.span.end < d.place.span.begin || d.place.span.end > size) std::abort();
    if (render(d).empty()) std::abort();
  }
  if (!pattern) return 0;
  for (const std::size_t width : {1U, 88U}) {
    const std::string printed = print_pattern(*pattern, width);
    Diagnostics none;
    const auto again = parse_pattern(make_snippet("<printed>", printed), none);
    if (!again || !same(*again, *pattern) || print_pattern(*again, width) != printed) std::abort();
    if (dump(*again, false) != dump(*pattern, false)) std::abort();
  }
  return 0;
}
