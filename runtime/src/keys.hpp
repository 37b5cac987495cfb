// Keys of events: which partition of a rule an event belongs to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"

namespace weir::runtime {

/// One event's key under one key spec.
struct KeyOfEvent {
  bool present = false;           // false: a field is missing, or the type has no part in the spec
  std::uint64_t hash = 0;         // equal for equal keys (1 and 1.0 are equal)
  std::span<const Value> values;  // views into the event, in key_form()
};

/// A float that is whole becomes the integer, also in a list (made in `memory`): equal keys look
/// the same, whichever event of theirs was seen first.
Value key_form(const Value& v, ValueArena& memory);

/// Whether two keys are one.
inline bool same_key(std::span<const Value> a, std::span<const Value> b) noexcept {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool both_int = a[i].type() == ValueType::kInt && b[i].type() == ValueType::kInt;
    if (both_int && a.size() == 1) return a[0].as_int() == b[0].as_int();
    const bool both_text = a[i].type() == ValueType::kString && b[i].type() == ValueType::kString;
    const bool same = both_int    ? a[i].as_int() == b[i].as_int()
                      : both_text ? a[i].as_string() == b[i].as_string()
                                  : identical(a[i], b[i]);
    if (!same) return false;
  }
  return true;
}

inline std::uint64_t hash_integer(std::uint64_t h) noexcept {
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93ULL;
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93ULL;
  return h ^ h >> 32;
}
std::uint64_t hash_values(std::span<const Value> key) noexcept;

/// Equal for keys that are the same, of one value or several.
inline std::uint64_t hash_key(std::span<const Value> key) noexcept {
  return key.size() == 1 && key[0].type() == ValueType::kInt
             ? hash_integer(static_cast<std::uint64_t>(key[0].as_int()))
             : hash_values(key);
}

/// Text that is equal for equal keys, and only for those.
void append_key_bytes(std::string& out, std::span<const Value> key);

/// The keys of the event under way, each computed at most once however many rules share its spec.
class EventKeys {
 public:
  explicit EventKeys(const nfa::Program& program);

  /// Forgets; `event` stays valid until the next begin().
  void begin(const Event& event) noexcept {
    event_ = &event;
    ++epoch_;
  }
  const KeyOfEvent& of(nfa::KeySpecId spec) {
    Entry& entry = entries_[spec];
    if (entry.epoch != epoch_) compute(spec, entry);
    return entry.key;
  }

 private:
  struct Entry {
    std::uint64_t epoch = 0;
    KeyOfEvent key;
    std::vector<Value> values;
  };
  void compute(nfa::KeySpecId spec, Entry& entry);

  const nfa::Program& program_;
  const Event* event_ = nullptr;
  std::uint64_t epoch_ = 0;
  std::vector<Entry> entries_;  // by KeySpecId
  ValueArena memory_;           // of key_form(): of the event with this number
  std::uint64_t memory_epoch_ = 0;
};

}  // namespace weir::runtime
