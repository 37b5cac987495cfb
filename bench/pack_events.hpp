// Events of every type that the packs read, for many-different.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "random.hpp"
#include "weir/event/event.hpp"

namespace weir::bench {

/// One event before it has slots: a type of the packs and its fields by their names there.
struct PackEvent {
  std::string_view type;
  Timestamp ts;
  std::vector<std::pair<std::string_view, Value>> fields;
};

/// Draws events: the type evenly, each field evenly from the values that stand for it in a table
/// (what rules ask for among what they do not), 100 ms apart on average. Text is literal: it lives
/// as long as the program, or as the generator.
class PackEvents {
 public:
  explicit PackEvents(std::uint64_t seed) : random_(seed) {}
  PackEvent next();

 private:
  Value draw(std::string_view choices);

  Random random_;
  Timestamp now_{1'767'571'200 * kNsPerSecond};
  ValueArena arena_;
};

}  // namespace weir::bench
