// The topic of an alert.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::connectors::mqtt {

/// "weir/{stream}/{severity}/{rule}": what is in braces is read off the record, whose member of
/// that name it is. What would change the topic's levels (`/`, `+`, `#`) becomes `_`; so does what
/// the record does not have.
class TopicTemplate {
 public:
  /// False, with `error`, where it has other names, or is no topic.
  bool parse(std::string_view text, std::string& error);
  /// `record`: one JSON object.
  std::string topic_of(std::string_view record) const;

 private:
  struct Part {
    std::string literal;  // before the name
    std::string name;     // empty for the last
  };
  std::vector<Part> parts_;
  bool fixed_ = true;
};

}  // namespace weir::connectors::mqtt
