// An event as the engine sees it, and the plan that says which of its fields are read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "weir/event/value.hpp"

namespace weir {

using TypeId = std::uint32_t;   // index of an event type that some rule names
using FieldId = std::uint32_t;  // index of a dotted path that some rule reads

/// Every type that no rule names; read only where a rule says `*`.
inline constexpr TypeId kOtherType = 0;
/// The two fields every event has; they live in the event's header, not in a slot.
inline constexpr FieldId kTsField = 0;
inline constexpr FieldId kTypeField = 1;
inline constexpr std::uint16_t kNoSlot = 0xffff;

/// Where a record stands: which source, which of its partitions, and the offset in it (for a file the
/// byte offset of the record in the decompressed stream). Alert ids, `late` and `rejected` name events
/// by it, so it must be the same in every replay.
struct Position {
  std::uint32_t source = 0;
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

/// A dotted path, `account.owner`, and its segments.
struct FieldPath {
  std::string dotted;
  std::vector<std::string> segments;
};

/// The slots of a type's fields, by field: open addressing, since a table by FieldId for each type
/// would be as large as all types times all fields. Fields of one type mostly have ids in a row.
class SlotTable {
 public:
  /// kNoSlot where the type's rules do not read the field. O(1).
  std::uint16_t operator[](FieldId field) const noexcept {
    if (entries_.empty()) return kNoSlot;
    const std::size_t mask = entries_.size() - 1;
    for (std::size_t at = field & mask;; at = (at + 1) & mask) {
      const Entry& entry = entries_[at];
      if (entry.field == field || entry.slot == kNoSlot) return entry.slot;
    }
  }

  /// REQUIRES: the field has no slot yet; `slot` is not kNoSlot.
  void set(FieldId field, std::uint16_t slot);

 private:
  struct Entry {
    FieldId field = 0;
    std::uint16_t slot = kNoSlot;  // kNoSlot: the entry is free
  };
  void place(Entry entry);

  std::vector<Entry> entries_;  // at most half of them taken; a power of two
  std::size_t taken_ = 0;
};

/// Which fields of one type are decoded: slot i of such an event holds fields[i].
struct TypePlan {
  std::string name;             // empty for kOtherType
  std::vector<FieldId> fields;  // by slot
  SlotTable slot_of;            // by FieldId
};

/// Which fields of which type any rule reads. Immutable once built; shared by codecs and matcher.
class FieldPlan {
 public:
  FieldPlan();

  // Building, by the compiler alone.
  TypeId add_type(std::string_view name);
  FieldId add_field(std::string_view dotted);
  /// The type's events are to hold this field. kOtherType: events of every type are.
  void read(TypeId type, FieldId field);
  /// `*` reads all types: what was asked of kOtherType is now asked of each type.
  void finish();

  /// kOtherType where no rule names it.
  TypeId type_id(std::string_view name) const noexcept;
  const TypePlan& type(TypeId id) const noexcept { return types_[id]; }
  const FieldPath& field(FieldId id) const noexcept { return fields_[id]; }
  std::size_t type_count() const noexcept { return types_.size(); }
  std::size_t field_count() const noexcept { return fields_.size(); }
  /// Nothing reads events of types that no rule names; a codec may skip them.
  bool reads_other() const noexcept { return reads_other_; }
  void set_reads_other() noexcept { reads_other_ = true; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept {
      return std::hash<std::string_view>{}(s);
    }
  };
  std::vector<TypePlan> types_;
  std::vector<FieldPath> fields_;
  std::unordered_map<std::string, TypeId, Hash, std::equal_to<>> type_ids_;
  std::unordered_map<std::string, FieldId, Hash, std::equal_to<>> field_ids_;
  bool reads_other_ = false;
};

struct Event;

/// How an event's raw record is shown as JSON in an alert. Immutable; outlives every event that names
/// it.
class RecordFormat {
 public:
  virtual ~RecordFormat() = default;
  /// Appends one JSON object: "type" and "ts" first, then the record's own fields. A record that
  /// cannot be read in full is embedded as a string under "raw".
  virtual void append_json(std::string& out, const Event& event) const = 0;
  /// Appends what names the event in alert ids, where no source holds it.
  virtual void append_name(std::string& out, const Event& event) const;
};

enum class EventOrigin : std::uint8_t { kSource, kWindow, kAlert };

/// One event. A view: slots, raw and type_name live in the batch that decoded it, or in the evidence
/// store once a run has bound it.
struct Event {
  TypeId type = kOtherType;
  EventOrigin origin = EventOrigin::kSource;
  Timestamp ts;
  /// Order of arrival in the merged input: before, after and next mean (ts, seq).
  std::uint64_t seq = 0;
  Position position;
  /// Names an event that no source holds (an alert's) in alert ids, where its format does not; empty
  /// for sources'.
  std::string_view name;
  std::string_view type_name;
  const TypePlan* plan = nullptr;
  const Value* slots = nullptr;  // plan->fields.size() of them
  std::string_view raw;          // the record as received, for evidence
  const RecordFormat* format = nullptr;

  Value get(FieldId field) const noexcept {
    if (field == kTsField) return Value::timestamp(ts);
    if (field == kTypeField) return Value::string(type_name);
    const std::uint16_t slot = plan->slot_of[field];
    return slot == kNoSlot ? Value{} : slots[slot];
  }
};

inline void RecordFormat::append_name(std::string& out, const Event& event) const {
  out += event.name;
}

}  // namespace weir
