// The index as text: what is grouped, and how large the groups are.
#include <fmt/format.h>

#include "predicate_index_impl.hpp"

namespace weir::nfa {
namespace {

void put_count(std::string& out, std::string_view what, std::size_t n, std::string_view unit) {
  if (n > 0) fmt::format_to(std::back_inserter(out), "  {} {} {}\n", what, n, unit);
}

void dump_ranks(std::string& out, const SubjectIndex& s) {
  for (std::size_t i = 0; i < s.ranks.size(); ++i) {
    if (!s.ranks[i]) continue;
    const auto type = static_cast<ValueType>(i);
    fmt::format_to(std::back_inserter(out), "  ranks {}: {} thresholds, {} above, {} below\n",
                   type == ValueType::kInt ? "number" : type_name(type), s.ranks[i]->thresholds(),
                   s.ranks[i]->above().size(), s.ranks[i]->below().size());
  }
}

}  // namespace

std::string PredicateIndex::Impl::dump(const ExprPool& pool, const FieldPlan& plan) const {
  std::string out = fmt::format("predicates {}\n", indexing_.size());
  for (const SubjectIndex& s : subjects_) {
    out += pool.dump(s.subject, plan) + "\n";
    put_count(out, "null", s.null.size(), "predicates");
    put_count(out, "not null", s.not_null.size(), "predicates");
    put_count(out, "equal", s.equal.size(), "values");
    if (s.unequal) put_count(out, "not equal", s.unequal->constants.size(), "values");
    dump_ranks(out, s);
    if (s.prefixes) put_count(out, "startswith", s.prefixes->size(), "texts");
    if (s.suffixes) put_count(out, "endswith", s.suffixes->size(), "texts");
    if (s.texts) {
      fmt::format_to(std::back_inserter(out), "  string set {} of {} patterns\n", s.texts->patterns,
                     s.texts->lists.size());
    }
    put_count(out, "item of a list", s.members.size(), "values");
  }
  if (!asked_.empty()) out += "asked one by one\n";
  for (const Asked& a : asked_) {
    fmt::format_to(std::back_inserter(out), "  {} {}\n", a.position, pool.dump(a.predicate, plan));
  }
  return out;
}

}  // namespace weir::nfa
