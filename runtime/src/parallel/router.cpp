#include "parallel/router.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace weir::runtime {
namespace {

std::uint64_t load(const char* at, std::size_t bytes) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, bytes);
  return word;
}

/// Product of 64 by 64 bits, its halves folded together: the step of wyhash (Wang Yi 2019).
std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

constexpr std::uint64_t kA = 0xa0761d6478bd642fULL;
constexpr std::uint64_t kB = 0xe7037ed1a0b428dbULL;
constexpr std::uint64_t kMissing = 0;

std::uint64_t hash_text(std::string_view text) noexcept {
  std::uint64_t hash = kA;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left > 8; at += 8, left -= 8) hash = fold(load(at, 8) ^ hash, kB);
  // The last one to eight bytes, in two words of four that overlap, or one by one.
  std::uint64_t last = 0;
  if (left >= 4) {
    last = load(at, 4) << 32 | load(at + left - 4, 4);
  } else {
    for (std::size_t i = 0; i < left; ++i) last = last << 8 | static_cast<unsigned char>(at[i]);
  }
  return fold(last ^ hash, kB ^ text.size());
}

/// Equal for values that make one key, and not kMissing; hash_value() would be the most of what a
/// route costs.
std::uint64_t hash_field(const Value& value) noexcept {
  if (value.is_null()) return kMissing;
  const std::uint64_t hash =
      value.type() == ValueType::kString ? hash_text(value.as_string()) : hash_value(value);
  return hash | std::uint64_t{1} << 63;
}

}  // namespace

Router::Router(const nfa::Program& program, const Split& split)
    : split_(split), types_(program.plan.type_count()) {
  static const nfa::Readers kNobody;
  for (TypeId type = 0; type < types_.size(); ++type) {
    TypeRoute& route = types_[type];
    const auto add_whole = [&](std::uint8_t worker) {
      if (std::ranges::find(route.whole, worker) == route.whole.end()) {
        route.whole.push_back(worker);
      }
    };
    const nfa::Readers& named = type == kOtherType ? kNobody : program.readers[type];
    for (const nfa::Readers* readers : {&named, &program.read_all}) {
      for (const nfa::RuleId rule : readers->rules) {
        if (split.rule_worker[rule] == Split::kNobody) continue;
        if (split.rule_worker[rule] != Split::kSpread) {
          add_whole(split.rule_worker[rule]);
          continue;
        }
        const nfa::KeySpec& spec = program.keys[program.rules[rule].key];
        const std::vector<FieldId>* fields = key_fields(spec, type);
        add_key(route, split.parts.front().rule_bit[rule],
                fields != nullptr ? std::span<const FieldId>(*fields) : std::span<const FieldId>());
      }
      for (const nfa::DeriveId derive : readers->derives) {
        if (split.derive_worker[derive] != Split::kNobody) add_whole(split.derive_worker[derive]);
      }
    }
  }
}

void Router::add_key(TypeRoute& route, std::uint8_t bit, std::span<const FieldId> fields) const {
  Key key;
  for (const FieldId field : fields) {
    const auto at = std::ranges::find(route.fields, field);
    key.fields.push_back(static_cast<std::size_t>(at - route.fields.begin()));
    if (at == route.fields.end()) route.fields.push_back(field);
  }
  auto known = std::ranges::find(route.keys, key.fields, &Key::fields);
  if (known == route.keys.end()) known = route.keys.insert(known, std::move(key));
  known->bits |= OwnerMask{1} << bit;
}

void Router::route(std::span<const Event> events, Routes& routes) const {
  const std::size_t workers = split_.parts.size();
  routes.reset(workers, events.size());
  std::array<OwnerMask*, kMaxWorkers> masks{};
  for (std::size_t w = 0; w < workers; ++w) masks[w] = routes.of(w);
  std::vector<std::uint64_t> hashes;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const TypeRoute& route = types_[events[i].type];
    for (const std::uint8_t worker : route.whole) {
      masks[worker][i] |= OwnerMask{1} << kWholeBit;
    }
    hashes.clear();
    for (const FieldId field : route.fields) hashes.push_back(hash_field(events[i].get(field)));
    for (const Key& key : route.keys) {
      // A key that is missing goes where its rules count it.
      std::uint64_t hash = 0;
      bool missing = key.fields.empty();
      for (const std::size_t field : key.fields) {
        missing = missing || hashes[field] == kMissing;
        hash = fold(hash ^ hashes[field], kA);
      }
      const std::uint64_t group = missing ? 0 : hash % kKeyGroups;
      masks[split_.worker_of[group]][i] |= key.bits;
    }
  }
}

}  // namespace weir::runtime
