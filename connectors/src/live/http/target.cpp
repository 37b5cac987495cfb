#include "live/http/target.hpp"

#include <charconv>

namespace weir::connectors {
namespace {

bool decode(std::string_view text, bool plus_is_space, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (text.size() - i < 3) return false;
      const char* const digits = text.data() + i + 1;
      unsigned char byte = 0;
      if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return false;
      out += static_cast<char>(byte);
      i += 2;
    }
  }
  return true;
}

}  // namespace

bool split_target(std::string_view target, std::string& path,
                  std::vector<std::pair<std::string, std::string>>& query) {
  query.clear();
  if (!target.starts_with('/')) return false;
  const std::size_t mark = target.find('?');
  if (!decode(target.substr(0, mark), false, path)) return false;
  if (path.find('\0') != path.npos) return false;
  if (mark == target.npos) return true;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto& [name, value] = query.emplace_back();
    if (!decode(pair.substr(0, equals), true, name)) return false;
    if (equals != pair.npos && !decode(pair.substr(equals + 1), true, value)) return false;
  }
  return true;
}

}  // namespace weir::connectors
