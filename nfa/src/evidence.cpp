// One block for each copy: the Values first (they have an alignment), then all text.
#include "weir/nfa/evidence.hpp"

#include <cstring>
#include <new>
#include <string_view>

namespace weir::nfa {
namespace {

struct Room {
  std::size_t values = 0;
  std::size_t chars = 0;

  void add(const Value& v) {
    if (v.type() == ValueType::kString) chars += v.as_string().size();
    if (v.type() == ValueType::kList) add(v.as_list());
  }
  void add(std::span<const Value> list) {
    values += list.size();
    for (const Value& v : list) add(v);
  }
  std::size_t bytes() const { return values * sizeof(Value) + chars; }
};

class Writer {
 public:
  Writer(std::byte* block, std::size_t values)
      : values_(block), chars_(block + values * sizeof(Value)) {}

  std::string_view text(std::string_view s) {
    if (s.empty()) return {};
    std::memcpy(chars_, s.data(), s.size());
    const std::string_view copy(reinterpret_cast<const char*>(chars_), s.size());
    chars_ += s.size();
    return copy;
  }

  std::span<const Value> list(std::span<const Value> from) {
    if (from.empty()) return {};
    auto* const to = reinterpret_cast<Value*>(values_);
    values_ += from.size() * sizeof(Value);
    for (std::size_t i = 0; i < from.size(); ++i) new (to + i) Value(value(from[i]));
    return {to, from.size()};
  }

 private:
  Value value(const Value& v) {
    if (v.type() == ValueType::kString) return Value::string(text(v.as_string()));
    if (v.type() == ValueType::kList) return Value::list(list(v.as_list()));
    return v;
  }

  std::byte* values_;
  std::byte* chars_;
};

}  // namespace

void ValuesCopy::assign(std::span<const Value> values) {
  Room room;
  room.add(values);
  if (room.bytes() > memory_.size()) memory_ = std::vector<std::byte>(room.bytes());
  values_ = Writer(memory_.data(), room.values).list(values);
}

EventCopy::EventCopy(const Event& event) : event_(event) {
  const std::span<const Value> slots(event.slots,
                                     event.plan != nullptr ? event.plan->fields.size() : 0);
  // A type that the plan names has its text there, and the plan outlives the event.
  const bool planned = event.plan != nullptr && event.plan->name == event.type_name;

  Room room;
  room.add(slots);
  room.chars += event.raw.size() + event.name.size() + (planned ? 0 : event.type_name.size());
  bytes_ = room.bytes();
  if (bytes_ != 0) memory_.reset(new std::byte[bytes_]);

  Writer writer(memory_.get(), room.values);
  event_.slots = writer.list(slots).data();
  event_.raw = writer.text(event.raw);
  event_.name = writer.text(event.name);
  event_.type_name = planned ? std::string_view(event.plan->name) : writer.text(event.type_name);
}

EventRef EvidenceStore::put(const Event& event) {
  if (last_put_ != kNone && get(last_put_).seq == event.seq) {
    retain(last_put_);
    return last_put_;
  }
  last_put_ = put_new(event);
  return last_put_;
}

EventRef EvidenceStore::put_new(const Event& event) {
  const EventRef handle = take_slot();
  Slot& s = slot(handle);
  s.copy = EventCopy(event);
  s.references = 1;
  ++events_;
  bytes_ += s.copy.bytes();
  return handle;
}

void EvidenceStore::release(EventRef handle) noexcept {
  Slot& s = slot(handle);
  if (--s.references != 0) return;
  --events_;
  bytes_ -= s.copy.bytes();
  s.copy = EventCopy();
  s.next_free = free_;
  free_ = handle;
  if (handle == last_put_) last_put_ = kNone;
}

EventRef EvidenceStore::take_slot() {
  if (free_ == kNone) {
    const auto first = static_cast<std::uint32_t>(chunks_.size() << kChunkBits);
    constexpr std::uint32_t kSlots = 1U << kChunkBits;
    chunks_.push_back(std::make_unique<Slot[]>(kSlots));
    for (std::uint32_t i = kSlots; i-- > 0;) {
      slot(first + i).next_free = free_;
      free_ = first + i;
    }
  }
  const EventRef handle = free_;
  free_ = slot(handle).next_free;
  return handle;
}

}  // namespace weir::nfa
