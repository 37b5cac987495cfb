// JSON records: the fast reader and the slow one give the same of every input, and what is shown of
// a record that reads is JSON again.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_paths.hpp"
#include "codec/json_tree.hpp"

namespace weir::connectors {
namespace {

const std::vector<std::string> kPaths = {"a", "b.c", "b.d.e", "b", "x.y", "type", "ts"};

std::string show(JsonPaths& paths, std::string_view record, bool slowly) {
  ValueArena arena;
  std::string detail;
  const RejectReason fault =
      slowly ? paths.read_slowly(record, arena, detail) : paths.read(record, arena, detail);
  std::string out(to_string(fault));
  if (fault != RejectReason::kNone) return out;
  for (std::size_t i = 0; i < kPaths.size(); ++i) {
    out += ' ' + std::string(to_string(paths.found().at(i).fault)) + ':';
    append_json(out, paths.found().at(i).value);
  }
  return out;
}

void run(std::string_view input) {
  static JsonPaths paths(kPaths);
  const std::string padded = std::string(input) + std::string(kRecordPadding, '\0');
  const std::string_view record(padded.data(), input.size());
  const std::string fast = show(paths, record, false);
  if (fast != show(paths, record, true)) std::abort();

  Event event;
  event.type_name = "t";
  event.raw = record;
  std::string shown;
  json_record_format()->append_json(shown, event);
  // One level less deep inside than the record itself: it has the record's members, nothing around.
  JsonTree tree;
  if (tree.parse(shown) != RejectReason::kNone) std::abort();
}

}  // namespace
}  // namespace weir::connectors

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::connectors::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
