#include "run/framed_alerts.hpp"

#include <algorithm>
#include <cstring>

namespace weir::cli {
namespace {

/// In front of each alert; key, id and text follow.
struct Frame {
  std::uint32_t stream = 0;
  std::uint32_t key = 0;  // bytes
  std::uint32_t id = 0;
  std::uint32_t text = 0;
};

}  // namespace

FramedAlerts::FramedAlerts(const nfa::Program& program) : program_(program) {
  for (const nfa::Rule& rule : program.rules) {
    const auto at = std::ranges::find(streams_, rule.alert.stream);
    stream_of_.push_back(static_cast<std::uint32_t>(at - streams_.begin()));
    if (at == streams_.end()) streams_.push_back(rule.alert.stream);
  }
}

void FramedAlerts::append(std::string& out, const runtime::Alert& alert) const {
  const std::size_t at = out.size();
  Frame frame;
  frame.stream = stream_of_[static_cast<std::size_t>(alert.rule - program_.rules.data())];
  out.append(sizeof(Frame), '\0');
  runtime::append_alert_key(out, alert);
  frame.key = static_cast<std::uint32_t>(out.size() - at - sizeof(Frame));
  out += alert.id;
  frame.id = static_cast<std::uint32_t>(alert.id.size());
  const std::size_t text = out.size();
  runtime::append_alert_json(out, alert);
  frame.text = static_cast<std::uint32_t>(out.size() - text);
  std::memcpy(out.data() + at, &frame, sizeof(Frame));
}

FramedAlert FramedAlerts::take(std::string_view& framed) {
  Frame frame;
  std::memcpy(&frame, framed.data(), sizeof(Frame));
  framed.remove_prefix(sizeof(Frame));
  const auto next = [&](std::uint32_t bytes) {
    const std::string_view part = framed.substr(0, bytes);
    framed.remove_prefix(bytes);
    return part;
  };
  FramedAlert alert;
  alert.stream = frame.stream;
  alert.key = next(frame.key);
  alert.id = next(frame.id);
  alert.text = next(frame.text);
  return alert;
}

}  // namespace weir::cli
