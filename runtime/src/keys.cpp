#include "keys.hpp"

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

}  // namespace

EventKeys::EventKeys(const nfa::Program& program)
    : program_(program), entries_(program.keys.size()) {}

void EventKeys::begin(const Event& event) {
  event_ = &event;
  ++epoch_;
}

const KeyOfEvent& EventKeys::of(nfa::KeySpecId spec) {
  Entry& entry = entries_[spec];
  if (entry.epoch != epoch_) {
    entry.epoch = epoch_;
    compute(program_.keys[spec], entry.key);
  }
  return entry.key;
}

void EventKeys::compute(const nfa::KeySpec& spec, KeyOfEvent& key) const {
  key.bytes.clear();
  key.values.clear();
  key.present = false;
  std::span<const FieldId> fields = spec.fields;
  if (!spec.by_type.empty()) {
    const auto found = std::ranges::find_if(
        spec.by_type, [&](const auto& entry) { return entry.first == event_->type; });
    if (found == spec.by_type.end()) return;
    fields = found->second;
  }
  for (const FieldId field : fields) {
    const Value v = event_->get(field);
    if (v.is_null()) return;
    append_key(key.bytes, v);
    key.values.push_back(v);
  }
  key.present = true;
  key.hash = std::hash<std::string_view>{}(key.bytes);
}

}  // namespace weir::runtime
