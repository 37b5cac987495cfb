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

void* ValueArena::allocate(std::size_t bytes, std::size_t align) {
  if (!blocks_.empty()) {
    // Blocks come from new, so that their start has every alignment we are asked for.
    const std::size_t start = (used_ + align - 1) & ~(align - 1);
    Block& last = blocks_.back();
    if (start <= last.size && bytes <= last.size - start) {
      used_ = start + bytes;
      return last.bytes.get() + start;
    }
  } else {
    capacity_ = 0;  // of an arena that was moved from
  }
  const std::size_t grown =
      blocks_.empty() ? kFirstBlock : std::min(blocks_.back().size * 2, kLargestGrowth);
  const std::size_t size = std::max(bytes, grown);
  blocks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[size]), size});
  capacity_ += size;
  used_ = bytes;
  return blocks_.back().bytes.get();
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
  const auto largest =
      std::max_element(blocks_.begin(), blocks_.end(),
                       [](const Block& a, const Block& b) { return a.size < b.size; });
  std::swap(blocks_.front(), *largest);
  blocks_.resize(1);
  capacity_ = blocks_.front().size;
}

OwnedValue::OwnedValue(const Value& v) : value_(v) {
  if (!points(v)) return;
  arena_ = std::make_shared<ValueArena>();
  value_ = arena_->copy(v);
}

}  // namespace weir
