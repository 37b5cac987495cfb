// The outbox, against a far end that goes away, refuses, and comes back.

#include <condition_variable>
#include <deque>
#include <functional>
#include <set>
#include <thread>
#include <utility>

#include "live/back_off.hpp"
#include "live_support.hpp"
#include "weir/connectors/live/file.hpp"
#include "weir/connectors/live/outbox.hpp"

namespace weir::connectors {
namespace {

using test::milliseconds;
using test::read_file;
using test::Strings;
using test::TempFolder;
using State = SendResult::State;

std::chrono::steady_clock::time_point patience() {
  return std::chrono::steady_clock::now() + test::kPatience;
}

/// What a test and its sink share; it outlives the sink.
struct FarEnd {
  std::mutex mutex;
  std::condition_variable changed;
  bool up = true;
  std::size_t at_once = 1000;     // records of a send
  std::set<std::string> refuses;  // by text
  bool refuses_at_flush = false;  // rather than at once
  bool forgets = false;           // at the next flush, all of it
  bool halves = false;            // flushes the first half only
  bool closed = false;
  Strings unflushed;
  Strings flushed;
  std::size_t sends = 0;
  std::size_t flushes = 0;

  void set(const std::function<void(FarEnd&)>& change) {
    const std::lock_guard lock(mutex);
    change(*this);
    changed.notify_all();
  }
  bool wait(const std::function<bool(FarEnd&)>& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, test::kPatience, [&] { return condition(*this); });
  }
};

class FakeSink final : public Sink {
 public:
  explicit FakeSink(FarEnd& far_end) : far_(far_end) {}

  SendResult send(std::span<const OutRecord> records) override {
    const std::lock_guard lock(far_.mutex);
    ++far_.sends;
    far_.changed.notify_all();
    SendResult result;
    if (far_.closed) return {State::kClosed, 0, "closed"};
    for (const OutRecord& record : records) {
      const std::string text(record.text);
      if (!far_.up) return {State::kTryAgain, result.done, "the far end is away"};
      if (!far_.refuses_at_flush && far_.refuses.contains(text)) {
        return {State::kRefused, result.done, "no thanks"};
      }
      if (result.done == far_.at_once) return {State::kTryAgain, result.done, "busy"};
      far_.unflushed.push_back(text);
      ++result.done;
    }
    return result;
  }

  SendResult flush() override {
    const std::lock_guard lock(far_.mutex);
    ++far_.flushes;
    far_.changed.notify_all();
    SendResult result;
    if (std::exchange(far_.forgets, false)) result = {State::kTryAgain, 0, "forgotten"};
    for (std::string& text : far_.unflushed) {
      if (result.state != State::kDone) break;
      if (far_.halves && result.done == far_.unflushed.size() / 2 + 1) break;
      if (far_.refuses.contains(text)) {
        result.state = State::kRefused;
        result.problem = "no thanks";
        break;
      }
      far_.flushed.push_back(std::move(text));
      ++result.done;
    }
    if (result.state == State::kDone && result.done < far_.unflushed.size()) {
      result.state = State::kTryAgain;
      result.problem = "half of it";
    }
    far_.unflushed.clear();
    return result;
  }

