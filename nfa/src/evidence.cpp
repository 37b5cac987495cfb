#include "weir/nfa/evidence.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace weir::nfa {
namespace {

// What `v` points to, rounded up so that lists stay aligned behind strings.
std::size_t extra_bytes(const Value& v) {
  if (v.type() == ValueType::kString) return (v.as_string().size() + 7) & ~std::size_t{7};
  if (v.type() != ValueType::kList) return 0;
  std::size_t n = v.as_list().size() * sizeof(Value);
  for (const Value& item : v.as_list()) n += extra_bytes(item);
  return n;
}

class Packer {
 public:
  explicit Packer(std::byte* to) : to_(to) {}

  std::string_view copy(std::string_view s) {
    if (s.empty()) return {};
    char* at = reinterpret_cast<char*>(to_);
    std::memcpy(at, s.data(), s.size());
    to_ += (s.size() + 7) & ~std::size_t{7};
    return {at, s.size()};
  }

  Value copy(const Value& v) {
    if (v.type() == ValueType::kString) return Value::string(copy(v.as_string()));
    if (v.type() != ValueType::kList) return v;
    const std::span<const Value> items = v.as_list();
    return Value::list(copy(items));
  }

  std::span<const Value> copy(std::span<const Value> items) {
    Value* at = reinterpret_cast<Value*>(to_);
    to_ += items.size() * sizeof(Value);
    for (std::size_t i = 0; i < items.size(); ++i) new (at + i) Value(copy(items[i]));
    return {at, items.size()};
  }

 private:
  std::byte* to_;
};

std::size_t rounded(std::string_view s) {
  return (s.size() + 7) & ~std::size_t{7};
}

}  // namespace

EvidenceStore::EvidenceStore() {
  slots_.emplace_back();
}

EventRef EvidenceStore::put(const Event& event) {
  if (last_ != 0 && last_seq_ == event.seq && slots_[last_].references > 0) {
    retain(last_);
    return last_;
  }
  const std::span<const Value> slots{event.slots, event.plan ? event.plan->fields.size() : 0};
  std::size_t bytes = rounded(event.raw) + rounded(event.name) + rounded(event.type_name) +
                      slots.size() * sizeof(Value);
  for (const Value& v : slots) bytes += extra_bytes(v);

  auto holder = std::make_unique<Holder>();
  holder->memory = std::make_unique<std::byte[]>(bytes);
  holder->size = bytes;
  holder->event = event;
  Packer packer(holder->memory.get());
  holder->event.slots = packer.copy(slots).data();
  holder->event.raw = packer.copy(event.raw);
  holder->event.name = packer.copy(event.name);
  holder->event.type_name = packer.copy(event.type_name);

  EventRef ref;
  if (free_.empty()) {
    ref = static_cast<EventRef>(slots_.size());
    slots_.emplace_back();
  } else {
    ref = free_.back();
    free_.pop_back();
  }
  slots_[ref].holder = std::move(holder);
  slots_[ref].references = 1;
  ++held_;
  bytes_ += bytes;
  last_ = ref;
  last_seq_ = event.seq;
  return ref;
}

void EvidenceStore::release(EventRef ref) noexcept {
  Slot& slot = slots_[ref];
  if (--slot.references > 0) return;
  bytes_ -= slot.holder->size;
  --held_;
  slot.holder.reset();
  free_.push_back(ref);
  if (ref == last_) last_ = 0;
}

}  // namespace weir::nfa
