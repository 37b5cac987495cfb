// The values that events carry and expressions compute.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/event/time.hpp"

namespace weir {

enum class ValueType : std::uint8_t {
  kNull,
  kBool,
  kInt,    // 64 bits
  kFloat,  // binary64; never NaN (it is null)
  kString,
  kTimestamp,
  kDuration,
  kList,
};

/// "null", "boolean", "integer", "float", "string", "timestamp", "duration", "list".
std::string_view type_name(ValueType type) noexcept;

/// One value, 16 bytes, trivially copyable. Strings and lists are views: whoever makes the Value says
/// what must outlive it (a batch, an arena, the evidence store).
class Value {
 public:
  constexpr Value() noexcept : int_(0) {}
  static constexpr Value null() noexcept { return {}; }
  static constexpr Value boolean(bool b) noexcept {
    return Value(ValueType::kBool, static_cast<std::int64_t>(b));
  }
  static constexpr Value integer(std::int64_t i) noexcept { return Value(ValueType::kInt, i); }
  /// NaN becomes null, so that no comparison ever meets one.
  static constexpr Value real(double d) noexcept {
    Value v;
    if (d == d) {
      v.tag_ = tag(ValueType::kFloat, 0);
      v.float_ = d;
    }
    return v;
  }
  /// `s.size()` is below 4 GiB.
  static constexpr Value string(std::string_view s) noexcept {
    Value v;
    v.tag_ = tag(ValueType::kString, s.size());
    v.chars_ = s.data();
    return v;
  }
  static constexpr Value timestamp(Timestamp t) noexcept {
    return Value(ValueType::kTimestamp, t.ns);
  }
  static constexpr Value duration(Duration d) noexcept {
    return Value(ValueType::kDuration, d.ns);
  }
  static constexpr Value list(std::span<const Value> items) noexcept {
    Value v;
    v.tag_ = tag(ValueType::kList, items.size());
    v.items_ = items.data();
    return v;
  }

  constexpr ValueType type() const noexcept { return static_cast<ValueType>(tag_ >> 32); }
  constexpr bool is_null() const noexcept { return type() == ValueType::kNull; }
  constexpr bool is_number() const noexcept {
    return type() == ValueType::kInt || type() == ValueType::kFloat;
  }
  /// Only `true` is true: null, numbers and strings are not.
  constexpr bool truthy() const noexcept { return type() == ValueType::kBool && int_ != 0; }

  // REQUIRES of each: type() says so.
  constexpr bool as_bool() const noexcept { return int_ != 0; }
  constexpr std::int64_t as_int() const noexcept { return int_; }
  constexpr double as_float() const noexcept { return float_; }
  constexpr std::string_view as_string() const noexcept { return {chars_, size()}; }
  constexpr Timestamp as_timestamp() const noexcept { return {int_}; }
  constexpr Duration as_duration() const noexcept { return {int_}; }
  constexpr std::span<const Value> as_list() const noexcept { return {items_, size()}; }

  /// REQUIRES: is_number().
  constexpr double number() const noexcept {
    return type() == ValueType::kInt ? static_cast<double>(int_) : float_;
  }

 private:
  constexpr Value(ValueType type, std::int64_t i) noexcept : int_(i), tag_(tag(type, 0)) {}
  static constexpr std::uint64_t tag(ValueType type, std::size_t size) noexcept {
    return static_cast<std::uint64_t>(type) << 32 | static_cast<std::uint32_t>(size);
  }
  constexpr std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(tag_); }

  union {
    std::int64_t int_;
    double float_;
    const char* chars_;
    const Value* items_;
  };
  // The type above, a size below. One word and no padding: what is written in parts and then copied
  // as a whole has to wait until the parts are there.
  std::uint64_t tag_ = 0;
};

static_assert(sizeof(Value) == 16);

/// The order of two values as the language compares them: integers and floats by value (exactly, also
/// past 2^53), strings by bytes, false before true, timestamps and durations by length, lists item by
/// item. Nothing where either is null or the types are unlike: every comparison is then false.
std::optional<std::strong_ordering> compare(const Value& a, const Value& b) noexcept;

/// compare(a, b) says equal. False with a null.
bool equals(const Value& a, const Value& b) noexcept;

/// The same value to the last bit of meaning: null is null, 1 is 1.0; used for keys and for distinct.
bool identical(const Value& a, const Value& b) noexcept;

/// Equal for values that are identical().
std::uint64_t hash_value(const Value& v, std::uint64_t seed = 0) noexcept;

/// The text of a value as messages show it: strings bare, null as "null", floats in the shortest form
/// that reads back ("5" for 5.0 is written "5.0"), timestamps ISO 8601, lists "[a, b]".
void append_text(std::string& out, const Value& v);
std::string to_text(const Value& v);

/// The same as JSON: strings quoted and escaped, timestamps and durations as strings.
void append_json(std::string& out, const Value& v);
void append_json_string(std::string& out, std::string_view s);

/// Bump allocator for what values point to. Not thread-safe. Everything handed out stays where it is
/// until reset() or destruction; reset() keeps the largest blocks for the next use, so that what is
/// used again and again for about as much does not allocate.
class ValueArena {
 public:
  ValueArena() = default;
  ValueArena(const ValueArena&) = delete;
  ValueArena& operator=(const ValueArena&) = delete;
  ValueArena(ValueArena&& other) noexcept { *this = std::move(other); }
  /// `other` is as new.
  ValueArena& operator=(ValueArena&& other) noexcept;

  /// `align` is a power of two of at most 16.
  void* allocate(std::size_t bytes, std::size_t align = 8) {
    const std::size_t start = (used_ + align - 1) & ~(align - 1);
    if (start > size_ || bytes > size_ - start) return allocate_elsewhere(bytes);
    used_ = start + bytes;
    return block_ + start;
  }
  std::string_view copy(std::string_view s);
  /// Deep: strings and nested lists too.
  Value copy(const Value& v);
  std::span<Value> make_list(std::size_t n);
  void reset() noexcept {
    used_ = 0;
    if (blocks_.size() > 1) keep_largest();
  }
  /// Bytes held from the system.
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  void keep_largest() noexcept;
  void* allocate_elsewhere(std::size_t bytes);
  void use(std::size_t index) noexcept;

  std::vector<Block> blocks_;
  std::size_t current_ = 0;     // the block that is filled now; the ones before it are full
  std::byte* block_ = nullptr;  // its bytes, which have every alignment that we are asked for
  std::size_t size_ = 0;        // how many it has
  std::size_t used_ = 0;        // and how many of them are taken
  std::size_t capacity_ = 0;    // of all blocks
};

/// A value that owns what it points to; cheap to copy (shared).
class OwnedValue {
 public:
  OwnedValue() = default;
  explicit OwnedValue(const Value& v);
  const Value& get() const noexcept { return value_; }

 private:
  std::shared_ptr<ValueArena> arena_;
  Value value_;
};

}  // namespace weir
