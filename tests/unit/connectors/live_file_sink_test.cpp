// File and descriptor sinks: whole lines, once each, whatever happens.

#include <fcntl.h>
#include <sys/resource.h>

#include <thread>

#include "live/descriptor.hpp"
#include "live/file/rotated_names.hpp"
#include "live_support.hpp"
#include "weir/connectors/live/file.hpp"

namespace weir::connectors {
namespace {

namespace fs = std::filesystem;
using test::append;
using test::out_records;
using test::read_file;
using test::Strings;
using test::TempFolder;
using test::write_file;
using State = SendResult::State;
using Fsync = FileSinkOptions::Fsync;

struct Made {
  explicit Made(FileSinkOptions options) { sink = make_file_sink(std::move(options), told, error); }
  SendResult send(const Strings& texts) { return sink->send(out_records(texts)); }
  test::Told told;
  std::string error;
  std::unique_ptr<Sink> sink;
};

FileSinkOptions at(std::string path) {
  FileSinkOptions options;
  options.path = std::move(path);
  return options;
}

/// Files cannot grow beyond `bytes` while it lives: writes are short, then fail (EFBIG).
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_CASE("file sink: appends lines, and ends a torn one that it finds") {
  const TempFolder folder;
  const std::string path = folder / "out";
  for (const Fsync fsync : {Fsync::kNever, Fsync::kFlush, Fsync::kEvery}) {
    write_file(path, "old\ntorn");
    FileSinkOptions options = at(path);
    options.fsync = fsync;
    Made made(options);
    REQUIRE(made.sink != nullptr);
    const SendResult sent = made.send({"a", "b"});
    CHECK(sent.state == State::kDone);
    CHECK(sent.done == 2);
    const SendResult flushed = made.sink->flush();
    CHECK(flushed.state == State::kDone);
    CHECK(flushed.done == 2);
    CHECK(made.sink->flush().done == 0);
    CHECK(read_file(path) == "old\ntorn\na\nb\n");
  }
}

TEST_CASE("file sink: a disk that is full tears and doubles no line") {
  const TempFolder folder;
  const std::string path = folder / "out";
  for (const Fsync fsync : {Fsync::kNever, Fsync::kEvery}) {
    write_file(path, "old\n");
    FileSinkOptions options = at(path);
    options.fsync = fsync;
    Made made(options);
    Strings left;
    for (int i = 0; i < 100; ++i) left.push_back("line " + std::to_string(i));
    const Strings all = left;
    std::size_t refusals = 0;
    // Each time there is room for a little more, mostly in the middle of a line.
    for (rlim_t limit = 10; !left.empty(); limit += 37) {
      const FileLimit disk(limit);
      const SendResult result = made.send(left);
      left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(result.done));
      CHECK((result.state == State::kDone) == left.empty());
      CHECK(read_file(path).ends_with('\n'));
      if (result.state == State::kTryAgain) {
        ++refusals;
        CHECK(result.problem.find(path) == 0);
      }
    }
    std::string expected = "old\n";
    for (const std::string& line : all) expected += line + "\n";
    CHECK(read_file(path) == expected);
    CHECK(refusals > 10);
  }
}

TEST_CASE("file sink: a torn line that somebody has written behind is ended, not cut") {
  const TempFolder folder;
  const std::string path = folder / "out";
  write_file(path, "");
  Made made(at(path));
  {
    const FileLimit disk(5);
    CHECK(made.send({"abc", "defgh"}).done == 1);
  }
  CHECK(read_file(path) == "abc\n");
  append(path, "theirs\n");
  CHECK(made.send({"defgh"}).state == State::kDone);
  CHECK(read_file(path) == "abc\ntheirs\ndefgh\n");
}

TEST_CASE("file sink: rotates by size, in order, and keeps as many as it was told") {
  const TempFolder folder;
  const std::string path = folder / "out";
  FileSinkOptions options = at(path);
  options.rotate_bytes = 12;
  options.keep = 3;
  Made made(options);
  write_file(path + ".1", "not ours\n");
  const Strings lines = {"aaaa", "bbbb", "cccc", "a line longer than a file",
                         "dddd", "eeee", "ffff", "gggg",
                         "hhhh", "i"};
  CHECK(made.send(lines).done == lines.size());
  Strings contents;
  for (const std::string& file : rotated_files(path)) contents.push_back(read_file(file));
  CHECK(contents == Strings{"a line longer than a file\n", "dddd\neeee\n", "ffff\ngggg\n"});
  CHECK(read_file(path) == "hhhh\ni\n");
  CHECK(read_file(path + ".1") == "not ours\n");
  CHECK(made.told.count("file_sink_rotated") == 5);
}

TEST_CASE("file sink: rotates by time, also what an earlier process has left") {
  const TempFolder folder;
  const std::string path = folder / "out";
  write_file(path, "yesterday\n");
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours{25});
  FileSinkOptions options = at(path);
  options.rotate_every = std::chrono::hours{24};
  Made made(options);
  made.sink->tick();
  REQUIRE(rotated_files(path).size() == 1);
  CHECK(read_file(rotated_files(path).front()) == "yesterday\n");
  CHECK(made.send({"today"}).state == State::kDone);
  made.sink->tick();
  CHECK(read_file(path) == "today\n");
}