 private:
  FarEnd& far_;
};

OutboxOptions quick() {
  OutboxOptions options;
  options.name = "alerts";
  options.first_retry = milliseconds{1};
  options.max_retry = milliseconds{4};
  return options;
}

std::unique_ptr<Outbox> make(FarEnd& far_end, OutboxOptions options, Notices& told) {
  auto outbox =
      std::make_unique<Outbox>(std::make_unique<FakeSink>(far_end), std::move(options), told);
  CHECK(outbox->problem() == "");
  return outbox;
}

bool put(Outbox& outbox, const std::string& text) {
  return outbox.try_put({text, "k", "i"});
}
std::string numbered(std::size_t i) {
  return "{\"n\":" + std::to_string(i) + "}";
}
Strings numbers(std::size_t from, std::size_t to) {
  Strings all;
  for (; from < to; ++from) all.push_back(numbered(from));
  return all;
}
/// As often as it takes.
void put_all(Outbox& outbox, std::size_t from, std::size_t to) {
  for (; from < to; ++from) {
    while (!put(outbox, numbered(from))) REQUIRE(outbox.wait_for_room(patience()));
  }
}

TEST_CASE("back-off: doubled up to a limit, the second half by chance") {
  BackOff back_off(milliseconds{100}, milliseconds{1000}, 1);
  std::set<milliseconds> seen;
  for (int round = 0; round < 20; ++round) {
    for (const int most : {100, 200, 400, 800, 1000, 1000}) {
      const milliseconds delay = back_off.next();
      CHECK(delay >= milliseconds{most / 2});
      CHECK(delay <= milliseconds{most});
      seen.insert(delay);
    }
    back_off.reset();
  }
  CHECK(seen.size() > 50);
}

TEST_CASE("outbox: everything goes out in order, flushed, in batches") {
  FarEnd far_end;
  test::Told told;
  const auto outbox = make(far_end, quick(), told);
  put_all(*outbox, 0, 5000);
  CHECK(outbox->drain(patience()));
  CHECK((far_end.flushed == numbers(0, 5000)));
  CHECK(outbox->put_so_far() == 5000);
  CHECK(outbox->delivered() == 5000);
  const OutboxStats stats = outbox->stats();
  CHECK(stats.sent == 5000);
  CHECK(stats.waiting == 0);
  CHECK(stats.waiting_bytes == 0);
  CHECK(far_end.sends < 5000);
}

TEST_CASE("outbox: a sink that is down, busy or forgetful loses nothing, and keeps the order") {
  FarEnd far_end;
  far_end.at_once = 7;
  far_end.halves = true;
  test::Told told;
  const auto outbox = make(far_end, quick(), told);
  for (std::size_t i = 0; i < 40; ++i) {
    far_end.set([&](FarEnd& far) {
      far.up = i % 3 != 0;
      far.forgets = i % 5 == 0;
    });
    put_all(*outbox, 25 * i, 25 * i + 25);
    if (i % 3 == 0) {
      std::size_t sends = 0;
      far_end.set([&](FarEnd& far) { sends = far.sends; });
      CHECK(far_end.wait([&](FarEnd& far) { return far.sends > sends + 1; }));
    }
  }
  far_end.set([](FarEnd& far) { far.up = true; });
  CHECK(outbox->drain(patience()));
  CHECK((far_end.flushed == numbers(0, 1000)));
  CHECK(outbox->stats().retries > 0);
  CHECK(told.count("sink_away") == told.count("sink_back"));
}

TEST_CASE("outbox: it is bounded, and says when there is room again") {
  FarEnd far_end;
  far_end.up = false;
  test::Told told;
  OutboxOptions options = quick();
  options.max_bytes = 1000;
  const auto outbox = make(far_end, options, told);
  std::size_t count = 0;
  while (put(*outbox, numbered(count))) ++count;
  CHECK(count > 30);
  CHECK(count < 60);
  CHECK(outbox->stats().waiting == count);
  CHECK(outbox->stats().waiting_bytes <= 1000);
  CHECK_FALSE(outbox->wait_for_room(std::chrono::steady_clock::now()));
  CHECK_FALSE(outbox->drain(std::chrono::steady_clock::now()));
  CHECK(far_end.wait([](FarEnd& far) { return far.sends > 3; }));
  CHECK(outbox->stats().away);
  CHECK(outbox->delivered() == 0);
  far_end.set([](FarEnd& far) { far.up = true; });
  CHECK(outbox->wait_for_room(patience()));
  put_all(*outbox, count, count + 500);
  // One that is larger than all the room there is has it to itself.
  const std::string large(5000, 'x');
  while (!put(*outbox, large)) REQUIRE(outbox->wait_for_room(patience()));
  CHECK(outbox->drain(patience()));
  CHECK(far_end.flushed.size() == count + 501);
  CHECK_FALSE(outbox->stats().away);
}

TEST_CASE("outbox: what is refused for good is set aside, at once or at the flush") {
  for (const bool at_flush : {false, true}) {
    const TempFolder folder;
    FarEnd far_end;
    far_end.refuses_at_flush = at_flush;
    for (const std::size_t i : {0U, 3U, 4U, 9U}) far_end.refuses.insert(numbered(i));
    test::Told told;
    OutboxOptions options = quick();
    options.undelivered_path = folder / "undelivered.ndjson";
    {
      const auto outbox = make(far_end, options, told);
      put_all(*outbox, 0, 10);
      CHECK(outbox->drain(patience()));
      CHECK(outbox->stats().refused == 4);
      CHECK(outbox->stats().sent == 6);
    }
    CHECK(far_end.flushed ==
          Strings{numbered(1), numbered(2), numbered(5), numbered(6), numbered(7), numbered(8)});
    std::string expected;
    for (const std::size_t i : {0U, 3U, 4U, 9U}) {
      expected +=
          "{\"sink\":\"alerts\",\"problem\":\"no thanks\",\"key\":\"k\",\"record\":" + numbered(i) +
          "}\n";
    }
    CHECK(read_file(options.undelivered_path) == expected);
    CHECK(told.count("refused") == 4);
  }
}

TEST_CASE("outbox: what cannot even be set aside is not lost") {
  FarEnd far_end;
  far_end.refuses.insert(numbered(1));
  test::Told told;
  OutboxOptions options = quick();
  options.undelivered_path = "/dev/full";
  const auto outbox = make(far_end, options, told);
  put_all(*outbox, 0, 3);
  CHECK(far_end.wait([](FarEnd& far) { return far.sends > 5; }));
  CHECK(outbox->delivered() == 1);
  CHECK(outbox->stats().away);
  far_end.set([](FarEnd& far) { far.refuses.clear(); });
  CHECK(outbox->drain(patience()));
  CHECK(far_end.flushed == numbers(0, 3));
}

TEST_CASE("outbox: a sink that is closed takes everything and keeps nothing") {
  FarEnd far_end;
  far_end.closed = true;
  test::Told told;
  const auto outbox = make(far_end, quick(), told);
  put_all(*outbox, 0, 10);
  CHECK(outbox->drain(patience()));
  CHECK(outbox->stats().closed);
  put_all(*outbox, 10, 20);
  CHECK(outbox->delivered() == 20);
  CHECK(told.count("sink_closed") == 1);
  CHECK(told.count("sink_away") == 0);
}

TEST_CASE("outbox: flush_every gathers") {
  FarEnd far_end;
  test::Told told;
  OutboxOptions options = quick();
  options.flush_every = std::chrono::hours{1};
  const auto outbox = make(far_end, options, told);
  for (std::size_t i = 0; i < 50; ++i) {
    put_all(*outbox, i, i + 1);
    CHECK(far_end.wait([&](FarEnd& far) { return far.unflushed.size() == i + 1; }));
  }
  CHECK(far_end.flushes == 0);
  CHECK(outbox->delivered() == 0);
  CHECK(outbox->drain(patience()));
  CHECK(outbox->delivered() == 50);
}

TEST_CASE("outbox: while the far end is away records go to the disk, and over a restart") {
  const TempFolder folder;
  test::Told told;
  OutboxOptions options = quick();
  options.disk_dir = folder / "queue";
  options.max_bytes = 2000;
  FarEnd far_end;
  far_end.up = false;
  {
    const auto outbox = make(far_end, options, told);
    put_all(*outbox, 0, 2000);
    // On disk they are through, as far as whoever put them is concerned.
    CHECK(outbox->drain(patience()));
    CHECK(outbox->delivered() == 2000);
    CHECK(outbox->stats().waiting == 2000);
    CHECK(outbox->stats().disk_bytes > 0);
    CHECK(far_end.flushed.empty());
  }
  far_end.set([](FarEnd& far) { far.up = true; });
  {
    const auto outbox = make(far_end, options, told);
    put_all(*outbox, 2000, 3000);
    CHECK(outbox->drain(patience()));
    CHECK(far_end.wait([](FarEnd& far) { return far.flushed.size() >= 3000; }));
  }
  CHECK((far_end.flushed == numbers(0, 3000)));
  far_end.up = false;
  {
    const auto outbox = make(far_end, options, told);
    CHECK(outbox->stats().waiting == 0);
    put_all(*outbox, 3000, 3010);
  }
  // The destructor brought the last ones to the disk.
  far_end.up = true;
  {
    const auto outbox = make(far_end, options, told);
    CHECK(far_end.wait([](FarEnd& far) { return far.flushed.size() == 3010; }));
  }
  CHECK((far_end.flushed == numbers(0, 3010)));
}

TEST_CASE("outbox: a queue on disk that is full leaves the rest to wait") {
  const TempFolder folder;
  test::Told told;
  OutboxOptions options = quick();
  options.disk_dir = folder / "queue";
  options.max_bytes = 1000;
  options.disk_bytes = 5000;
  FarEnd far_end;
  far_end.up = false;
  const auto outbox = make(far_end, options, told);
  std::size_t count = 0;
  while (told.count("disk_queue_full") == 0) {
    if (put(*outbox, numbered(count))) {
      ++count;
    } else {
      std::this_thread::yield();
    }
  }
  while (put(*outbox, numbered(count))) ++count;
  CHECK(outbox->stats().disk_bytes <= 5000);
  CHECK(outbox->stats().waiting == count);
  far_end.set([](FarEnd& far) { far.up = true; });
  put_all(*outbox, count, count + 100);
  CHECK(outbox->drain(patience()));
  CHECK(far_end.wait([&](FarEnd& far) { return far.flushed.size() >= count + 100; }));
  CHECK((far_end.flushed == numbers(0, count + 100)));
}

TEST_CASE("outbox: several threads, each of whose records keep their order") {
  FarEnd far_end;
  far_end.at_once = 50;
  test::Told told;
  OutboxOptions options = quick();
  options.max_bytes = 4000;
  const auto outbox = make(far_end, options, told);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] { put_all(*outbox, 10'000 * t, 10'000 * t + 500); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(outbox->drain(patience()));
  Strings sorted = far_end.flushed;
  CHECK(sorted.size() == 2000);
  std::stable_sort(sorted.begin(), sorted.end(), [](const std::string& a, const std::string& b) {
    return std::stoul(a.substr(5)) / 10'000 < std::stoul(b.substr(5)) / 10'000;
  });
  Strings expected;
  for (std::size_t t = 0; t < 4; ++t) {
    for (std::string& text : numbers(10'000 * t, 10'000 * t + 500)) expected.push_back(text);
  }
  CHECK((sorted == expected));
}

TEST_CASE("outbox: what it cannot have is told") {
  const TempFolder folder;
  FarEnd far_end;
  test::Told told;
  OutboxOptions options = quick();
  options.disk_dir = folder / "no/queue";
  const Outbox no_folder(std::make_unique<FakeSink>(far_end), options, told);
  CHECK(no_folder.problem().find(options.disk_dir) == 0);
  options.disk_dir = folder / "queue";
  const Outbox first(std::make_unique<FakeSink>(far_end), options, told);
  CHECK(first.problem() == "");
  const Outbox second(std::make_unique<FakeSink>(far_end), options, told);
  CHECK(second.problem() == options.disk_dir + ": another process uses it");
}

}  // namespace
}  // namespace weir::connectors
