// Any bytes as an expression: no crash, errors or a result and never both, and what is printed of
// the result is read as the same expression again.
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
  const ExprText parsed = parse_expression(make_snippet("<fuzz>", text), diagnostics);
  if ((parsed.root != nullptr) == diagnostics.has_errors()) std::abort();
  for (const Diagnostic& d : diagnostics.sorted()) {
    if (d.place.span.end < d.place.span.begin || d.place.span.end > size) std::abort();
    if (render(d).empty()) std::abort();
  }
  if (!parsed.root) return 0;
  const std::string printed = print_expression(*parsed.root);
  Diagnostics none;
  const ExprText again = parse_expression(make_snippet("<printed>", printed), none);
  if (!again.root || !same(*again.root, *parsed.root)) std::abort();
  if (print_expression(*again.root) != printed) std::abort();
  const std::string wrapped = print_expression(*parsed.root, 12);
  const ExprText lines = parse_expression(make_snippet("<wrapped>", wrapped), none);
  if (!lines.root || !same(*lines.root, *parsed.root)) std::abort();
  return 0;
}
