// Any bytes as a rule file: reading and formatting never crash, and formatting changes nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "weir/pattern-lang/fmt_file.hpp"
#include "weir/pattern-lang/rule_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto file = std::make_shared<weir::lang::SourceFile>();
  file->path = "fuzz.yaml";
  file->text.assign(reinterpret_cast<const char*>(data), size);

  weir::lang::Diagnostics diagnostics;
  const auto documents = weir::lang::read_rule_file(file, diagnostics);
  for (const auto& document : documents) weir::lang::dump(document);
  for (const auto& d : diagnostics.sorted()) weir::lang::render(d);

  weir::lang::Diagnostics formatting;
  const auto text = weir::lang::format_rule_file(*file, formatting);
  for (const auto& d : formatting.sorted()) {
    if (d.code == weir::lang::Code::E0299) std::abort();
  }
  if (text) {
    weir::lang::Diagnostics again;
    const auto twice = weir::lang::format_rule_file({file->path, *text}, again);
    if (!twice || *twice != *text) std::abort();
  }
  return 0;
}
