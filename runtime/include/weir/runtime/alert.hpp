// An alert on its way out, and the sinks that take it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"

namespace weir::runtime {

/// The events bound to one name.
struct Binding {
  std::string_view name;
  bool list = false;                 // shown as a list, also of one
  std::vector<const Event*> events;  // empty: unbound
};

/// One match as it is reported. Views: everything is valid during the call that hands it over.
struct Alert {
  const nfa::Rule* rule = nullptr;
  /// The rule's; may be null only where the rule masks nothing.
  const nfa::Program* program = nullptr;
  std::string id;  // 32 hex digits; the same in every replay
  std::string_view stream;
  std::vector<std::pair<std::string_view, Value>> key;
  Timestamp detected_at;
  Timestamp start;  // of the first event bound
  Timestamp end;    // of the last
  std::string message;
  std::vector<std::pair<std::string_view, Value>> fields;
  std::vector<Binding> match;    // every name of the pattern, in its order
  std::uint64_t suppressed = 0;  // held back before this one
};

class AlertSink {
 public:
  virtual ~AlertSink() = default;
  /// In the contract's order; what cooldown or max_per keeps back does not come here.
  virtual void on_alert(const Alert& alert) = 0;
};

/// The alert record (docs/alerts.md): one JSON object, no line end. Masked fields hashed, loops cut
/// to the rule's evidence bounds. Names that the match left unbound do not appear; nor do
/// `message`, `tags` and `fields` where the rule has none, nor `match_counts` and `suppressed`
/// where there is nothing to tell. `key` is {} for a rule without one.
void append_alert_json(std::string& out, const Alert& alert);

/// What people are shown of an alert beside its record; what the rule masks is hidden here too.
struct AlertWords {
  std::string key;  // "user=bob host=h1"; empty for a rule without a key
  std::string message;
};
AlertWords alert_words(const Alert& alert);

/// The key for whatever spreads alerts by it: the value as text where there is one, else a JSON
/// array of the values; empty for a rule without a key. What the rule masks is hidden here too.
void append_alert_key(std::string& out, const Alert& alert);

}  // namespace weir::runtime
