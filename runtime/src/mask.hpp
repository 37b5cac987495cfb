// What a rule's `mask` hides in the record of an alert.
//
// A hidden value is shown as "sha256:" and the first 16 hex digits of the SHA-256 of its text (as
// messages show it), so that equal values can be told to be equal. The hash has no key: who can
// guess a value can confirm the guess.
//
// Hidden are: what stands at a masked path of an event in `match`, or below it (`account.owner` is
// both a nested field and one of that literal name), members of lists each; key fields and alert
// fields of a masked name, and alert fields computed from one (counts aside); and wherever else
// text of the record repeats such a value: in the message, in strings of fields, and in other
// strings of the event that holds it (the line of a log, a URL). There a text of less than six
// bytes counts only where no letter or digit is next to it, and case is not minded.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/program.hpp"
#include "weir/runtime/alert.hpp"

namespace weir::runtime {

std::string masked_text(std::string_view text);
/// Of the form that masked_text gives: such a text is not hashed again, so that a value looks the
/// same in an alert and in the alerts of rules that read it.
bool is_masked_text(std::string_view text);

/// Texts to be hidden wherever they occur.
class HiddenTexts {
 public:
  /// Null is nothing; of a list, its members.
  void add(const Value& v);
  void add(std::string_view text);
  bool empty() const noexcept { return texts_.empty(); }
  bool holds(std::string_view text) const { return texts_.contains(text); }
  /// `text` with every occurrence masked; of several at one place the
  /// longest. O(length of `text` * texts).
  std::string hide_in(std::string_view text) const;

 private:
  struct LongerFirst {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const noexcept {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    }
  };
  std::set<std::string, LongerFirst> texts_;
};

/// For one alert. Does nothing, at the cost of one test, where its rule masks nothing.
class Mask {
 public:
  /// `alert` outlives the mask. REQUIRES: alert.program where the rule masks anything.
  explicit Mask(const Alert& alert);

  bool active() const noexcept { return !paths_.empty(); }
  /// `path` is masked, or stands below a path that is.
  bool names(std::string_view path) const;

  /// A key field of this name and value is hidden.
  bool hides_key(std::string_view name, const Value& v) const;

  std::string message() const;
  void append_key(std::string& out, std::string_view name, const Value& v) const;
  /// The value of alert.fields[index].
  void append_field(std::string& out, std::size_t index) const;
  void append_event(std::string& out, const Event& event) const;

 private:
  void learn(const Event& event);
  void learn_from_alert(const Event& event);
  bool computed_from_masked(nfa::ExprId expr) const;
  bool is_masked_field(FieldId field) const;
  void append_repeated(std::string& out, const Value& v) const;

  const Alert& alert_;
  std::vector<std::string> paths_;
  HiddenTexts hidden_;
};

}  // namespace weir::runtime
