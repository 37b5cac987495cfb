// What goes into the reference matcher and what comes out of it: plain data, kept as simple as can
// be.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/event/time.hpp"
#include "weir/event/value.hpp"

namespace weir::reference {

struct RefEvent {
  std::string type;
  Timestamp ts;
  std::uint64_t seq = 0;  // order of arrival in the whole log, from 0
  std::map<std::string, OwnedValue, std::less<>> fields;  // by dotted path

  /// `ts` and `type` are fields of every event. Valid as long as the event.
  Value field(std::string_view dotted) const;
};

/// A log in the order of (ts, seq).
struct Log {
  std::vector<RefEvent> events;
  /// The end of `events` is the end of a bounded log: the watermark goes to infinity.
  bool close = true;
  /// With `close` off: how far event time is known to have advanced, beside what the events say.
  std::optional<Timestamp> watermark;
};

struct RefMatch {
  std::string rule;
  Timestamp detected_at;
  bool by_event = true;              // else by a deadline
  std::uint64_t completing_seq = 0;  // of the completing event; only where by_event
  std::vector<std::pair<std::string, OwnedValue>> key;
  /// Name -> seq of the events bound to it, in order. A name that is not bound does not occur.
  std::map<std::string, std::vector<std::uint64_t>> bindings;

  std::uint64_t first_seq() const;
};

/// Equal in all that an engine has to report: rule, time, key, bindings.
bool same_report(const RefMatch& a, const RefMatch& b);

/// One line: "3s pair k=1 a=[0] b=[2]".
std::string to_string(const RefMatch& match);

}  // namespace weir::reference
