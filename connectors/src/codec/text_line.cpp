// Lines of free text, and lines read by the named groups of one expression.

#include <algorithm>
#include <array>

#include "codec/cell.hpp"
#include "codec/expression.hpp"
#include "codec/line_base.hpp"

namespace weir::connectors {
namespace {

class TextBase final : public LineBase {
 public:
  const std::vector<std::string>& names() const noexcept override { return names_; }
  std::string_view default_type() const noexcept override { return "text"; }
  std::string_view default_on() const noexcept override { return "line"; }

  RejectReason read(std::string_view line, std::span<Value> values, LineTime& time,
                    ValueArena&) const override {
    values[0] = Value::string(line);
    const std::size_t size = leading_timestamp(line);
    if (size > 0) {
      time.kind = LineTime::Kind::kIso8601;
      time.text = line.substr(0, size);
    }
    return RejectReason::kNone;
  }

 private:
  std::vector<std::string> names_ = {"line"};
};

class RegexBase final : public LineBase {
 public:
  RegexBase(std::unique_ptr<Expression> expression, std::string_view time_field)
      : expression_(std::move(expression)) {
    for (const auto& [name, number] : expression_->groups()) names_.push_back(name);
    if (!time_field.empty()) {
      time_ = index_of(time_field);
      return;
    }
    for (const std::string_view usual : usual_time_fields()) {
      time_ = index_of(usual);
      if (time_ < names_.size()) break;
    }
  }

  const std::vector<std::string>& names() const noexcept override { return names_; }
  std::string_view default_type() const noexcept override { return "text"; }
  std::string_view default_on() const noexcept override { return {}; }
  bool has_time() const noexcept { return time_ < names_.size(); }

  RejectReason read(std::string_view line, std::span<Value> values, LineTime& time,
                    ValueArena&) const override {
    FoundGroups found;
    if (!expression_->find(line, found)) return RejectReason::kPatternNoMatch;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto number = static_cast<std::size_t>(expression_->groups()[i].second);
      if (found[number].data() == nullptr) continue;
      values[i] = read_cell(found[number]);
      if (i == time_) {
        time.kind = LineTime::Kind::kUser;
        time.text = found[number];
      }
    }
    return RejectReason::kNone;
  }

 private:
  std::size_t index_of(std::string_view name) const {
    return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
  }

  std::unique_ptr<Expression> expression_;
  std::vector<std::string> names_;
  std::size_t time_ = 0;
};

}  // namespace

std::span<const std::string_view> usual_time_fields() noexcept {
  static constexpr std::array<std::string_view, 8> kNames = {
      "ts", "timestamp", "time", "@timestamp", "eventTime", "event_time", "datetime", "date"};
  return kNames;
}

std::unique_ptr<LineBase> text_base() {
  return std::make_unique<TextBase>();
}

std::unique_ptr<LineBase> regex_base(std::string_view pattern, std::string_view time_field,
                                     std::string& error) {
  auto expression = Expression::compile(pattern, error);
  if (expression == nullptr) {
    error = "the pattern is no regular expression: " + error;
    return nullptr;
  }
  auto base = std::make_unique<RegexBase>(std::move(expression), time_field);
  if (!base->has_time()) {
    error = time_field.empty()
                ? "the pattern has no group with the time: name it ts, (?<ts>...), or say which "
                  "one it is"
                : "the pattern has no group " + std::string(time_field);
    return nullptr;
  }
  return base;
}

}  // namespace weir::connectors
