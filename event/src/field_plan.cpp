// FieldPlan: which fields of which type are decoded.
#include "weir/event/event.hpp"

#include <algorithm>

namespace weir {
namespace {

std::vector<std::string> split_path(std::string_view dotted) {
  std::vector<std::string> segments;
  std::size_t begin = 0;
  while (true) {
    const std::size_t dot = dotted.find('.', begin);
    segments.emplace_back(dotted.substr(begin, dot - begin));
    if (dot == std::string_view::npos) return segments;
    begin = dot + 1;
  }
}

}  // namespace

void SlotTable::set(FieldId field, std::uint16_t slot) {
  if (2 * (taken_ + 1) > entries_.size()) {
    constexpr std::size_t kFirst = 8;
    std::vector<Entry> before(std::max(kFirst, 2 * entries_.size()));
    before.swap(entries_);
    for (const Entry& entry : before) {
      if (entry.slot != kNoSlot) place(entry);
    }
  }
  place({field, slot});
  ++taken_;
}

void SlotTable::place(Entry entry) {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = entry.field & mask;
  while (entries_[at].slot != kNoSlot) at = (at + 1) & mask;
  entries_[at] = entry;
}

FieldPlan::FieldPlan() {
  types_.emplace_back();  // kOtherType
  add_field("ts");        // kTsField
  add_field("type");      // kTypeField
}

TypeId FieldPlan::add_type(std::string_view name) {
  const auto [it, added] =
      type_ids_.try_emplace(std::string(name), static_cast<TypeId>(types_.size()));
  if (added) {
    types_.emplace_back();
    types_.back().name = name;
  }
  return it->second;
}

FieldId FieldPlan::add_field(std::string_view dotted) {
  const auto [it, added] =
      field_ids_.try_emplace(std::string(dotted), static_cast<FieldId>(fields_.size()));
  if (added) fields_.push_back({std::string(dotted), split_path(dotted)});
  return it->second;
}

void FieldPlan::read(TypeId type, FieldId field) {
  if (field == kTsField || field == kTypeField) return;
  TypePlan& plan = types_[type];
  // kNoSlot is no slot's number; what is past it stays unread.
  if (plan.slot_of[field] != kNoSlot || plan.fields.size() >= kNoSlot) return;
  plan.slot_of.set(field, static_cast<std::uint16_t>(plan.fields.size()));
  plan.fields.push_back(field);
}

void FieldPlan::finish() {
  for (TypeId type = kOtherType + 1; type < types_.size(); ++type) {
    for (const FieldId field : types_[kOtherType].fields) read(type, field);
  }
}

TypeId FieldPlan::type_id(std::string_view name) const noexcept {
  const auto it = type_ids_.find(name);
  return it == type_ids_.end() ? kOtherType : it->second;
}

}  // namespace weir
