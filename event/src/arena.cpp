// ValueArena and OwnedValue.
#include <algorithm>
#include <cstring>

#include "weir/event/value.hpp"

namespace weir {
namespace {

constexpr std::size_t kFirstBlock = 512;
constexpr std::size_t kLargestGrowth = std::size_t{1} << 20;

bool points(const Value& v) noexcept {
  return v.type() == ValueType::kString || v.type() == ValueType::kList;
}

}  // namespace

ValueArena& ValueArena::operator=(ValueArena&& other) noexcept {
  blocks_ = std::move(other.blocks_);
  other.blocks_.clear();
  current_ = std::exchange(other.current_, 0);
  block_ = std::exchange(other.block_, nullptr);
  size_ = std::exchange(other.size_, 0);
  used_ = std::exchange(other.used_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

void ValueArena::use(std::size_t index) noexcept {
  current_ = index;
  block_ = blocks_[index].bytes.get();
  size_ = blocks_[index].size;
  used_ = 0;
}

void* ValueArena::allocate_elsewhere(std::size_t bytes) {
  std::size_t next = block_ == nullptr ? 0 : current_ + 1;
  while (next < blocks_.size() && blocks_[next].size < bytes) ++next;
  if (next == blocks_.size()) {
    const std::size_t grown =
        blocks_.empty() ? kFirstBlock : std::min(blocks_.back().size * 2, kLargestGrowth);
    const std::size_t size = std::max(bytes, grown);
    blocks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[size]), size});
    capacity_ += size;
  }
  use(next);
  used_ = bytes;
  return block_;
}

std::string_view ValueArena::copy(std::string_view s) {
  if (s.empty()) return "";
  auto* to = static_cast<char*>(allocate(s.size(), 1));
  std::memcpy(to, s.data(), s.size());
  return {to, s.size()};
}

Value ValueArena::copy(const Value& v) {
  if (v.type() == ValueType::kString) return Value::string(copy(v.as_string()));
  if (v.type() != ValueType::kList) return v;
  const auto from = v.as_list();
  const auto to = make_list(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = copy(from[i]);
  return Value::list(to);
}

std::span<Value> ValueArena::make_list(std::size_t n) {
  auto* items = static_cast<Value*>(allocate(n * sizeof(Value), alignof(Value)));
  std::uninitialized_default_construct_n(items, n);
  return {items, n};
}

void ValueArena::keep_largest() noexcept {
  std::size_t largest = 0;
  for (const Block& block : blocks_) largest = std::max(largest, block.size);
  std::erase_if(blocks_, [&](const Block& block) { return block.size < largest; });
  capacity_ = blocks_.size() * largest;
  use(0);
}

OwnedValue::OwnedValue(const Value& v) : value_(v) {
  if (!points(v)) return;
  arena_ = std::make_shared<ValueArena>();
  value_ = arena_->copy(v);
}

}  // namespace weir
