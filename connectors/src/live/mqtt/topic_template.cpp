#include "live/mqtt/topic_template.hpp"

#include <mosquitto.h>
#include <simdjson.h>

#include <algorithm>

namespace weir::connectors::mqtt {
namespace {

void append_level(std::string& topic, std::string_view value) {
  if (value.empty()) value = "_";
  for (const char c : value) {
    const bool control = static_cast<unsigned char>(c) < 0x20;
    topic += control || c == '/' || c == '+' || c == '#' ? '_' : c;
  }
}

}  // namespace

bool TopicTemplate::parse(std::string_view text, std::string& error) {
  const std::string whole(text);
  parts_.clear();
  while (true) {
    const std::size_t open = text.find('{');
    const std::size_t close = text.find('}');
    if (open == text.npos && close == text.npos) break;
    if (open == text.npos || close == text.npos || close < open) {
      error = "mqtt: braces in topic " + whole + " do not match";
      return false;
    }
    Part part{std::string(text.substr(0, open)),
              std::string(text.substr(open + 1, close - open - 1))};
    if (part.name != "rule" && part.name != "severity" && part.name != "stream") {
      error = "mqtt: topic " + whole + " has {" + part.name +
              "}: there are {rule}, {severity} and {stream}";
      return false;
    }
    parts_.push_back(std::move(part));
    text.remove_prefix(close + 1);
  }
  fixed_ = parts_.empty();
  parts_.push_back({std::string(text), {}});
  if (mosquitto_pub_topic_check(topic_of("{}").c_str()) == MOSQ_ERR_SUCCESS) return true;
  error = "mqtt: " + whole + " is no topic to publish to";
  return false;
}

std::string TopicTemplate::topic_of(std::string_view record) const {
  if (fixed_) return parts_.back().literal;
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element json;
  const bool parsed = parser.parse(record.data(), record.size()).get(json) == simdjson::SUCCESS;
  std::string topic;
  for (const Part& part : parts_) {
    topic += part.literal;
    if (part.name.empty()) continue;
    std::string_view value;
    if (!parsed || json[part.name].get(value) != simdjson::SUCCESS) value = {};
    append_level(topic, value);
  }
  return topic;
}

}  // namespace weir::connectors::mqtt