TEST_CASE("file sink: names of rotated files rise, also when the clock goes back") {
  const TempFolder folder;
  const std::string path = folder / "out";
  const auto time = std::chrono::system_clock::from_time_t(1'770'000'000);
  CHECK(rotated_name(path, time) == path + ".20260202T024000.000000Z");
  std::string problem;
  for (int i = 0; i < 12; ++i) {
    write_file(path, std::to_string(i));
    REQUIRE(rotate_away(path, time - std::chrono::seconds{i}, problem));
  }
  const Strings files = rotated_files(path);
  REQUIRE(files.size() == 12);
  for (std::size_t i = 0; i < files.size(); ++i) CHECK(read_file(files[i]) == std::to_string(i));
  CHECK(files.back() == path + ".20260202T024000.000011Z");
  CHECK_FALSE(rotate_away(folder / "none", time, problem));
  CHECK(problem.find("none") != problem.npos);
}

TEST_CASE("file sink: a file that was moved away is followed by a new one") {
  const TempFolder folder;
  const std::string path = folder / "out";
  Made made(at(path));
  made.send({"a"});
  fs::rename(path, path + ".old");
  made.sink->tick();
  CHECK(made.send({"b"}).state == State::kDone);
  CHECK(read_file(path + ".old") == "a\n");
  CHECK(read_file(path) == "b\n");
}

TEST_CASE("file sink: a folder that is missing is named, at the start and later") {
  const TempFolder folder;
  Made none(at(folder / "no/out"));
  CHECK(none.sink == nullptr);
  CHECK(none.error == (folder / "no/out") + ": there is no folder " + (folder / "no"));
  CHECK(Made(at(folder.path())).sink == nullptr);

  fs::create_directory(folder / "sub");
  Made made(at(folder / "sub/out"));
  made.send({"a"});
  fs::remove_all(folder / "sub");
  made.sink->tick();
  const SendResult gone = made.send({"b"});
  CHECK(gone.state == State::kTryAgain);
  CHECK(gone.problem.find("there is no folder") != gone.problem.npos);
  fs::create_directory(folder / "sub");
  CHECK(made.send({"b"}).state == State::kDone);
  CHECK(read_file(folder / "sub/out") == "b\n");
}

TEST_CASE("file sink: a device that is full is tried again") {
  Made made(at("/dev/full"));
  REQUIRE(made.sink != nullptr);
  const SendResult result = made.send({"a"});
  CHECK(result.state == State::kTryAgain);
  CHECK(result.done == 0);
  CHECK(result.problem == "/dev/full: No space left on device");
}

struct Pipe {
  Pipe() {
    std::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    read_end = Descriptor(ends[0]);
    write_end = Descriptor(ends[1]);
  }
  std::string read(std::size_t bytes) const {
    std::string text(bytes, '\0');
    std::size_t have = 0;
    while (have < bytes) {
      const ssize_t n = ::read(read_end.get(), text.data() + have, bytes - have);
      if (n <= 0) break;
      have += static_cast<std::size_t>(n);
    }
    text.resize(have);
    return text;
  }
  Descriptor read_end;
  Descriptor write_end;
};

TEST_CASE("descriptor sink: a pipe that is full is waited for, and no line is torn or doubled") {
  Pipe pipe;
  const int capacity = ::fcntl(pipe.write_end.get(), F_SETPIPE_SZ, 4096);
  REQUIRE(capacity > 0);
  const auto sink = make_descriptor_sink(pipe.write_end.get());
  Strings left;
  std::string expected;
  for (int i = 0; i < 10; ++i) {
    left.push_back(std::string(1000, static_cast<char>('a' + i)));
    expected += left.back() + "\n";
  }
  // Nobody reads: so much fits, and a part of a line.
  const SendResult first = sink->send(out_records(left));
  CHECK(first.state == State::kTryAgain);
  CHECK(first.done < 10);
  left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(first.done));
  std::string text;
  std::thread reader([&] { text = pipe.read(expected.size()); });
  while (!left.empty()) {
    const SendResult result = sink->send(out_records(left));
    left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(result.done));
  }
  reader.join();
  CHECK(text == expected);
  CHECK(sink->flush().done == 10);
}

TEST_CASE("descriptor sink: a pipe whose reader has gone is closed for good") {
  Pipe pipe;
  const auto sink = make_descriptor_sink(pipe.write_end.get());
  const Strings lines = {"a"};
  CHECK(sink->send(out_records(lines)).state == State::kDone);
  pipe.read_end.reset();
  CHECK(sink->send(out_records(lines)).state == State::kClosed);
}

}  // namespace
}  // namespace weir::connectors
