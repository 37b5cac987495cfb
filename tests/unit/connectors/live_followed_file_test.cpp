// A path that is followed, with a clock of the test's own.

#include <fcntl.h>
#include <sys/stat.h>

#include "live/file/followed_file.hpp"
#include "live_support.hpp"

namespace weir::connectors {
namespace {

namespace fs = std::filesystem;
using test::append;
using test::milliseconds;
using test::Strings;
using test::TempFolder;
using test::write_file;
using Got = FollowedFile::Got;

constexpr milliseconds kRotateWait{1000};

struct Follower {
  explicit Follower(const std::string& path, RecordFraming framing = RecordFraming::kLines)
      : file(path, framing, ',', kRotateWait, told) {}

  /// All there is for now.
  Strings read() {
    Strings all;
    while ((last = file.read(block, now)) == Got::kRecords) {
      CHECK(block.records.front().offset >= expected_offset);
      expected_offset = file.offset();
      for (std::string& text : test::texts_of(block)) all.push_back(std::move(text));
    }
    return all;
  }

  test::Told told;
  FollowedFile file;
  RecordBlock block;
  std::chrono::steady_clock::time_point now{std::chrono::hours{1}};
  Got last = Got::kNothing;
  std::uint64_t expected_offset = 0;
};

TEST_CASE("follow: a file that appears later grows, and a torn line waits for its rest") {
  const TempFolder folder;
  const std::string path = folder / "log";
  Follower follower(path);
  CHECK(follower.read().empty());
  CHECK(follower.file.gone());
  append(path, "a\nb");
  CHECK(follower.read() == Strings{"a"});
  CHECK_FALSE(follower.file.gone());
  append(path, "c");
  CHECK(follower.read().empty());
  append(path, "d\ne\n");
  CHECK(follower.read() == Strings{"bcd", "e"});
  CHECK(follower.file.offset() == 8);
}

TEST_CASE("follow: rotated by rename, the old file is read to its end, and for a while longer") {
  const TempFolder folder;
  const std::string path = folder / "log";
  append(path, "a\n");
  Follower follower(path);
  CHECK(follower.read() == Strings{"a"});
  append(path, "b\n");
  fs::rename(path, path + ".1");
  append(path + ".1", "c\n");
  CHECK(follower.read() == Strings{"b", "c"});
  // The new file has nothing: whoever writes has not noticed.
  write_file(path, "");
  follower.now += 10 * kRotateWait;
  CHECK(follower.read().empty());
  append(path + ".1", "d\n");
  CHECK(follower.read() == Strings{"d"});
  append(path, "n1\n");
  CHECK(follower.read().empty());
  CHECK(follower.last == Got::kLater);
  CHECK(follower.file.look_again() == follower.now + kRotateWait);
  append(path + ".1", "late\nlater");
  follower.now += kRotateWait - milliseconds{1};
  CHECK(follower.read() == Strings{"late"});
  follower.now += milliseconds{1};
  // Its last line has no end, and none will come.
  CHECK(follower.read() == Strings{"later", "n1"});
  CHECK(follower.file.offset() == 2 + 2 + 2 + 2 + 5 + 5 + 3);
  append(path, "n2\n");
  CHECK(follower.read() == Strings{"n2"});
  CHECK(follower.told.count("file_rotated") == 1);
}

TEST_CASE("follow: copytruncate, and a file that has grown past where we were") {
  const TempFolder folder;
  const std::string path = folder / "log";
  append(path, "first line\nsecond line\n");
  Follower follower(path);
  CHECK(follower.read() == Strings{"first line", "second line"});
  fs::copy_file(path, path + ".1");
  fs::resize_file(path, 0);
  append(path, "x\n");
  CHECK(follower.read() == Strings{"x"});
  CHECK(follower.file.offset() == 25);
  // Cut and longer than before when we look again: its beginning tells.
  write_file(path, "other and much longer\nand more\n");
  CHECK(follower.read() == Strings{"other and much longer", "and more"});
  // Cut to nothing, seen as such, and written anew.
  fs::resize_file(path, 0);
  CHECK(follower.read().empty());
  append(path, "other and much longer\n");
  CHECK(follower.read() == Strings{"other and much longer"});
  CHECK(follower.told.count("file_truncated") == 3);
}

TEST_CASE("follow: a file replaced by a shorter one, and by a symbolic link's change") {
  const TempFolder folder;
  const std::string path = folder / "log";
  write_file(folder / "one", "1\n2\n3\n");
  write_file(folder / "two", "4\n");
  fs::create_symlink(folder / "one", path);
  Follower follower(path);
  CHECK(follower.read() == Strings{"1", "2", "3"});
  fs::create_symlink(folder / "two", folder / "new");
  fs::rename(folder / "new", path);
  append(folder / "one", "late\n");
  CHECK(follower.read() == Strings{"late"});
  follower.now += kRotateWait;
  CHECK(follower.read() == Strings{"4"});
  write_file(folder / "tmp", "5\n");
  fs::rename(folder / "tmp", folder / "two");
  CHECK(follower.read().empty());
  follower.now += kRotateWait;
  CHECK(follower.read() == Strings{"5"});
}

TEST_CASE(
    "follow: a deleted file is read to its end, then let go, and its inode may be used again") {
  const TempFolder folder;
  const std::string path = folder / "log";
  append(path, "a\nb");
  Follower follower(path);
  CHECK(follower.read() == Strings{"a"});
  fs::remove(path);
  CHECK(follower.read().empty());
  CHECK_FALSE(follower.file.gone());
  follower.now += 5 * kRotateWait;
  CHECK(follower.read() == Strings{"b"});
  CHECK(follower.file.gone());
  CHECK(follower.file.descriptor() == -1);
  // Nothing holds the inode any more.
  append(path, "a\nb\nc\n");
  CHECK(follower.read() == Strings{"a", "b", "c"});
  CHECK(follower.file.offset() == 3 + 6);
}

TEST_CASE("follow: a quoted row goes on over reads; each file has a byte-order mark of its own") {
  const TempFolder folder;
  const std::string path = folder / "log";
  append(path,
         "\xEF\xBB\xBF"
         "a,\"x\n");
  Follower follower(path, RecordFraming::kCsv);
  CHECK(follower.read().empty());
  append(path, "y\"\n");
  CHECK(follower.read() == Strings{"a,\"x\ny\""});
  fs::rename(path, path + ".1");
  append(path,
         "\xEF\xBB\xBF"
         "b,1\n");
  follower.read();
  follower.now += kRotateWait;
  CHECK(follower.read() == Strings{"b,1"});
}

TEST_CASE("follow: what is no file or cannot be read is told once, and waited for") {
  const TempFolder folder;
  const std::string path = folder / "log";
  Follower follower(path);
  fs::create_directory(path);
  CHECK(follower.read().empty());
  CHECK(follower.read().empty());
  CHECK(follower.told.count("file_unreadable") == 1);
  fs::remove(path);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(follower.read().empty());
  fs::remove(path);
  fs::create_symlink("/dev/full", path);
  CHECK(follower.read().empty());
  fs::remove(path);
  append(path, "a\n");
  if (::geteuid() != 0) {
    fs::permissions(path, fs::perms::none);
    CHECK(follower.read().empty());
    fs::permissions(path, fs::perms::owner_all);
  }
  CHECK(follower.read() == Strings{"a"});
}

TEST_CASE("follow: it begins where it was told to") {
  const TempFolder folder;
  const std::string path = folder / "log";
  append(path, "a\nbc\nd");
  Follower there(path);
  there.file.start_at(2);
  CHECK(there.read() == Strings{"bc"});
  Follower end(path);
  end.file.start_at_end();
  CHECK(end.file.offset() == 6);
  CHECK(end.read().empty());
  append(path, "e\nf\n");
  CHECK(end.read() == Strings{"f"});
  CHECK(there.read() == Strings{"de", "f"});
  CHECK(there.file.offset() == end.file.offset());
  // It was cut while we were away.
  Follower beyond(path);
  beyond.file.start_at(1000);
  CHECK(beyond.read() == Strings{"a", "bc", "de", "f"});
  CHECK(beyond.file.offset() == 1010);
  CHECK(beyond.told.count("file_shorter") == 1);
}

TEST_CASE("follow: many rotations in a row lose and double nothing") {
  const TempFolder folder;
  const std::string path = folder / "log";
  Follower follower(path);
  Strings all;
  Strings expected;
  std::uint64_t random = 7;
  for (int i = 0; i < 2000; ++i) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    const auto choice = random >> 60;
    if (choice == 0 && fs::exists(path)) {
      fs::rename(path, folder / ("log." + std::to_string(i)));
    } else if (choice == 1 && follower.last == Got::kNothing && fs::exists(path)) {
      // What is not read when a file is cut is lost by whoever cuts it.
      for (std::string& text : follower.read()) all.push_back(std::move(text));
      follower.now += kRotateWait;
      for (std::string& text : follower.read()) all.push_back(std::move(text));
      fs::resize_file(path, 0);
      follower.read();
    } else {
      expected.push_back("line " + std::to_string(i));
      append(path, expected.back() + "\n");
    }
    follower.now += kRotateWait;
    for (std::string& text : follower.read()) all.push_back(std::move(text));
  }
  follower.now += kRotateWait;
  for (std::string& text : follower.read()) all.push_back(std::move(text));
  CHECK((all == expected));
}

}  // namespace
}  // namespace weir::connectors
