#include "live/http/body_records.hpp"

#include <simdjson.h>

namespace weir::connectors {
namespace {

using simdjson::ondemand::json_type;

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The element's own text. What is skipped by counting brackets alone is the codec's to judge.
simdjson::error_code raw_text(simdjson::simdjson_result<simdjson::ondemand::value> element,
                              std::string_view& text) {
  json_type type{};
  if (const auto error = element.type().get(type)) return error;
  switch (type) {
    case json_type::object: {
      simdjson::ondemand::object object;
      if (const auto error = element.get_object().get(object)) return error;
      return object.raw_json().get(text);
    }
    case json_type::array: {
      simdjson::ondemand::array array;
      if (const auto error = element.get_array().get(array)) return error;
      return array.raw_json().get(text);
    }
    default:  // a scalar, which the iteration passes by
      text = element.raw_json_token();
      return simdjson::SUCCESS;
  }
}

SplitResult split_array(std::string& body, std::size_t skip, std::size_t max_records,
                        std::vector<std::string_view>& records, std::string& problem) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::array array;
  auto error =
      parser.iterate(body.data() + skip, body.size() - skip, body.capacity() - skip).get(document);
  if (!error) error = document.get_array().get(array);
  if (!error) {
    for (auto element : array) {
      std::string_view text;
      error = raw_text(element, text);
      if (error) break;
      if (records.size() == max_records) return SplitResult::kTooMany;
      records.push_back(text.substr(0, text.find_last_not_of(kSpace) + 1));
    }
  }
  const char* behind = nullptr;
  if (!error && document.current_location().get(behind) != simdjson::OUT_OF_BOUNDS) {
    error = simdjson::TRAILING_CONTENT;
  }
  if (!error) return SplitResult::kOk;
  records.clear();
  problem = simdjson::error_message(error);
  return SplitResult::kBadArray;
}

}  // namespace

SplitResult split_body(std::string& body, bool arrays, std::size_t max_records,
                       std::vector<std::string_view>& records, std::string& problem) {
  records.clear();
  std::size_t at = body.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  if (arrays) {
    const std::size_t first = body.find_first_not_of(kSpace, at);
    if (first != body.npos && body[first] == '[') {
      return split_array(body, at, max_records, records, problem);
    }
  }
  const std::string_view all = body;
  while (at < all.size()) {
    std::size_t end = all.find('\n', at);
    if (end == all.npos) end = all.size();
    std::string_view line = all.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (records.size() == max_records) return SplitResult::kTooMany;
    records.push_back(line);
  }
  return SplitResult::kOk;
}

}  // namespace weir::connectors
