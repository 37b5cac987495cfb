// Comparison, identity, hashing and text of values.
#include "weir/event/value.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "weir/event/utf8.hpp"

namespace weir {
namespace {

/// Exact: neither side is rounded to the other's type.
std::strong_ordering compare_int_float(std::int64_t i, double d) noexcept {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (d >= kTwo63) return std::strong_ordering::less;
  if (d < -kTwo63) return std::strong_ordering::greater;
  const auto whole = static_cast<std::int64_t>(d);
  if (i != whole) return i <=> whole;
  const double rest = d - static_cast<double>(whole);
  if (rest > 0) return std::strong_ordering::less;
  return rest < 0 ? std::strong_ordering::greater : std::strong_ordering::equal;
}

std::strong_ordering compare_floats(double a, double b) noexcept {
  if (a < b) return std::strong_ordering::less;
  return a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

std::strong_ordering reverse(std::strong_ordering o) noexcept {
  return 0 <=> o;
}

std::strong_ordering compare_numbers(const Value& a, const Value& b) noexcept {
  if (a.type() == ValueType::kInt) {
    return b.type() == ValueType::kInt ? a.as_int() <=> b.as_int()
                                       : compare_int_float(a.as_int(), b.as_float());
  }
  return b.type() == ValueType::kInt ? reverse(compare_int_float(b.as_int(), a.as_float()))
                                     : compare_floats(a.as_float(), b.as_float());
}

std::optional<std::strong_ordering> compare_lists(std::span<const Value> a,
                                                  std::span<const Value> b) noexcept {
  const std::size_t n = a.size() < b.size() ? a.size() : b.size();
  for (std::size_t i = 0; i < n; ++i) {
    const auto order = compare(a[i], b[i]);
    if (!order || *order != 0) return order;
  }
  return a.size() <=> b.size();
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::uint64_t hash_bytes(std::string_view s, std::uint64_t seed) noexcept {
  // FNV-1a over words of eight bytes: the same on every machine of one byte order.
  std::uint64_t h = seed ^ (0xcbf29ce484222325ULL + s.size());
  std::size_t i = 0;
  for (; i + 8 <= s.size(); i += 8) {
    std::uint64_t word = 0;
    for (unsigned k = 0; k < 8; ++k) {
      word |= std::uint64_t{static_cast<unsigned char>(s[i + k])} << (8 * k);
    }
    h = mix(h ^ word);
  }
  for (; i < s.size(); ++i) {
    h = (h ^ static_cast<unsigned char>(s[i])) * 0x100000001b3ULL;
  }
  return mix(h);
}

/// Kinds that may be identical() share a tag.
std::uint64_t hash_tag(ValueType type) noexcept {
  if (type == ValueType::kFloat) type = ValueType::kInt;
  return static_cast<std::uint64_t>(type) + 1;
}

std::uint64_t hash_float(double d) noexcept {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (d >= -kTwo63 && d < kTwo63 && d == std::trunc(d)) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(d));
  }
  return std::bit_cast<std::uint64_t>(d);
}

void append_int(std::string& out, std::int64_t i) {
  std::array<char, 24> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), i).ptr;
  out.append(buffer.data(), end);
}

/// The shortest digits that read back; plain notation between 1e-5 and 1e16, as people write
/// numbers.
void append_float(std::string& out, double d) {
  if (std::isinf(d)) {
    out += d < 0 ? "-inf" : "inf";
    return;
  }
  const double size = std::fabs(d);
  const bool plain = d == 0 || (size >= 1e-5 && size < 1e16);
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), d,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific)
                       .ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  out += text;
  if (plain && text.find('.') == std::string_view::npos) out += ".0";
}

template <typename AppendItem>
void append_list(std::string& out, std::span<const Value> items, std::string_view separator,
                 AppendItem append_item) {
  out += '[';
  bool first = true;
  for (const Value& item : items) {
    if (!first) out += separator;
    first = false;
    append_item(out, item);
  }
  out += ']';
}

}  // namespace

std::string_view type_name(ValueType type) noexcept {
  switch (type) {
    case ValueType::kNull:
      return "null";
    case ValueType::kBool:
      return "boolean";
    case ValueType::kInt:
      return "integer";
    case ValueType::kFloat:
      return "float";
    case ValueType::kString:
      return "string";
    case ValueType::kTimestamp:
      return "timestamp";
    case ValueType::kDuration:
      return "duration";
    case ValueType::kList:
      return "list";
  }
  return "null";
}

