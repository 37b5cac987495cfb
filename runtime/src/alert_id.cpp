// Ids of alerts. The form hashed is part of the contract with consumers that drop repeats by id: it
// never changes.
#include <cmath>
#include <cstdint>

#include "alert_json.hpp"
#include "sha256.hpp"

namespace weir::runtime {
namespace {

/// Collects what is hashed, which is a few hundred bytes.
class IdHash {
 public:
  IdHash() { bytes_.reserve(kMostly); }
  void number(std::uint64_t n) {
    char bytes[8];
    for (char& byte : bytes) {
      byte = static_cast<char>(n & 0xff);
      n >>= 8;
    }
    bytes_.append(bytes, sizeof bytes);
  }
  void text(std::string_view s) {
    number(s.size());
    bytes_.append(s);
  }
  void event(const Event& event) {
    std::string name;
    if (event.format != nullptr) event.format->append_name(name, event);
    if (!name.empty()) {
      number(1);
      text(name);
      return;
    }
    number(0);
    number(event.position.source);
    number(event.position.partition);
    number(event.position.offset);
  }
  std::string hex() const {
    Sha256 hash;
    hash.update(bytes_);
    return hex_prefix(hash.digest(), 32);
  }

 private:
  static constexpr std::size_t kMostly = 1000;
  std::string bytes_;
};

/// 17 and 17.0 are one key, and which of them an alert shows depends on what came first.
Value one_form(const Value& v) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (v.type() != ValueType::kFloat) return v;
  const double d = v.as_float();
  if (d != std::trunc(d) || d < -kLimit || d >= kLimit) return v;
  return Value::integer(static_cast<std::int64_t>(d));
}

}  // namespace

std::string alert_id(const nfa::Rule& rule, std::span<const std::pair<std::string_view, Value>> key,
                     std::span<const Binding> match) {
  IdHash hash;
  hash.text("weir-alert-1");
  hash.text(rule.id);
  hash.number(rule.fingerprint);
  hash.number(key.size());
  for (const auto& [name, value] : key) {
    std::string json;
    append_json(json, one_form(value));
    hash.text(json);
  }
  hash.number(match.size());
  for (const Binding& binding : match) {
    hash.text(binding.name);
    hash.number(binding.events.size());
    for (const Event* event : binding.events) hash.event(*event);
  }
  return hash.hex();
}

}  // namespace weir::runtime
