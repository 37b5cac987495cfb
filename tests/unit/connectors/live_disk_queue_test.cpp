// The queue on disk: order, bounds, and what a crash leaves.

#include <sys/resource.h>

#include "live/outbox/disk_queue.hpp"
#include "live_support.hpp"

namespace weir::connectors {
namespace {

namespace fs = std::filesystem;
using test::Strings;
using test::TempFolder;

RecordPack pack_of(const Strings& texts) {
  RecordPack pack;
  for (const std::string& text : texts) pack.add({text, "key of " + text, "id"});
  return pack;
}

struct Opened {
  explicit Opened(const std::string& folder, std::uint64_t max_bytes = std::uint64_t{1} << 20)
      : queue(DiskQueue::open(folder, max_bytes, "alerts", told, error)) {
    REQUIRE_MESSAGE(queue != nullptr, error);
  }
  void put(const Strings& texts) {
    CHECK(queue->put(pack_of(texts), error) == DiskQueue::Put::kDone);
  }
  Strings take(std::size_t bytes = 1) {
    Strings texts;
    RecordPack pack;
    if (!queue->take(pack, bytes)) return texts;
    for (const OutRecord& record : pack.all()) {
      CHECK(record.key == "key of " + std::string(record.text));
      CHECK(record.id == "id");
      texts.emplace_back(record.text);
    }
    return texts;
  }
  Strings take_all() {
    Strings all;
    for (Strings some = take(); !some.empty(); some = take()) {
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
  test::Told told;
  std::string error;
  std::unique_ptr<DiskQueue> queue;
};

std::string last_segment(const std::string& folder) {
  std::string last;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".queue") last = std::max(last, entry.path().string());
  }
  return last;
}

TEST_CASE("disk queue: first in, first out, over restarts, released once") {
  const TempFolder folder;
  const std::string path = folder / "q";
  {
    Opened opened(path);
    opened.put({"a", "b", "c"});
    opened.put({"d"});
    CHECK(opened.take() == Strings{"a"});
    CHECK(opened.take(1000) == Strings{"b", "c", "d"});
    CHECK(opened.queue->all_taken());
    opened.queue->release(2);
    CHECK(opened.queue->records() == 2);
    opened.queue->rewind();
    CHECK(opened.take() == Strings{"c"});
  }
  {
    Opened opened(path);
    CHECK(opened.queue->records() == 2);
    opened.put({"e"});
    CHECK(opened.take_all() == Strings{"c", "d", "e"});
    opened.queue->release(3);
    CHECK(opened.queue->bytes() == 0);
    CHECK(last_segment(path).empty());
    opened.put({"f"});
  }
  Opened opened(path);
  CHECK(opened.take_all() == Strings{"f"});
  CHECK(opened.told.texts().empty());
}

TEST_CASE("disk queue: many segments, which are deleted as they are released") {
  const TempFolder folder;
  Opened opened(folder / "q");
  Strings expected;
  std::size_t released = 0;
  for (int round = 0; round < 40; ++round) {
    Strings some;
    for (int i = 0; i < 20; ++i)
      some.push_back(std::to_string(round * 20 + i) + std::string(500, 'x'));
    expected.insert(expected.end(), some.begin(), some.end());
    opened.put(some);
    if (round % 2 == 0) continue;
    const Strings taken = opened.take(10'000);
    CHECK(Strings(expected.begin() + static_cast<std::ptrdiff_t>(released),
                  expected.begin() + static_cast<std::ptrdiff_t>(released + taken.size())) ==
          taken);
    opened.queue->release(taken.size());
    released += taken.size();
  }
  const Strings rest(expected.begin() + static_cast<std::ptrdiff_t>(released), expected.end());
  CHECK((opened.take_all() == rest));
  opened.queue->rewind();
  opened.queue->release(0);
  CHECK((opened.take_all() == rest));
  opened.queue->release(rest.size());
  CHECK(opened.queue->records() == 0);
  CHECK(last_segment(folder / "q").empty());
}

TEST_CASE("disk queue: it is bounded, and takes all of a pack or nothing") {
  const TempFolder folder;
  Opened opened(folder / "q", 1000);
  std::string problem;
  std::size_t count = 0;
  while (opened.queue->put(pack_of({std::to_string(count), "x"}), problem) ==
         DiskQueue::Put::kDone) {
    ++count;
  }
  CHECK(opened.queue->put(pack_of({"x"}), problem) == DiskQueue::Put::kDone);
  CHECK(opened.queue->records() == 2 * count + 1);
  CHECK(opened.queue->bytes() <= 1000);
}

TEST_CASE("disk queue: what a crash tears off costs the torn record only") {
  const TempFolder folder;
  const std::string path = folder / "q";
  const Strings all = {"first", "second", "third"};
  { Opened(path).put(all); }
  const std::string segment = last_segment(path);
  const auto whole = fs::file_size(segment);
  const std::string stored = test::read_file(segment);
  std::size_t most = 0;
  for (std::uintmax_t keep = 0; keep <= whole; ++keep) {
    const std::string torn = folder / std::to_string(keep);
    fs::create_directory(torn);
    test::write_file(torn + "/" + fs::path(segment).filename().string(), stored.substr(0, keep));
    Opened opened(torn);
    const std::size_t left = opened.queue->records();
    CHECK(left >= most);
    most = left;
    CHECK((opened.told.count("disk_queue_damaged") == 0) ==
          (keep == 0 || opened.queue->bytes() == keep));
    // It goes on behind what is left.
    opened.put({"new"});
    Strings expected(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(left));
    expected.emplace_back("new");
    CHECK(opened.take_all() == expected);
  }
  CHECK(most == all.size());
}

TEST_CASE("disk queue: a flipped bit ends a segment, not the queue, and is told") {
  const TempFolder folder;
  const std::string path = folder / "q";
  { Opened(path).put({"a", "b", "c"}); }
  const std::string segment = last_segment(path);
  { Opened(path).put({"d"}); }
  std::string stored = test::read_file(segment);
  const std::size_t at = stored.rfind("key of b");
  stored[at] = static_cast<char>(stored[at] ^ 1);
  test::write_file(segment, stored);
  Opened opened(path);
  CHECK(opened.told.count("disk_queue_damaged") == 1);
  CHECK(opened.take_all() == Strings{"a", "d"});
  // While it is in use.
  opened.queue->rewind();
  test::write_file(segment, "");
  CHECK(opened.take_all() == Strings{"d"});
  CHECK(opened.told.count("disk_queue_damaged") == 2);
  CHECK(opened.queue->records() == 1);
  opened.queue->release(1);
  CHECK(opened.queue->records() == 0);
}

TEST_CASE("disk queue: a torn or foreign head means the oldest record") {
  const TempFolder folder;
  const std::string path = folder / "q";
  {
    Opened opened(path);
    opened.put({"a", "b"});
    opened.take();
    opened.queue->release(1);
  }
  for (const std::string& head : {std::string("rubbish"), std::string(), std::string(100, 'x')}) {
    test::write_file(path + "/head", head);
    Opened opened(path);
    CHECK(opened.take_all() == Strings{"a", "b"});
  }
}

TEST_CASE("disk queue: a disk that is full takes nothing, and later all") {
  const TempFolder folder;
  Opened opened(folder / "q");
  opened.put({"a"});
  std::string problem;
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit tiny{60, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tiny);
  const auto result = opened.queue->put(pack_of({"b", "c"}), problem);
  ::setrlimit(RLIMIT_FSIZE, &before);
  CHECK(result == DiskQueue::Put::kFailed);
  CHECK(problem.find("File too large") != problem.npos);
  opened.put({"b", "c"});
  CHECK(opened.take_all() == Strings{"a", "b", "c"});
}

}  // namespace
}  // namespace weir::connectors
