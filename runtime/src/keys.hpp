// Keys of events: which partition of a rule an event belongs to.
#pragma once

#include <cstdint>
#include <optional>
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

/// A key, and where its values stand in an event of one type.
struct KeySlots {
  nfa::KeySpecId key = nfa::kNoKey;
  std::vector<std::uint16_t> slots;  // kNoSlot: the type has no part in the key
  bool in_slots = false;             // else (ts or type is in the key) they are asked for by field
  std::uint16_t one = kNoSlot;       // of a key of one value, in a slot: where it is
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
/// Of one value after others. REQUIRES: in key_form().
std::uint64_t hash_value_of_key(const Value& v, std::uint64_t seed) noexcept;

/// Equal for keys that are the same, of one value or several.
inline std::uint64_t hash_key(std::span<const Value> key) noexcept {
  if (key.size() == 1 && key[0].type() == ValueType::kInt) {
    return hash_integer(static_cast<std::uint64_t>(key[0].as_int()));
  }
  std::uint64_t hash = 0;
  for (const Value& v : key) hash = hash_value_of_key(v, hash);
  return hash;
}

/// The value is there, and in key_form() as it is.
inline bool is_in_key_form(const Value& v) noexcept {
  return v.type() != ValueType::kNull && v.type() != ValueType::kFloat &&
         v.type() != ValueType::kList;
}

/// Of a key that lies in the event's slots as it is; nullopt: the event does not have it, or it has
/// to be made (EventKeys).
inline std::optional<std::uint64_t> hash_in_slots(const KeySlots& of, const Event& event) noexcept {
  if (of.one != kNoSlot) {
    const Value& v = event.slots[of.one];
    if (!is_in_key_form(v)) return std::nullopt;
    return hash_key({&v, 1});
  }
  if (!of.in_slots) return std::nullopt;
  std::uint64_t hash = 0;
  for (const std::uint16_t slot : of.slots) {
    if (slot == kNoSlot || !is_in_key_form(event.slots[slot])) return std::nullopt;
    hash = hash_value_of_key(event.slots[slot], hash);
  }
  return hash;
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
  /// The same, without a look for the fields' slots.
  const KeyOfEvent& of(const KeySlots& key) {
    Entry& entry = entries_[key.key];
    if (entry.epoch != epoch_) {
      key.in_slots ? compute(key, entry) : compute(key.key, entry);
    }
    return entry.key;
  }

 private:
  struct Entry {
    std::uint64_t epoch = 0;
    KeyOfEvent key;
    std::vector<Value> values;
  };
  void compute(nfa::KeySpecId spec, Entry& entry);
  void compute(const KeySlots& of, Entry& entry);
  void begin(Entry& entry) const noexcept;
  bool add(const Value& v, Entry& entry);
  static void finish(Entry& entry) noexcept;

  const nfa::Program& program_;
  const Event* event_ = nullptr;
  std::uint64_t epoch_ = 0;
  std::vector<Entry> entries_;  // by KeySpecId
  ValueArena memory_;           // of key_form(): of the event with this number
  std::uint64_t memory_epoch_ = 0;
};

}  // namespace weir::runtime
