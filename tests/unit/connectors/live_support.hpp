// What the tests of live connectors share: a folder of their own, files, notices, polls.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "temp_folder.hpp"
#include "weir/connectors/live/sink.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::connectors::test {

using Strings = std::vector<std::string>;
using std::chrono::milliseconds;

/// Longer than anything takes that is waited for.
inline constexpr std::chrono::seconds kPatience{20};

inline void append(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}
inline void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}
inline std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// Keeps what was told. Any thread.
class Told final : public Notices {
 public:
  void note(Level, std::string_view reason, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    reasons_.emplace_back(reason);
    texts_.emplace_back(text);
  }
  long count(std::string_view reason) const {
    const std::lock_guard lock(mutex_);
    return std::count(reasons_.begin(), reasons_.end(), reason);
  }
  Strings texts() const {
    const std::lock_guard lock(mutex_);
    return texts_;
  }

 private:
  mutable std::mutex mutex_;
  Strings reasons_;
  Strings texts_;
};

inline Strings texts_of(const RecordBlock& block) {
  Strings all;
  for (const RawRecord& record : block.records) {
    const bool fine = record.fault == RejectReason::kNone;
    all.push_back(fine ? std::string(record.bytes) : "!" + std::string(to_string(record.fault)));
  }
  return all;
}

inline std::string name_of(const Polled& polled) {
  switch (polled.kind) {
    case Polled::Kind::kNothing:
      return "nothing";
    case Polled::Kind::kRecords:
      return "records";
    case Polled::Kind::kDrained:
      return "drained";
    case Polled::Kind::kOpened:
      return "opened";
    case Polled::Kind::kClosed:
      return "closed";
    case Polled::Kind::kAway:
      return "away";
    case Polled::Kind::kBack:
      return "back";
    case Polled::Kind::kEnd:
      return "end";
    case Polled::Kind::kFailed:
      return "failed";
  }
  return "?";
}

/// What a poll said: "opened 0 name", "0: a, b", "drained 0".
inline std::string next(Source& source, milliseconds timeout = milliseconds{0}) {
  Polled polled;
  source.poll(polled, timeout);
  const std::string partition = std::to_string(polled.partition);
  if (polled.kind == Polled::Kind::kNothing || polled.kind == Polled::Kind::kEnd) {
    return name_of(polled);
  }
  if (polled.kind != Polled::Kind::kRecords) {
    return name_of(polled) + " " + partition;
  }
  std::string all = partition + ":";
  for (const std::string& text : texts_of(polled.block)) all += " " + text;
  return all;
}

/// Polls until there are `count` records, or the source ends; "partition:text" of each.
inline Strings records_of(Source& source, std::size_t count) {
  Strings all;
  Polled polled;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (all.size() < count && std::chrono::steady_clock::now() < deadline) {
    source.poll(polled, milliseconds{1000});
    if (polled.kind == Polled::Kind::kEnd) break;
    if (polled.kind != Polled::Kind::kRecords) continue;
    for (const std::string& text : texts_of(polled.block)) {
      all.push_back(std::to_string(polled.partition) + ":" + text);
    }
  }
  return all;
}

/// Polls until the source says `wanted` ("drained 0").
inline bool polls_to(Source& source, const std::string& wanted) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (next(source, milliseconds{1000}) == wanted) return true;
  }
  return false;
}

/// OutRecords over texts that outlive them.
inline std::vector<OutRecord> out_records(const Strings& texts) {
  std::vector<OutRecord> records;
  for (const std::string& text : texts) records.push_back({text, "key", "id"});
  return records;
}

}  // namespace weir::connectors::test
