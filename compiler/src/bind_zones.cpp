#include "bind_zones.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace weir::compiler {

std::vector<std::string> zone_names() {
  const char* folder = std::getenv("TZDIR");
  std::ifstream file(std::string(folder != nullptr ? folder : "/usr/share/zoneinfo") +
                     "/tzdata.zi");
  std::vector<std::string> names;
  std::string line;
  // The compact source of the database: "Z name ..." defines a zone, "L zone name" names it anew.
  while (std::getline(file, line)) {
    if (line.size() < 2 || line[1] != ' ' || (line[0] != 'Z' && line[0] != 'L')) continue;
    std::size_t begin = 2;
    if (line[0] == 'L') begin = line.find(' ', 2) + 1;
    if (begin == 0) continue;
    names.push_back(line.substr(begin, line.find(' ', begin) - begin));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace weir::compiler
