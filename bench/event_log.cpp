#include "event_log.hpp"

namespace weir::bench {
namespace {

constexpr std::size_t kBlockValues = 1 << 16;

}  // namespace

EventLog::EventLog(nfa::ProgramPtr program, std::size_t events) : program_(std::move(program)) {
  events_.reserve(events);
}

LogType EventLog::type(std::string_view name) {
  LogType type;
  type.id = program_->plan.type_id(name);
  type.plan = &program_->plan.type(type.id);
  type.name = names_.emplace_back(name);
  return type;
}

std::uint16_t EventLog::slot(const LogType& type, std::string_view field) const {
  for (std::size_t i = 0; i < type.plan->fields.size(); ++i) {
    if (program_->plan.field(type.plan->fields[i]).dotted == field) {
      return static_cast<std::uint16_t>(i);
    }
  }
  return kNoSlot;
}

Value* EventLog::add(const LogType& type, Timestamp ts) {
  const std::size_t slots = type.plan->fields.size();
  if (blocks_.empty() || block_used_ + slots > kBlockValues) {
    blocks_.push_back(std::make_unique<Value[]>(kBlockValues));
    block_used_ = 0;
  }
  Value* const values = blocks_.back().get() + block_used_;
  block_used_ += slots;
  Event event;
  event.type = type.id;
  event.ts = ts;
  event.position = {0, 0, events_.size()};
  event.type_name = type.name;
  event.plan = type.plan;
  event.slots = values;
  events_.push_back(event);
  return values;
}

}  // namespace weir::bench
