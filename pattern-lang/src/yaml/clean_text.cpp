#include "yaml/clean_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "weir/pattern-lang/rule_file.hpp"

namespace weir::lang::yaml {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

// Bytes of the well-formed sequence at `at`, or 0 (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view s, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) {
    return at + i < s.size() ? static_cast<unsigned char>(s[at + i]) : 0U;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;
    if (lead == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

// The end of the bytes below 0x80 from `at` on.
std::size_t ascii_prefix(std::string_view s, std::size_t at) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  for (std::uint64_t word = 0; at + sizeof word <= s.size(); at += sizeof word) {
    std::memcpy(&word, s.data() + at, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (at < s.size() && static_cast<unsigned char>(s[at]) < 0x80) ++at;
  return at;
}

bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

Place at_place(const SnippetPtr& whole, std::size_t begin, std::size_t size) {
  const std::size_t end = std::min(begin + size, whole->text.size());
  return {whole, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}};
}

// yaml-cpp reads a line to its end before it knows whether what begins it is a key.
bool check_lines(const SnippetPtr& whole, Diagnostics& diagnostics) {
  const std::string_view raw = whole->text;
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t end = std::min(raw.find('\n', at), raw.size());
    if (end - at > kMaxLineBytes) {
      diagnostics
          .report(Code::E0220, at_place(whole, at, 1),
                  fmt::format("a line of {} bytes, the limit is {}", end - at, kMaxLineBytes))
          .help = "break the line; keep logs in files of their own (`log: path`)";
      return false;
    }
    at = end + 1;
  }
  return true;
}

bool check_encoding(const SnippetPtr& whole, Diagnostics& diagnostics) {
  const std::string_view raw = whole->text;
  if (raw.starts_with("\xFF\xFE") || raw.starts_with("\xFE\xFF")) {
    diagnostics.report(Code::E0218, at_place(whole, 0, 0), "the file is UTF-16, not UTF-8").help =
        "save it as UTF-8";
    return false;
  }
  if (const std::size_t bad = invalid_utf8(raw); bad < raw.size()) {
    const auto byte = static_cast<unsigned char>(raw[bad]);
    diagnostics
        .report(Code::E0218, at_place(whole, bad, 1),
                fmt::format("the file is not UTF-8: byte 0x{:02X} fits no character", byte))
        .help = "save the file as UTF-8";
    return false;
  }
  const auto control = std::find_if(raw.begin(), raw.end(), is_control);
  if (control == raw.end()) return true;
  const auto offset = static_cast<std::size_t>(control - raw.begin());
  const auto byte = static_cast<unsigned char>(*control);
  diagnostics
      .report(Code::E0219, at_place(whole, offset, 1),
              byte == 0 ? std::string("a NUL byte in the file")
                        : fmt::format("control character 0x{:02X} in the file", byte))
      .help = fmt::format("delete it, or write \"\\x{:02x}\" in double quotes", byte);
  return false;
}

}  // namespace

std::size_t invalid_utf8(std::string_view text) noexcept {
  for (std::size_t i = ascii_prefix(text, 0); i < text.size(); i = ascii_prefix(text, i)) {
    const std::size_t n = sequence_length(text, i);
    if (n == 0) return i;
    i += n;
  }
  return text.size();
}

std::optional<CleanText> CleanText::make(const SnippetPtr& whole, Diagnostics& diagnostics) {
  std::string_view raw = whole->text;
  if (raw.size() > kMaxRuleFileBytes) {
    diagnostics
        .report(
            Code::E0220, at_place(whole, 0, 0),
            fmt::format("the file has {} bytes, the limit is {}", raw.size(), kMaxRuleFileBytes))
        .help = "split it into several files; keep logs in files of their own (`log: path`)";
    return std::nullopt;
  }
  if (!check_lines(whole, diagnostics) || !check_encoding(whole, diagnostics)) return std::nullopt;

  CleanText clean;
  // yaml-cpp drops a mark at the start of its input, which would shift its offsets: none is left
  // there.
  while (raw.starts_with(kBom)) {
    raw.remove_prefix(kBom.size());
    clean.bom_ += static_cast<std::uint32_t>(kBom.size());
  }
  if (raw.find('\r') == std::string_view::npos) {
    clean.text_ = raw;
    return clean;
  }
  clean.text_.reserve(raw.size());
  std::size_t line_feeds = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\r') {
      if (i + 1 < raw.size() && raw[i + 1] == '\n') {
        clean.removed_.push_back(static_cast<std::uint32_t>(clean.text_.size()));
        continue;
      }
      clean.text_.push_back('\n');  // a lone CR ends a line too (YAML 1.2, 5.4)
      continue;
    }
    line_feeds += raw[i] == '\n' ? 1 : 0;
    clean.text_.push_back(raw[i]);
  }
  clean.all_crlf_ = line_feeds > 0 && clean.removed_.size() == line_feeds;
  return clean;
}

std::uint32_t CleanText::to_file(std::uint32_t clean) const noexcept {
  const auto before = std::upper_bound(removed_.begin(), removed_.end(), clean) - removed_.begin();
  return clean + bom_ + static_cast<std::uint32_t>(before);
}

}  // namespace weir::lang::yaml
