// Numbers, times and other values that own nothing, the first in first out, in eight bytes each as
// long as they are all of one type.
#pragma once

#include <bit>
#include <cstdint>

#include "sliding.hpp"
#include "weir/event/value.hpp"

namespace weir::nfa {

class ValueQueue {
 public:
  std::size_t size() const noexcept { return bits_.size(); }

  /// REQUIRES: no string and no list.
  void push(const Value& v) {
    if (bits_.empty()) {
      nfa::clear(types_);
      type_ = v.type();
    } else if (v.type() != type_ && types_.empty()) {
      types_.set_capacity(bits_.capacity());
      types_.resize(bits_.size(), type_);
    }
    nfa::push(bits_, bits_of(v));
    if (!types_.empty()) nfa::push(types_, v.type());
  }

  Value at(std::size_t i) const noexcept {
    return value_of(types_.empty() ? type_ : types_[i], bits_[i]);
  }

  void pop_front(std::size_t n) {
    bits_.erase_begin(n);
    if (!types_.empty()) types_.erase_begin(n);
  }

  void clear() {
    nfa::clear(bits_);
    nfa::clear(types_);
  }

 private:
  static std::uint64_t bits_of(const Value& v) noexcept {
    return v.type() == ValueType::kFloat ? std::bit_cast<std::uint64_t>(v.as_float())
                                         : static_cast<std::uint64_t>(v.as_int());
  }
  static Value value_of(ValueType type, std::uint64_t bits) noexcept {
    const auto i = static_cast<std::int64_t>(bits);
    switch (type) {
      case ValueType::kBool:
        return Value::boolean(i != 0);
      case ValueType::kInt:
        return Value::integer(i);
      case ValueType::kFloat:
        return Value::real(std::bit_cast<double>(bits));
      case ValueType::kTimestamp:
        return Value::timestamp({i});
      case ValueType::kDuration:
        return Value::duration({i});
      case ValueType::kNull:
      case ValueType::kString:
      case ValueType::kList:
        break;
    }
    return {};
  }

  ValueType type_ = ValueType::kNull;  // of all, where types_ is empty
  Queue<std::uint64_t> bits_;
  Queue<ValueType> types_;
};

}  // namespace weir::nfa
