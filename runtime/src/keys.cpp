#include "keys.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>

namespace weir::runtime {
namespace {

void append_u64(std::string& out, std::uint64_t v) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(v >> (8 * i) & 0xff));
}

Value whole_as_integer(const Value& v) noexcept {
  constexpr double kTwo63 = 9223372036854775808.0;
  const double d = v.as_float();
  if (std::trunc(d) != d || d < -kTwo63 || d >= kTwo63) return v;
  return Value::integer(static_cast<std::int64_t>(d));
}

// Type, then the value; strings behind their length, so that no two keys run together.
void append_key(std::string& out, const Value& v) {
  switch (v.type()) {
    case ValueType::kFloat: {
      const Value whole = whole_as_integer(v);
      if (whole.type() == ValueType::kInt) return append_key(out, whole);
      const double d = v.as_float();
      out.push_back('f');
      std::uint64_t bits = 0;
      static_assert(sizeof bits == sizeof d);
      std::copy_n(reinterpret_cast<const char*>(&d), sizeof d, reinterpret_cast<char*>(&bits));
      return append_u64(out, bits);
    }
    case ValueType::kString:
      out.push_back('s');
      append_u64(out, v.as_string().size());
      out.append(v.as_string());
      return;
    case ValueType::kList:
      out.push_back('l');
      append_u64(out, v.as_list().size());
      for (const Value& item : v.as_list()) append_key(out, item);
      return;
    case ValueType::kNull:
      out.push_back('n');
      return;
    case ValueType::kBool:
    case ValueType::kInt:
    case ValueType::kTimestamp:
    case ValueType::kDuration:
      out.push_back(static_cast<char>('A' + static_cast<int>(v.type())));
      append_u64(out, static_cast<std::uint64_t>(v.as_int()));
      return;
  }
}

}  // namespace

Value key_form(const Value& v, ValueArena& memory) {
  if (v.type() == ValueType::kFloat) return whole_as_integer(v);
  if (v.type() != ValueType::kList || v.as_list().empty()) return v;
  const std::span<const Value> list = v.as_list();
  const std::span<Value> items = memory.make_list(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) items[i] = key_form(list[i], memory);
  return Value::list(items);
}

std::uint64_t hash_value_of_key(const Value& v, std::uint64_t seed) noexcept {
  switch (v.type()) {
    case ValueType::kInt:
      return hash_integer(static_cast<std::uint64_t>(v.as_int()) + seed);
    case ValueType::kString:
      return XXH3_64bits_withSeed(v.as_string().data(), v.as_string().size(), seed);
    default:
      return hash_value(v, seed);
  }
}

void append_key_bytes(std::string& out, std::span<const Value> key) {
  for (const Value& v : key) append_key(out, v);
}

EventKeys::EventKeys(const nfa::Program& program)
    : program_(program), entries_(program.keys.size()) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    entries_[i].values.reserve(program.keys[i].names.size() + 1);
  }
}

inline void EventKeys::begin(Entry& entry) const noexcept {
  entry.epoch = epoch_;
  entry.key = {};
  entry.values.clear();
}

/// False: the key's field is missing.
inline bool EventKeys::add(const Value& v, Entry& entry) {
  if (v.is_null()) return false;
  if (v.type() == ValueType::kList && memory_epoch_ != epoch_) {
    memory_.reset();
    memory_epoch_ = epoch_;
  }
  entry.values.push_back(key_form(v, memory_));
  return true;
}

inline void EventKeys::finish(Entry& entry) noexcept {
  entry.key.present = true;
  entry.key.hash = hash_key(entry.values);
  entry.key.values = entry.values;
}

void EventKeys::compute(nfa::KeySpecId id, Entry& entry) {
  const nfa::KeySpec& spec = program_.keys[id];
  begin(entry);
  const std::vector<FieldId>* fields = &spec.fields;
  if (!spec.by_type.empty()) {
    const auto found = std::ranges::find_if(
        spec.by_type, [&](const auto& of_type) { return of_type.first == event_->type; });
    if (found == spec.by_type.end()) return;
    fields = &found->second;
  }
  for (const FieldId field : *fields) {
    if (!add(event_->get(field), entry)) return;
  }
  finish(entry);
}

void EventKeys::compute(const KeySlots& of, Entry& entry) {
  begin(entry);
  for (const std::uint16_t slot : of.slots) {
    if (slot == kNoSlot || !add(event_->slots[slot], entry)) return;
  }
  finish(entry);
}

}  // namespace weir::runtime
