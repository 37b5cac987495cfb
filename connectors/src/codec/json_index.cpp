#include "codec/json_index.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace weir::connectors {
namespace {

/// A window and its index stay in the second-level cache while its records are read.
constexpr std::size_t kMaxWindow = 128 * 1024;
constexpr std::size_t kMinWindow = 256;  // of one that grows again
constexpr std::size_t kDepth = 1;        // of the later stages, which are not used

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

bool JsonIndex::index_from(std::string_view record) {
  window_ = {};
  while (true) {
    const std::string_view window = window_from(record);
    if (index(window)) {
      width_ = std::clamp(2 * width_, kMinWindow, kMaxWindow);
      // Of memory that was not announced nobody says that it stays the same.
      if (lies_in(record.data(), ahead_)) window_ = window;
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

bool JsonIndex::index(std::string_view text) {
  if (!stage_->reserve(text.size())) return false;
  auto& parser = *stage_->parser;
  if (parser.stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                    simdjson::stage1_mode::regular) != simdjson::SUCCESS) {
    return false;
  }
  base_ = text.data();
  base_end_ = base_ + text.size();
  at_ = parser.structural_indexes.get();
  end_ = at_ + parser.n_structural_indexes;
  // There is room for it.
  parser.structural_indexes[parser.n_structural_indexes] = static_cast<std::uint32_t>(text.size());
  find_backslash(base_);
  return true;
}

void JsonIndex::find_backslash(const char* from) noexcept {
  const void* const found = std::memchr(from, '\\', static_cast<std::size_t>(base_end_ - from));
  backslash_ = found == nullptr ? base_end_ : static_cast<const char*>(found);
}

}  // namespace weir::connectors
