#include "codec/json_index.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <functional>

namespace weir::connectors {
namespace {

/// A window and its index stay in the second-level cache while its records are read.
constexpr std::size_t kMaxWindow = 128 * 1024;
constexpr std::size_t kMinWindow = 256;  // of one that grows again
constexpr std::size_t kDepth = 1;        // of the later stages, which are not used

bool lies_in(const char* p, std::string_view bytes) noexcept {
  // Unlike <, std::less orders pointers into different arrays.
  const std::less<const char*> before;
  return !before(p, bytes.data()) && before(p, bytes.data() + bytes.size());
}

const char* find_backslash(std::string_view bytes) noexcept {
  const void* const found = std::memchr(bytes.data(), '\\', bytes.size());
  return found == nullptr ? bytes.data() + bytes.size() : static_cast<const char*>(found);
}

}  // namespace

struct JsonIndex::Stage {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;

  bool reserve(std::size_t bytes) {
    if (parser == nullptr) {
      return simdjson::get_active_implementation()->create_dom_parser_implementation(
                 std::max(bytes, kMaxWindow), kDepth, parser) == simdjson::SUCCESS;
    }
    // With room to spare, so that records that grow do not allocate each time.
    return bytes <= parser->capacity() ||
           parser->allocate(std::max(bytes, 2 * parser->capacity()), kDepth) == simdjson::SUCCESS;
  }
};

JsonIndex::JsonIndex() : stage_(std::make_unique<Stage>()), width_(kMaxWindow) {}
JsonIndex::~JsonIndex() = default;

void JsonIndex::look_ahead(std::string_view bytes) noexcept {
  ahead_ = bytes;
  window_ = {};
}

bool JsonIndex::find(std::string_view record, JsonStructure& out) {
  // Of memory that has not been announced nobody says that it is still the same.
  const bool indexed = lies_in(record.data(), window_) && lies_in(record.data(), ahead_);
  if (!indexed && !index_from(record)) return false;
  const auto begin = static_cast<std::size_t>(record.data() - window_.data());
  while (*at_ < begin) ++at_;
  if (backslash_ < record.data()) backslash_ = find_backslash(window_.substr(begin));
  out = {window_.data(), at_, end_, backslash_ < record.data() + record.size()};
  return true;
}

bool JsonIndex::index_from(std::string_view record) {
  while (true) {
    const std::string_view window = window_from(record);
    if (index(window)) {
      width_ = std::clamp(2 * width_, kMinWindow, kMaxWindow);
      return true;
    }
    if (window.size() == record.size()) return false;
    width_ /= 4;
  }
}

std::string_view JsonIndex::window_from(std::string_view record) const noexcept {
  if (!lies_in(record.data(), ahead_) || width_ <= record.size()) return record;
  const std::string_view rest =
      ahead_.substr(static_cast<std::size_t>(record.data() - ahead_.data()));
  if (rest.size() <= width_) return rest;
  const std::size_t line_end = rest.rfind('\n', width_ - 1);
  return line_end == rest.npos || line_end < record.size() ? record : rest.substr(0, line_end + 1);
}

bool JsonIndex::index(std::string_view window) {
  window_ = {};
  if (!stage_->reserve(window.size())) return false;
  auto& parser = *stage_->parser;
  if (parser.stage1(reinterpret_cast<const std::uint8_t*>(window.data()), window.size(),
                    simdjson::stage1_mode::regular) != simdjson::SUCCESS) {
    return false;
  }
  window_ = window;
  at_ = parser.structural_indexes.get();
  end_ = at_ + parser.n_structural_indexes;
  // There is room for it.
  parser.structural_indexes[parser.n_structural_indexes] =
      static_cast<std::uint32_t>(window.size());
  backslash_ = find_backslash(window);
  return true;
}

}  // namespace weir::connectors
