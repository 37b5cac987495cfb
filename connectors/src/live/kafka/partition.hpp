// A partition that the group has given us.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <string>

#include "live/kafka/handles.hpp"

namespace weir::connectors::kafka {

inline constexpr std::uint64_t kNoOffset = std::numeric_limits<std::uint64_t>::max();

struct Partition {
  std::uint32_t id = 0;
  const char* topic = nullptr;  // of the options
  std::int32_t number = 0;

  std::uint64_t next = 0;       // behind what was given
  std::uint64_t received = 0;   // behind what came from the library: given, or held
  std::uint64_t done = 0;       // as commit() said
  std::uint64_t committed = 0;  // as the broker has acknowledged

  /// What came and could not be given: it is paused, or the block was another's. Of a paused one no
  /// more than about kMaxPolledBytes, then `far_paused`.
  std::deque<Message> held;
  std::size_t held_bytes = 0;
  bool paused = false;
  bool far_paused = false;  // the library fetches nothing of it
  bool at_end = false;
  bool told_drained = false;

  std::string name() const { return std::string(topic) + "-" + std::to_string(number); }

  void hold(Message message) {
    held_bytes += message->len;
    held.push_back(std::move(message));
  }
  void drop_held() {
    held.clear();
    held_bytes = 0;
    received = next;
  }
};

}  // namespace weir::connectors::kafka
