// A value that owns what it points to, and whose memory serves the next value that takes its place.
#pragma once

#include <span>
#include <string>

#include "weir/event/value.hpp"
#include "weir/nfa/evidence.hpp"

namespace weir::nfa {

class KeptValue {
 public:
  KeptValue() = default;
  explicit KeptValue(const Value& v) { assign(v); }

  void assign(const Value& v) {
    value_ = {};
    if (v.type() == ValueType::kString) {
      text_ = v.as_string();
      is_text_ = true;
      return;
    }
    is_text_ = false;
    if (v.type() == ValueType::kList) {
      list_.assign(std::span(&v, 1));
      value_ = list_.get().front();
    } else {
      value_ = v;
    }
  }

  /// A view: as long as this stays where it is, unchanged.
  Value get() const noexcept { return is_text_ ? Value::string(text_) : value_; }

 private:
  Value value_;
  std::string text_;
  ValuesCopy list_;
  bool is_text_ = false;
};

}  // namespace weir::nfa
