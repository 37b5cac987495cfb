// The format of a log by its first lines.

#include <algorithm>
#include <string>
#include <vector>

#include "codec/csv_row.hpp"
#include "codec/line_base.hpp"
#include "weir/connectors/codec.hpp"

namespace weir::connectors {
namespace {

/// Lines looked at; some may be damaged, so that most of them decide.
constexpr std::size_t kLinesLookedAt = 20;

std::vector<std::string_view> first_lines(std::string_view bytes) {
  std::vector<std::string_view> lines;
  while (!bytes.empty() && lines.size() < kLinesLookedAt) {
    const std::size_t end = bytes.find('\n');
    // The last line may be cut off where the bytes end; without another one it has to do.
    if (end == bytes.npos && !lines.empty()) break;
    std::string_view line = bytes.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") != line.npos) lines.push_back(line);
    if (end == bytes.npos) break;
    bytes.remove_prefix(end + 1);
  }
  return lines;
}

bool most_lines_read(const std::vector<std::string_view>& lines, const LineBase& base) {
  std::size_t read = 0;
  ValueArena arena;
  std::vector<Value> values;
  for (const std::string_view line : lines) {
    LineTime time;
    values.assign(base.names().size(), Value{});
    if (base.read(line, values, time, arena) != RejectReason::kNone) continue;
    // Any text behind an ISO 8601 time would do for syslog: there it takes a program as well.
    const bool vague = time.kind == LineTime::Kind::kIso8601 && values[1].is_null();
    read += vague ? 0 : 1;
  }
  return 2 * read > lines.size();
}

/// A header: names and nothing else, at least two, and rows of the same length.
bool looks_like_csv(const std::vector<std::string_view>& lines) {
  ValueArena arena;
  std::vector<std::string_view> cells;
  if (split_csv_row(lines.front(), ',', arena, cells) != RejectReason::kNone || cells.size() < 2) {
    return false;
  }
  const auto is_name = [](std::string_view cell) {
    return !cell.empty() && cell.size() < 100 && (cell.front() < '0' || cell.front() > '9') &&
           cell.find_first_of("={}<>()[]\"'") == cell.npos;
  };
  if (!std::all_of(cells.begin(), cells.end(), is_name)) return false;
  const std::size_t columns = cells.size();
  if (lines.size() == 1) return true;
  const bool fine = split_csv_row(lines[1], ',', arena, cells) == RejectReason::kNone;
  return !fine || cells.size() == columns;  // a quoted cell may go on in the next line
}

bool has_suffix(std::string_view path, std::initializer_list<std::string_view> suffixes) {
  for (const std::string_view packed : {".gz", ".zst", ".zstd"}) {
    if (path.ends_with(packed)) path.remove_suffix(packed.size());
  }
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [&](std::string_view suffix) { return path.ends_with(suffix); });
}

}  // namespace

LogFormat detect_format(std::string_view first_bytes, std::string_view path) {
  const std::vector<std::string_view> lines = first_lines(first_bytes);
  if (has_suffix(path, {".ndjson", ".jsonl", ".json"})) return LogFormat::kNdjson;
  if (lines.empty()) return has_suffix(path, {".csv"}) ? LogFormat::kCsv : LogFormat::kText;
  const auto objects =
      static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [](std::string_view line) {
        return line[std::min(line.find_first_not_of(" \t"), line.size() - 1)] == '{';
      }));
  if (2 * objects > lines.size()) return LogFormat::kNdjson;
  if (most_lines_read(lines, *access_log_base())) return LogFormat::kAccessLog;
  if (most_lines_read(lines, *syslog_base())) return LogFormat::kSyslog;
  if (has_suffix(path, {".csv"}) || looks_like_csv(lines)) return LogFormat::kCsv;
  return LogFormat::kText;
}

}  // namespace weir::connectors