std::optional<std::strong_ordering> compare(const Value& a, const Value& b) noexcept {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  if (a.type() != b.type()) return std::nullopt;
  switch (a.type()) {
    case ValueType::kNull:
    case ValueType::kInt:
    case ValueType::kFloat:
      return std::nullopt;
    case ValueType::kBool:
      return a.as_bool() <=> b.as_bool();
    case ValueType::kString:
      return a.as_string() <=> b.as_string();
    case ValueType::kTimestamp:
      return a.as_timestamp() <=> b.as_timestamp();
    case ValueType::kDuration:
      return a.as_duration() <=> b.as_duration();
    case ValueType::kList:
      return compare_lists(a.as_list(), b.as_list());
  }
  return std::nullopt;
}

bool equals(const Value& a, const Value& b) noexcept {
  const auto order = compare(a, b);
  return order && *order == 0;
}

bool identical(const Value& a, const Value& b) noexcept {
  if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
  if (a.type() != ValueType::kList || b.type() != ValueType::kList) return equals(a, b);
  const auto x = a.as_list();
  const auto y = b.as_list();
  if (x.size() != y.size()) return false;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!identical(x[i], y[i])) return false;
  }
  return true;
}

std::uint64_t hash_value(const Value& v, std::uint64_t seed) noexcept {
  const std::uint64_t h = mix(seed ^ hash_tag(v.type()));
  switch (v.type()) {
    case ValueType::kNull:
      return h;
    case ValueType::kFloat:
      return mix(h ^ hash_float(v.as_float()));
    case ValueType::kString:
      return hash_bytes(v.as_string(), h);
    case ValueType::kList: {
      std::uint64_t all = h;
      for (const Value& item : v.as_list()) all = hash_value(item, all);
      return mix(all ^ v.as_list().size());
    }
    case ValueType::kBool:
    case ValueType::kInt:
    case ValueType::kTimestamp:
    case ValueType::kDuration:
      return mix(h ^ static_cast<std::uint64_t>(v.as_int()));
  }
  return h;
}

void append_text(std::string& out, const Value& v) {
  switch (v.type()) {
    case ValueType::kNull:
      out += "null";
      return;
    case ValueType::kBool:
      out += v.as_bool() ? "true" : "false";
      return;
    case ValueType::kInt:
      append_int(out, v.as_int());
      return;
    case ValueType::kFloat:
      append_float(out, v.as_float());
      return;
    case ValueType::kString:
      out += v.as_string();
      return;
    case ValueType::kTimestamp:
      append_iso8601(out, v.as_timestamp());
      return;
    case ValueType::kDuration:
      out += format_duration(v.as_duration());
      return;
    case ValueType::kList:
      append_list(out, v.as_list(), ", ", [](std::string& o, const Value& item) {
        // [""] is not the empty list.
        const bool empty = item.type() == ValueType::kString && item.as_string().empty();
        empty ? void(o += "\"\"") : append_text(o, item);
      });
      return;
  }
}

std::string to_text(const Value& v) {
  std::string out;
  append_text(out, v);
  return out;
}

void append_json(std::string& out, const Value& v) {
  switch (v.type()) {
    case ValueType::kString:
      append_json_string(out, v.as_string());
      return;
    case ValueType::kTimestamp:
    case ValueType::kDuration:
      out += '"';
      append_text(out, v);
      out += '"';
      return;
    case ValueType::kList:
      append_list(out, v.as_list(), ",",
                  [](std::string& o, const Value& item) { append_json(o, item); });
      return;
    case ValueType::kFloat:
      // JSON has no infinity.
      append_text(out, std::isinf(v.as_float()) ? Value{} : v);
      return;
    case ValueType::kNull:
    case ValueType::kBool:
    case ValueType::kInt:
      append_text(out, v);
      return;
  }
}

void append_json_string(std::string& out, std::string_view s) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t i = 0;
  while (i < s.size()) {
    const char c = s[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      // What is no UTF-8 would make the whole record unreadable.
      const std::size_t n = utf8::sequence_length(s.substr(i));
      if (n == 0) {
        out += "\xEF\xBF\xBD";
        ++i;
      } else {
        out += s.substr(i, n);
        i += n;
      }
      continue;
    }
    ++i;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte < 0x20) {
          out += "\\u00";
          out += kHex[byte >> 4];
          out += kHex[byte & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

}  // namespace weir
