// File and descriptor sources as a driver sees them.

#include <fcntl.h>

#include <thread>

#include "gzip.hpp"
#include "live/descriptor.hpp"
#include "live_support.hpp"
#include "weir/connectors/live/file.hpp"

namespace weir::connectors {
namespace {

namespace fs = std::filesystem;
using test::append;
using test::gzip;
using test::milliseconds;
using test::next;
using test::polls_to;
using test::records_of;
using test::Strings;
using test::TempFolder;
using test::write_file;

struct Made {
  explicit Made(FileSourceOptions options, const StartOffsets& start = {}) {
    source = make_file_source(std::move(options), start, told, error);
  }
  test::Told told;
  std::string error;
  std::unique_ptr<Source> source;
};

FileSourceOptions following(std::string path, bool notify = true) {
  FileSourceOptions options;
  options.path = std::move(path);
  options.follow = true;
  options.rotate_wait = milliseconds{0};
  options.notify = notify;
  return options;
}

TEST_CASE(
    "file source: opened, records, drained once, and records again, with inotify or without") {
  for (const bool notify : {true, false}) {
    const TempFolder folder;
    const std::string path = folder / "log";
    Made made(following(path, notify));
    Source& source = *made.source;
    CHECK(next(source) == "opened 0");
    CHECK(next(source) == "drained 0");
    CHECK(next(source) == "nothing");
    append(path, "a\nb\n");
    CHECK(records_of(source, 2) == Strings{"0:a", "0:b"});
    CHECK(polls_to(source, "drained 0"));
    CHECK(next(source) == "nothing");
    std::thread writer([&] { append(path, "c\n"); });
    CHECK(records_of(source, 1) == Strings{"0:c"});
    writer.join();
    fs::rename(path, folder / "away");
    append(folder / "away", "d\n");
    CHECK(records_of(source, 1) == Strings{"0:d"});
    append(path, "e\n");
    CHECK(records_of(source, 1) == Strings{"0:e"});
  }
}

TEST_CASE("file source: a glob's files are partitions, closed when they go") {
  const TempFolder folder;
  append(folder / "b.log", "b1\n");
  append(folder / "a.log", "a1\n");
  append(folder / "c.txt", "c1\n");
  Made made(following(folder / "*.log"));
  Source& source = *made.source;
  Strings both = records_of(source, 2);
  std::sort(both.begin(), both.end());
  CHECK(both == Strings{"0:a1", "1:b1"});
  append(folder / "0.log", "later\n");
  CHECK(polls_to(source, "opened 2"));
  CHECK(records_of(source, 1) == Strings{"2:later"});
  append(folder / "b.log", "torn");
  fs::remove(folder / "b.log");
  CHECK(records_of(source, 1) == Strings{"1:torn"});
  CHECK(polls_to(source, "closed 1"));
  append(folder / "b.log", "again\n");
  CHECK(polls_to(source, "opened 1"));
  CHECK(records_of(source, 1) == Strings{"1:again"});
}

TEST_CASE("file source: a paused partition holds back no other, and goes on where it was") {
  const TempFolder folder;
  append(folder / "a", "a1\n");
  append(folder / "b", "b1\n");
  Made made(following(folder / "?"));
  Source& source = *made.source;
  source.pause(0, true);
  CHECK(records_of(source, 1) == Strings{"1:b1"});
  CHECK(polls_to(source, "drained 1"));
  append(folder / "a", "a2\n");
  append(folder / "b", "b2\n");
  CHECK(records_of(source, 1) == Strings{"1:b2"});
  source.pause(0, false);
  CHECK(records_of(source, 2) == Strings{"0:a1", "0:a2"});
}

TEST_CASE("file source: wake() ends a poll") {
  const TempFolder folder;
  Made made(following(folder / "log"));
  next(*made.source);
  next(*made.source);
  std::thread waker([&] { made.source->wake(); });
  Polled polled;
  made.source->poll(polled, milliseconds{1000} * 3600);
  CHECK(polled.kind == Polled::Kind::kNothing);
  waker.join();
}

TEST_CASE("file source: blocks are bounded, and their offsets lead on") {
  const TempFolder folder;
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i) + "\n";
  text += std::string(1'000'000, 'x') + "\nend\n";
  write_file(folder / "log", text);
  for (const bool follow : {true, false}) {
    FileSourceOptions options = following(folder / "log");
    options.follow = follow;
    std::uint64_t offset = 0;
    std::size_t records = 0;
    while (offset < text.size()) {
      // Begun anew after each block.
      Made made(options, {{0, offset}});
      REQUIRE(made.source != nullptr);
      Polled polled;
      made.source->poll(polled, milliseconds{0});
      REQUIRE(polled.kind == Polled::Kind::kOpened);
      CHECK(polled.next_offset == offset);
      made.source->poll(polled, milliseconds{0});
      REQUIRE(polled.kind == Polled::Kind::kRecords);
      CHECK(polled.block.records.front().offset == offset);
      CHECK(polled.block.records.size() <= kMaxPolledRecords);
      records += polled.block.records.size();
      offset = polled.next_offset;
    }
    CHECK(records == 20'002);
  }
}

TEST_CASE("file source: without follow files are unwrapped, read to their ends, and closed") {
  const TempFolder folder;
  write_file(folder / "a", "1\n2");
  write_file(folder / "b", gzip("3\n4\n"));
  FileSourceOptions options;
  options.path = folder / "*";
  Made made(options, {{1, 2}});
  REQUIRE(made.source != nullptr);
  Strings said;
  while (said.empty() || said.back() != "end") said.push_back(next(*made.source));
  std::sort(said.begin(), said.end());
  CHECK(said ==
        Strings{"0: 1", "0: 2", "1: 4", "closed 0", "closed 1", "end", "opened 0", "opened 1"});
  // A paused one waits.
  Made paused(options);
  paused.source->pause(0, true);
  CHECK(records_of(*paused.source, 2) == Strings{"1:3", "1:4"});
  CHECK(polls_to(*paused.source, "closed 1"));
  CHECK(next(*paused.source) == "nothing");
  paused.source->pause(0, false);
  CHECK(records_of(*paused.source, 9) == Strings{"0:1", "0:2"});
}

TEST_CASE("file source: what cannot be read once is an error, and a broken archive a notice") {
  const TempFolder folder;
  FileSourceOptions options;
  for (const char* name : {"none", "no*", "."}) {
    options.path = folder / name;
    Made made(options);
    CHECK(made.source == nullptr);
    CHECK(made.error.find(folder.path()) == 0);
  }
  options.path = "/dev/full";
  CHECK(Made(options).source == nullptr);
  const std::string whole = gzip("1\n" + std::string(1000, 'x') + "\n");
  write_file(folder / "z", whole.substr(0, whole.size() - 9));
  options.path = folder / "z";
  Made broken(options);
  CHECK(polls_to(*broken.source, "closed 0"));
  CHECK(broken.told.count("file_unreadable") == 1);
}

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    read_end = Descriptor(ends[0]);
    write_end = Descriptor(ends[1]);
  }
  void write(std::string_view text) const {
    REQUIRE(::write(write_end.get(), text.data(), text.size()) ==
            static_cast<ssize_t>(text.size()));
  }
  Descriptor read_end;
  Descriptor write_end;
};

