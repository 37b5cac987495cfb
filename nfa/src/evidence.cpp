#include "weir/nfa/evidence.hpp"

#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

namespace weir::nfa {
namespace {

/// Text that lies inside of another, which is copied as a whole.
bool inside(std::string_view s, std::string_view whole) noexcept {
  return s.data() >= whole.data() && s.data() + s.size() <= whole.data() + whole.size();
}

struct Room {
  std::string_view whole = {};
  std::size_t values = 0;
  std::size_t chars = 0;

  void add(const Value& v) {
    if (v.type() == ValueType::kString && !inside(v.as_string(), whole)) {
      chars += v.as_string().size();
    }
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
  /// From now on what lies inside of `whole` is found in `copy`.
  void know(std::string_view whole, std::string_view copy) {
    whole_ = whole;
    copy_ = copy;
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
    if (v.type() == ValueType::kString) {
      const std::string_view s = v.as_string();
      if (s.empty()) return Value::string({});
      if (!inside(s, whole_)) return Value::string(text(s));
      return Value::string(
          copy_.substr(static_cast<std::size_t>(s.data() - whole_.data()), s.size()));
    }
    if (v.type() == ValueType::kList) return Value::list(list(v.as_list()));
    return v;
  }

  std::byte* values_;
  std::byte* chars_;
  std::string_view whole_;
  std::string_view copy_;
};

bool any_list(std::span<const Value> values) noexcept {
  bool any = false;
  for (const Value& v : values) any = any || v.type() == ValueType::kList;
  return any;
}

/// A text that lies in `whole` becomes the one that lies so in `copy` of it. False: it does not lie
/// there.
bool move_text(Value& text, std::string_view whole, const char* copy) noexcept {
  const std::string_view s = text.as_string();
  if (s.empty()) {
    text = Value::string({});
    return true;
  }
  const std::size_t at =
      reinterpret_cast<std::uintptr_t>(s.data()) - reinterpret_cast<std::uintptr_t>(whole.data());
  if (at > whole.size() || s.size() > whole.size() - at) return false;
  text = Value::string({copy + at, s.size()});
  return true;
}

}  // namespace

std::size_t copied_bytes(std::span<const Value> values) noexcept {
  if (any_list(values)) {
    Room room;
    room.add(values);
    return room.bytes();
  }
  std::size_t bytes = values.size_bytes();
  for (const Value& v : values) {
    if (v.type() == ValueType::kString) bytes += v.as_string().size();
  }
  return bytes;
}

std::span<const Value> copy_values(std::span<const Value> values, std::byte* block) noexcept {
  if (any_list(values)) {
    Room room;
    room.add(values);
    return Writer(block, room.values).list(values);
  }
  auto* const to = reinterpret_cast<Value*>(block);
  auto* chars = reinterpret_cast<char*>(to + values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    new (to + i) Value(values[i]);
    if (values[i].type() != ValueType::kString) continue;
    const std::string_view text = values[i].as_string();
    if (!text.empty()) std::memcpy(chars, text.data(), text.size());
    to[i] = Value::string({chars, text.size()});
    chars += text.size();
  }
  return {to, values.size()};
}

void ValuesCopy::assign(std::span<const Value> values) {
  const std::size_t bytes = copied_bytes(values);
  if (bytes > memory_.size()) memory_ = std::vector<std::byte>(bytes);
  values_ = copy_values(values, memory_.data());
}

/// Most events have all their text in the raw record; where one has not, that is found out on the
/// way.
EventRef EvidenceStore::put_compact(const Event& event) {
  const std::uint32_t kind = kind_of(event);
  if (kind == kWhole || !event.name.empty()) return put_new(event);
  const std::span<const Value> slots(event.slots, kinds_[kind].slots);
  const std::size_t bytes = kCompactBytes + slots.size_bytes() + event.raw.size();
  const EventRef handle = arena_.allocate(bytes);
  std::byte* const block = arena_.at(handle);
  new (block) Record{.references = 1,
                     .view = 0,
                     .size = static_cast<std::uint32_t>(event.raw.size()),
                     .kind = kind};
  Compact& c = *new (block + sizeof(Record))
                   Compact{.ts = event.ts, .seq = event.seq, .position = event.position};
  Value* const copy = c.slots();
  auto* const raw = reinterpret_cast<char*>(copy + slots.size());
  if (!event.raw.empty()) std::memcpy(raw, event.raw.data(), event.raw.size());
  bool inside = true;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    copy[i] = slots[i];
    if (slots[i].type() == ValueType::kString) {
      inside = move_text(copy[i], event.raw, raw) && inside;
    } else if (slots[i].type() == ValueType::kList) {
      inside = false;
    }
  }
  if (!inside) {
    arena_.free(handle, bytes);
    return put_new(event);
  }
  ++events_;
  return handle;
}

inline std::uint32_t EvidenceStore::kind_of(const Event& event) {
  if (event.type < last_kind_.size()) {
    const std::uint32_t kind = last_kind_[event.type];
    if (kinds_[kind].is_of(event)) return kind;
  }
  return find_kind(event);
}

/// O(kinds). Of a type that no rule names, each event has its name: there is no kind.
std::uint32_t EvidenceStore::find_kind(const Event& event) {
  if (event.plan == nullptr || event.type == kOtherType) return kWhole;
  std::uint32_t kind = 1;
  while (kind < kinds_.size() && !kinds_[kind].is_of(event)) ++kind;
  if (kind == kMaxKinds) return kWhole;
  if (kind == kinds_.size()) {
    kinds_.push_back({.type = event.type,
                      .origin = event.origin,
                      .slots = static_cast<std::uint32_t>(event.plan->fields.size()),
                      .plan = event.plan,
                      .format = event.format});
  }
  if (event.type >= last_kind_.size()) last_kind_.resize(event.type + 1, kWhole);
  last_kind_[event.type] = kind;
  return kind;
}

const Event& EvidenceStore::make_view(EventRef handle) {
  Record& r = record(handle);
  const Kind& kind = kinds_[r.kind];
  r.view = arena_.allocate(sizeof(Event));
  Compact& c = *reinterpret_cast<Compact*>(&r + 1);
  const auto* const raw = reinterpret_cast<const char*>(c.slots() + kind.slots);
  return *new (arena_.at(r.view)) Event{.type = kind.type,
                                        .origin = kind.origin,
                                        .ts = c.ts,
                                        .seq = c.seq,
                                        .position = c.position,
                                        .name = {},
                                        .type_name = kind.plan->name,
                                        .plan = kind.plan,
                                        .slots = c.slots(),
                                        .raw = {raw, r.size},
                                        .format = kind.format};
}

EventRef EvidenceStore::put_new(const Event& event) {
  const std::span<const Value> slots(event.slots,
                                     event.plan != nullptr ? event.plan->fields.size() : 0);
  // A type that the plan names has its text there, and the plan outlives the event.
  const bool planned = event.plan != nullptr && event.type != kOtherType;

  Room room{.whole = event.raw};
  room.add(slots);
  room.chars += event.raw.size() + event.name.size() + (planned ? 0 : event.type_name.size());
  const std::size_t bytes = sizeof(Record) + sizeof(Event) + room.bytes();

  const EventRef handle = arena_.allocate(bytes);
  std::byte* const block = arena_.at(handle);
  constexpr BlockRef kHead = sizeof(Record) / ChunkArena::kUnit;
  new (block) Record{.references = 1,
                     .view = handle + kHead,
                     .size = static_cast<std::uint32_t>(bytes),
                     .kind = kWhole};
  Event& copy = *new (block + sizeof(Record)) Event(event);
  Writer writer(block + sizeof(Record) + sizeof(Event), room.values);
  copy.raw = writer.text(event.raw);
  writer.know(event.raw, copy.raw);
  copy.slots = writer.list(slots).data();
  if (!event.name.empty()) copy.name = writer.text(event.name);
  copy.type_name = planned ? std::string_view(event.plan->name) : writer.text(event.type_name);
  ++events_;
  return handle;
}

void EvidenceStore::drop(EventRef handle) noexcept {
  const Record& r = record(handle);
  --events_;
  if (handle == last_put_) last_put_ = 0;
  if (r.kind != kWhole && r.view != 0) arena_.free(r.view, sizeof(Event));
  arena_.free(handle, block_bytes(r));
}

}  // namespace weir::nfa
