#include "golden.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace weir::golden {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void show(char sign, const std::vector<std::string_view>& lines, std::size_t from) {
  constexpr std::size_t kShown = 12;
  for (std::size_t i = from; i < std::min(lines.size(), from + kShown); ++i) {
    std::printf("  %c %.*s\n", sign, static_cast<int>(lines[i].size()), lines[i].data());
  }
}

}  // namespace

void Report::compare(std::string_view name, std::string_view expected, std::string_view actual) {
  if (expected == actual) return pass();
  fail(name, "differs");
  const auto was = lines_of(expected);
  const auto is = lines_of(actual);
  const auto [a, b] = std::mismatch(was.begin(), was.end(), is.begin(), is.end());
  const auto from = static_cast<std::size_t>(a - was.begin());
  std::printf("  from line %zu:\n", from + 1);
  show('-', was, from);
  show('+', is, from);
}

void Report::fail(std::string_view name, std::string_view why) {
  ++failed_;
  std::printf("FAIL %.*s: %.*s\n", static_cast<int>(name.size()), name.data(),
              static_cast<int>(why.size()), why.data());
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
}

void compare_file(Report& report, const std::filesystem::path& expected, std::string_view actual) {
  if (report.update()) write_text(expected, actual);
  report.compare(expected.filename().string(), read_text(expected), actual);
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                            std::string_view extension) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string expand(std::string_view text) {
  constexpr std::string_view kOpen = "@repeat(";
  constexpr std::string_view kClose = ")@";
  std::string out;
  for (;;) {
    const std::size_t open = text.find(kOpen);
    const std::size_t close = open == text.npos ? text.npos : text.find(kClose, open);
    if (close == text.npos) return out.append(text);
    const std::string call(text.substr(open + kOpen.size(), close - open - kOpen.size()));
    const std::size_t comma = call.find(", ");
    out.append(text.substr(0, open));
    const std::string piece = comma == call.npos ? std::string() : call.substr(comma + 2);
    for (unsigned long n = std::strtoul(call.c_str(), nullptr, 10); n > 0; --n) out += piece;
    text.remove_prefix(close + kClose.size());
  }
}

}  // namespace weir::golden
