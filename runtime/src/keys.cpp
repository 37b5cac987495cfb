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

// Type, then the value; strings behind their length, so that no two keys run together.
void append_key(std::string& out, const Value& v) {
  constexpr double kTwo63 = 9223372036854775808.0;
  switch (v.type()) {
    case ValueType::kFloat: {
      const double d = v.as_float();
      if (std::trunc(d) == d && d >= -kTwo63 && d < kTwo63) {
        return append_key(out, Value::integer(static_cast<std::int64_t>(d)));
      }
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

/// A float that is whole has the hash of the integer.
std::uint64_t hash_value_of_key(const Value& v, std::uint64_t seed) noexcept {
  constexpr double kTwo63 = 9223372036854775808.0;
  switch (v.type()) {
    case ValueType::kInt:
      return hash_integer(static_cast<std::uint64_t>(v.as_int()) + seed);
    case ValueType::kString:
      return XXH3_64bits_withSeed(v.as_string().data(), v.as_string().size(), seed);
    case ValueType::kFloat:
      if (const double d = v.as_float(); std::trunc(d) == d && d >= -kTwo63 && d < kTwo63) {
        return hash_value_of_key(Value::integer(static_cast<std::int64_t>(d)), seed);
      }
      return hash_value(v, seed);
    default:
      return hash_value(v, seed);
  }
}

}  // namespace

std::uint64_t hash_values(std::span<const Value> key) noexcept {
  std::uint64_t hash = 0;
  for (const Value& v : key) hash = hash_value_of_key(v, hash);
  return hash;
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

void EventKeys::compute(nfa::KeySpecId id, Entry& entry) const {
  const nfa::KeySpec& spec = program_.keys[id];
  entry.epoch = epoch_;
  KeyOfEvent& key = entry.key;
  key = {};
  entry.values.clear();
  const std::vector<FieldId>* fields = &spec.fields;
  if (!spec.by_type.empty()) {
    const auto found = std::ranges::find_if(
        spec.by_type, [&](const auto& of_type) { return of_type.first == event_->type; });
    if (found == spec.by_type.end()) return;
    fields = &found->second;
  }
  for (const FieldId field : *fields) {
    const Value v = event_->get(field);
    if (v.is_null()) return;
    entry.values.push_back(v);
  }
  key.present = true;
  key.hash = hash_key(entry.values);
  key.values = entry.values;
}

}  // namespace weir::runtime
