#include <cctype>
#include <iterator>

#include "weir/pattern-lang/diagnostic.hpp"

namespace weir::lang {
namespace {

constexpr CodeInfo kCodes[] = {
#define WEIR_CODE(code, title, text) {Code::code, #code, title, text},
#include "weir/pattern-lang/codes.def"
#undef WEIR_CODE
};

}  // namespace

const CodeInfo& info(Code code) noexcept {
  // codes.def lists the enumerators in the order of their values.
  return kCodes[static_cast<std::size_t>(code)];
}

std::optional<Code> find_code(std::string_view name) noexcept {
  for (const CodeInfo& entry : kCodes) {
    if (entry.name.size() != name.size()) continue;
    bool equal = true;
    for (std::size_t i = 0; i < name.size() && equal; ++i) {
      equal = std::toupper(static_cast<unsigned char>(name[i])) == entry.name[i];
    }
    if (equal) return entry.code;
  }
  return std::nullopt;
}

std::vector<CodeInfo> all_codes() {
  return {std::begin(kCodes), std::end(kCodes)};
}

}  // namespace weir::lang
