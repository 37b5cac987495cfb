// What tests against real servers share.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "weir/connectors/live/sink.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::connectors::live_tests {

using namespace std::chrono_literals;

inline std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  REQUIRE_MESSAGE(value != nullptr, "run by tests/live/run.py");
  return value;
}

/// Asks run.py for something about the server; returns when it is done.
inline void server(const std::string& word) {
  const std::string line = word + "\n";
  REQUIRE(::write(std::stoi(environment("WEIR_CONTROL_OUT")), line.data(), line.size()) ==
          static_cast<ssize_t>(line.size()));
  std::string answer;
  for (char c = 0; c != '\n';) {
    REQUIRE(::read(std::stoi(environment("WEIR_CONTROL_IN")), &c, 1) == 1);
    answer += c;
  }
  REQUIRE(answer == "ok\n");
}

class CountedNotices final : public Notices {
 public:
  void note(Level, std::string_view reason, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    ++counts_[std::string(reason)];
    texts_.emplace_back(text);
  }
  int count(const std::string& reason) {
    const std::lock_guard lock(mutex_);
    return counts_[reason];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> counts_;
  std::vector<std::string> texts_;
};

/// Polls a source, and remembers what it said.
struct Reader {
  explicit Reader(std::unique_ptr<Source> from) : source(std::move(from)) {}

  struct Record {
    std::uint32_t partition;
    std::uint64_t offset;
    std::string text;
    RejectReason fault;
  };

  Polled::Kind step(std::chrono::milliseconds timeout = 100ms) {
    source->poll(polled, timeout);
    ++told[polled.kind];
    switch (polled.kind) {
      case Polled::Kind::kRecords:
        for (const RawRecord& record : polled.block.records) {
          records.push_back(
              {polled.partition, record.offset, std::string(record.bytes), record.fault});
        }
        next[polled.partition] = polled.next_offset;
        if (commits) {
          const PartitionOffset done[] = {{polled.partition, polled.next_offset}};
          source->commit(done);
        }
        break;
      case Polled::Kind::kOpened:
        open[polled.partition] = polled.next_offset;
        names[polled.partition] = polled.text;
        break;
      case Polled::Kind::kClosed:
        open.erase(polled.partition);
        break;
      case Polled::Kind::kAway:
      case Polled::Kind::kFailed:
        text = polled.text;
        break;
      default:
        break;
    }
    return polled.kind;
  }
  bool until(const std::function<bool()>& done, std::chrono::seconds limit = 20s) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      step(20ms);
    }
    return true;
  }
  bool until_records(std::size_t count, std::chrono::seconds limit = 20s) {
    return until([&] { return records.size() >= count; }, limit);
  }
  void run_for(std::chrono::milliseconds time) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < deadline) step(20ms);
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const Record& record : records) all.push_back(record.text);
    return all;
  }

  std::unique_ptr<Source> source;
  Polled polled;
  bool commits = true;
  std::vector<Record> records;
  std::map<Polled::Kind, int> told;
  std::map<std::uint32_t, std::uint64_t> open;  // partitions, and where they began
  std::map<std::uint32_t, std::string> names;
  std::map<std::uint32_t, std::uint64_t> next;
  std::string text;
};

/// Sends until all is done, as whoever drives a sink does.
inline void send_all(Sink& sink, const std::vector<OutRecord>& records,
                     std::chrono::seconds limit = 60s) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::span<const OutRecord> left = records;
  while (!left.empty()) {
    const SendResult result = sink.send(left);
    REQUIRE_MESSAGE(result.state != SendResult::State::kRefused, result.problem);
    left = left.subspan(result.done);
    REQUIRE_MESSAGE(std::chrono::steady_clock::now() < deadline, result.problem);
  }
  REQUIRE(sink.flush().state == SendResult::State::kDone);
}

/// "KEY NUMBER" of records: per key, numbers begin at 0 and none is missing; of each the first is
/// in order. So many came twice.
inline std::size_t check_order(const std::vector<std::string>& texts,
                               const std::map<std::string, int>& expected) {
  std::map<std::string, int> next;
  std::size_t repeats = 0;
  for (const std::string& text : texts) {
    const std::size_t space = text.find(' ');
    const int number = std::stoi(text.substr(space + 1));
    int& due = next[text.substr(0, space)];
    if (number > due) {
      FAIL_CHECK(text, " comes before number ", due);
      return repeats;
    }
    number == due ? void(++due) : void(++repeats);
  }
  CHECK(next == expected);
  return repeats;
}

/// A poll that has nothing to tell ends when it is woken.
inline void check_woken(Reader& reader) {
  std::thread waker([&] {
    std::this_thread::sleep_for(50ms);
    reader.source->wake();
  });
  CHECK(reader.step(30s) == Polled::Kind::kNothing);
  waker.join();
}

}  // namespace weir::connectors::live_tests
