// An alert of ours as Alertmanager's v2 API takes it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/event/time.hpp"

namespace weir::connectors {

struct AlertmanagerShape {
  std::vector<std::pair<std::string, std::string>> labels;
  std::chrono::seconds resolve_after{300};
  std::string generator_url;
};

/// `name` with "_" for what may not stand in a label's name ([a-zA-Z_][a-zA-Z0-9_]*), "_" in front
/// of a leading digit.
std::string label_name(std::string_view name);

/// Appends the JSON object that stands for `alert` (docs/alerts.md). Labels: alertname (the rule),
/// severity, stream, the key's fields (`key_` in front of one that is called like those), then the
/// shape's. Of equal names the first counts; empty values and null are left out. False, with
/// `problem` a sentence and nothing appended, where it is no alert.
bool append_alertmanager_alert(std::string& out, std::string_view alert,
                               const AlertmanagerShape& shape, Timestamp now, std::string& problem);

}  // namespace weir::connectors
