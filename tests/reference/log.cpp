#include "log.hpp"

#include <algorithm>
#include <limits>

namespace weir::reference {

Value RefEvent::field(std::string_view dotted) const {
  if (dotted == "ts") return Value::timestamp(ts);
  if (dotted == "type") return Value::string(type);
  const auto it = fields.find(dotted);
  return it == fields.end() ? Value{} : it->second.get();
}

std::uint64_t RefMatch::first_seq() const {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [name, seqs] : bindings) {
    for (const std::uint64_t seq : seqs) first = std::min(first, seq);
  }
  return first;
}

bool same_report(const RefMatch& a, const RefMatch& b) {
  if (a.rule != b.rule || a.detected_at != b.detected_at || a.bindings != b.bindings) return false;
  return std::equal(a.key.begin(), a.key.end(), b.key.begin(), b.key.end(),
                    [](const auto& x, const auto& y) {
                      return x.first == y.first && identical(x.second.get(), y.second.get());
                    });
}

std::string to_string(const RefMatch& match) {
  std::string out = format_duration({match.detected_at.ns});
  out += ' ';
  out += match.rule;
  for (const auto& [name, value] : match.key) out += " key." + name + '=' + to_text(value.get());
  for (const auto& [name, seqs] : match.bindings) {
    out += ' ' + name + "=[";
    for (std::size_t i = 0; i < seqs.size(); ++i) {
      if (i != 0) out += ' ';
      out += std::to_string(seqs[i]);
    }
    out += ']';
  }
  return out;
}

}  // namespace weir::reference
