#include "codec/line_matcher.hpp"

#include <algorithm>

#include "codec/cell.hpp"

namespace weir::connectors {

std::unique_ptr<LineMatcher> LineMatcher::make(const std::vector<FormatLine>& lines,
                                               const TimeOptions& time, std::string& error) {
  TimeOptions options;  // a group's time is of any format, in the source's zone
  options.zone = time.zone;
  std::unique_ptr<LineMatcher> made(new LineMatcher(options));
  for (const FormatLine& from : lines) {
    Line line;
    line.type = from.type;
    line.expression = Expression::compile(from.match, error);
    if (line.expression == nullptr) {
      error = "the expression of type " + from.type + ": " + error;
      return nullptr;
    }
    for (const auto& [name, number] : line.expression->groups()) {
      line.groups.push_back({number, made->name_index(name), ValueType::kString});
    }
    for (const auto& [name, type] : from.types) {
      const std::string& wanted = name;
      const auto group = std::find_if(
          line.groups.begin(), line.groups.end(),
          [&](const Group& candidate) { return made->names_[candidate.name] == wanted; });
      if (group == line.groups.end()) {
        error = "the expression of type " + from.type + " has no group " + name;
        return nullptr;
      }
      group->type = type;
    }
    made->lines_.push_back(std::move(line));
  }
  return made;
}

std::uint32_t LineMatcher::name_index(const std::string& name) {
  const auto it = std::find(names_.begin(), names_.end(), name);
  const auto index = static_cast<std::uint32_t>(it - names_.begin());
  if (it == names_.end()) names_.push_back(name);
  return index;
}

std::string_view LineMatcher::match(std::string_view text, std::vector<Capture>& captures) const {
  captures.clear();
  FoundGroups found;
  for (const Line& line : lines_) {
    if (!line.expression->find(text, found)) continue;
    for (const Group& group : line.groups) {
      const std::string_view piece = found[static_cast<std::size_t>(group.number)];
      if (piece.data() == nullptr) continue;
      const auto value = read_typed(piece, group.type, time_);
      if (value) captures.push_back({group.name, *value});
    }
    return line.type;
  }
  return kUnparsedType;
}

}  // namespace weir::connectors
