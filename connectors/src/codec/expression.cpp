#include "codec/expression.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "weir/connectors/codec.hpp"

namespace weir::connectors {
namespace {

/// Memory for the automata of one expression.
constexpr std::int64_t kMaxRe2Memory = 16 << 20;

}  // namespace

std::string to_re2_syntax(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  bool in_class = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      if (text[i + 1] == 'Q') {
        const std::size_t end = std::min(text.find("\\E", i + 2), text.size());
        out += text.substr(i, end - i);
        i = end - 1;
        continue;
      }
      out += text.substr(i, 2);
      ++i;
      continue;
    }
    out += c;
    if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      // A bracket right after the opening (and its ^) is an ordinary character.
      if (i + 1 < text.size() && text[i + 1] == '^') out += text[++i];
      if (i + 1 < text.size() && text[i + 1] == ']') out += text[++i];
    } else if (c == '(' && text.substr(i, 3) == "(?<" && i + 3 < text.size() &&
               text[i + 3] != '=' && text[i + 3] != '!') {
      out += "?P<";
      i += 2;
    }
  }
  return out;
}

Expression::~Expression() = default;

std::unique_ptr<Expression> Expression::compile(std::string_view text, std::string& error) {
  if (text.size() > kMaxExpressionBytes) {
    error = "the expression is longer than 64 KiB";
    return nullptr;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxRe2Memory);
  std::unique_ptr<Expression> made(new Expression());
  made->re2_ = std::make_unique<re2::RE2>(to_re2_syntax(text), options);
  if (!made->re2_->ok()) {
    // In the writer's spelling of named groups, not in RE2's.
    error = made->re2_->error();
    for (std::size_t at = 0; (at = error.find("(?P<", at)) != error.npos; at += 2) {
      error.erase(at + 2, 1);
    }
    return nullptr;
  }
  // RE2 would read the first of two groups of one name and say nothing of the other.
  const auto& named = made->re2_->NamedCapturingGroups();
  for (const auto& [number, name] : made->re2_->CapturingGroupNames()) {
    if (named.at(name) != number) {
      error = "two groups are named " + name;
      return nullptr;
    }
    made->groups_.emplace_back(name, number);
  }
  return made;
}

std::span<std::string_view> FoundGroups::resize(std::size_t count) {
  many_.clear();
  if (count <= few_.size()) return std::span(few_).first(count);
  many_.resize(count);
  return many_;
}

bool Expression::find(std::string_view text, FoundGroups& found) const {
  const std::size_t count =
      1 + (groups_.empty() ? 0 : static_cast<std::size_t>(groups_.back().second));
  std::array<re2::StringPiece, 24> few;
  std::vector<re2::StringPiece> many(count <= few.size() ? 0 : count);
  re2::StringPiece* const pieces = many.empty() ? few.data() : many.data();
  if (!re2_->Match(text, 0, text.size(), re2::RE2::UNANCHORED, pieces, static_cast<int>(count))) {
    return false;
  }
  const std::span<std::string_view> out = found.resize(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = {pieces[i].data(), pieces[i].size()};
  return true;
}

ExpressionInfo inspect_expression(std::string_view expression) {
  ExpressionInfo info;
  const auto compiled = Expression::compile(expression, info.error);
  if (compiled == nullptr) return info;
  for (const auto& [name, number] : compiled->groups()) info.groups.push_back(name);
  return info;
}

std::optional<ValueType> parse_group_type(std::string_view name) noexcept {
  if (name == "int") return ValueType::kInt;
  if (name == "float") return ValueType::kFloat;
  if (name == "bool") return ValueType::kBool;
  if (name == "string") return ValueType::kString;
  if (name == "timestamp") return ValueType::kTimestamp;
  return std::nullopt;
}

}  // namespace weir::connectors