TEST_CASE("descriptor source: torn lines, the end, and the last record") {
  Pipe pipe;
  test::Told told;
  const auto source = make_descriptor_source(pipe.read_end.get(), RecordFraming::kLines, ',', told);
  CHECK(next(*source) == "opened 0");
  CHECK(next(*source) == "drained 0");
  CHECK(next(*source) == "nothing");
  pipe.write("a\nb");
  CHECK(next(*source) == "0: a");
  CHECK(next(*source) == "drained 0");
  pipe.write("c");
  CHECK(next(*source) == "nothing");
  pipe.write("\nlast");
  CHECK(next(*source) == "0: bc");
  source->pause(0, true);
  pipe.write(" of all");
  pipe.write_end.reset();
  CHECK(next(*source) == "nothing");
  source->pause(0, false);
  CHECK(next(*source) == "0: last of all");
  CHECK(next(*source) == "closed 0");
  CHECK(next(*source) == "end");
  CHECK(next(*source) == "end");
}

TEST_CASE("descriptor source: wake() ends a poll, and a read that fails is told") {
  const Pipe pipe;
  test::Told told;
  const auto source = make_descriptor_source(pipe.read_end.get(), RecordFraming::kLines, ',', told);
  next(*source);
  next(*source);
  std::thread waker([&] { source->wake(); });
  CHECK(next(*source, milliseconds{1000} * 3600) == "nothing");
  waker.join();

  const TempFolder folder;
  const Descriptor of_folder(::open(folder.path().c_str(), O_RDONLY | O_CLOEXEC));
  const auto broken = make_descriptor_source(of_folder.get(), RecordFraming::kLines, ',', told);
  CHECK(polls_to(*broken, "closed 0"));
  CHECK(told.count("input_unreadable") == 1);
}

}  // namespace
}  // namespace weir::connectors
