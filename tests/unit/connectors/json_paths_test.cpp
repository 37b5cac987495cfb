// simdjson and the slow reader give the same of every record: of damaged ones, too.

#include "codec/json_paths.hpp"

#include <cstring>

#include "support.hpp"

namespace weir::connectors {
namespace {

/// What both readers are asked for, so that every branch of theirs is met.
const std::vector<std::string> kPaths = {"a", "b.c", "b.d.e", "b", "x.y", "list", "s"};

std::string show(JsonPaths& paths, const std::string& record, bool slowly) {
  ValueArena arena;
  std::string detail;
  std::string padded = record + std::string(kRecordPadding, ' ');
  const std::string_view view(padded.data(), record.size());
  const RejectReason fault =
      slowly ? paths.read_slowly(view, arena, detail) : paths.read(view, arena, detail);
  std::string out(to_string(fault));
  if (fault != RejectReason::kNone) return out;
  for (std::size_t i = 0; i < kPaths.size(); ++i) {
    const JsonFound found = paths.found().at(i);
    out += ' ' + kPaths[i] + '=' + std::string(to_string(found.fault)) + ':';
    out += std::to_string(static_cast<int>(found.route)) + ':';
    append_json(out, found.value);
  }
  return out;
}

struct Random {
  std::uint64_t state = 1;
  std::uint64_t operator()(std::uint64_t below) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33U) % below;
  }
};

TEST_CASE("both readers of JSON agree on every damaged record") {
  const std::string seeds[] = {
      R"({"a":1,"b":{"c":"x\u00e9\n","d":{"e":[1,2.5,null,true]}},"x.y":-0.5e3,"list":[[],{}],"s":"\ud83d\ude00"})",
      R"({ "a" : 1e400 , "b" : [ {"c":1} ] , "a" : 2, "x":{"y":false}, "x.y":9223372036854775807 })",
      R"({"b":{"c":18446744073709551616,"c":1},"s":"\\\"","list":[18446744073709551615,-1]})",
      "{\"s\":\"\xc3\xa9\xf0\x9f\x98\x80\",\"a\":null,\"b\":{}}",
  };
  const std::string_view pieces = "{}[]\",:\\u0019-+.eEtfn \x01\x80\xc3\xff\n\tax";
  JsonPaths paths(kPaths);
  Random random;
  std::size_t fine = 0;
  for (int round = 0; round < 40'000; ++round) {
    std::string record = seeds[random(std::size(seeds))];
    const std::uint64_t changes = random(4);
    for (std::uint64_t i = 0; i < changes && !record.empty(); ++i) {
      const std::size_t at = random(record.size());
      const char piece = pieces[random(pieces.size())];
      switch (random(4)) {
        case 0:
          record[at] = piece;
          break;
        case 1:
          record.insert(at, 1, piece);
          break;
        case 2:
          record.erase(at, 1 + random(3));
          break;
        default:
          record.resize(at);
      }
    }
    const std::string fast = show(paths, record, false);
    const std::string slow = show(paths, record, true);
    if (fast != slow) {
      CAPTURE(record);
      CHECK(fast == slow);
    }
    fine += fast.starts_with(' ') ? 1 : 0;
  }
  // The round would prove little if nearly all were valid, or nearly none.
  CHECK(fine > 5'000);
  CHECK(fine < 35'000);
}

}  // namespace
}  // namespace weir::connectors
