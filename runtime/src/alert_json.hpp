// What an alert is called, and what it is as an event. Its record: weir/runtime/alert.hpp.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "weir/event/event.hpp"
#include "weir/runtime/alert.hpp"

namespace weir::runtime {

/// The id of a match: the same in every replay of the same log with the same rule, 32 hex digits.
/// They are the first 16 bytes of the SHA-256 of the following, numbers in 8 bytes, the lowest
/// first, and every text behind its length:
///   "weir-alert-1"; rule id; fingerprint; number of key values, each as JSON text (a whole float
///   as an integer, since both are one key); number of names, for each in the pattern's order: the
///   name, the number of its events, and for each event 0, source, partition, offset of its
///   position, or, where it has a name of its own, 1 and that name.
std::string alert_id(const nfa::Rule& rule, std::span<const std::pair<std::string_view, Value>> key,
                     std::span<const Binding> match);

/// A match as an event of `type` (Rule::alert_type or rule_type), for rules and windows that read
/// it: the alert's fields, its key fields, `rule`, `severity` and `kept_back`; of equal names the
/// first. Slots hold the values as they are, the record masks them. Its name is the alert's id.
/// What it points to lives in `arena`, but what alert.program holds; `seq` and `position` are the
/// caller's. REQUIRES: alert.program.
Event make_alert_event(const Alert& alert, TypeId type, bool kept_back, ValueArena& arena);

}  // namespace weir::runtime
