#include "index_build.hpp"

#include "flat_tests.hpp"
#include "predicate_shape.hpp"
#include "string_sets.hpp"

namespace weir::nfa {

bool PredicateSplitter::tests_constants(ExprId predicate) const noexcept {
  const auto args = pool_.args(predicate);
  return is_subject(pool_, args[0]) && all_constant(pool_, args.subspan(1));
}

bool PredicateSplitter::split(ExprId predicate, std::uint32_t position,
                              std::vector<IndexEntry>& out) {
  const ExprNode& n = pool_.at(predicate);
  const auto args = pool_.args(predicate);
  IndexEntry entry;
  entry.position = position;
  switch (n.op) {
    case Op::kConst:
      return !n.value.truthy();
    case Op::kOr:
      return any_of(predicate, position, out);
    case Op::kField:
      entry.subject = predicate;
      entry.family = Family::kEqual;
      entry.constant = Value::boolean(true);
      out.push_back(entry);
      return options_.hash;
    case Op::kIsNull:
    case Op::kNot: {
      const bool present = n.op == Op::kNot;
      if (present && pool_.at(args[0]).op != Op::kIsNull) return false;
      entry.subject = present ? pool_.args(args[0])[0] : args[0];
      entry.family = present ? Family::kNotNull : Family::kNull;
      out.push_back(entry);
      return options_.nulls && is_subject(pool_, entry.subject);
    }
    case Op::kIn:
      if (!options_.hash || !tests_constants(predicate)) return false;
      entry.subject = args[0];
      entry.family = Family::kEqual;
      for (const ExprId member : args.subspan(1)) {
        entry.constant = pool_.at(member).value;
        if (!entry.constant.is_null()) out.push_back(entry);
      }
      return true;
    case Op::kContains:
    case Op::kStartswith:
    case Op::kEndswith:
    case Op::kLike:
      if (!tests_constants(predicate)) return false;
      entry.subject = args[0];
      return text_test(predicate, entry, out);
    case Op::kMatches:
      if (!tests_constants(predicate)) return false;
      entry.subject = args[0];
      return pattern_test(predicate, 0, entry, out);
    default:
      return compared(predicate, entry, out);
  }
}

bool PredicateSplitter::any_of(ExprId predicate, std::uint32_t position,
                               std::vector<IndexEntry>& out) {
  for (const ExprId part : pool_.args(predicate)) {
    if (!split(part, position, out)) return false;
  }
  return true;
}

bool PredicateSplitter::compared(ExprId predicate, IndexEntry entry,
                                 std::vector<IndexEntry>& out) const {
  const auto c = comparison(pool_, predicate);
  if (!c) return false;
  if (c->constant.is_null()) return true;
  entry.subject = c->subject;
  entry.constant = c->constant;
  entry.accepts = outcomes(c->op);
  if (c->op == Op::kEq) {
    entry.family = Family::kEqual;
    out.push_back(entry);
    return options_.hash;
  }
  // The order of lists has no cells: two of them may have none.
  if (c->constant.type() == ValueType::kList) return false;
  entry.family = c->op == Op::kNe ? Family::kUnequal : Family::kRank;
  out.push_back(entry);
  return c->op == Op::kNe ? options_.hash : options_.ranks;
}

/// Found by the scan for all patterns of the subject.
bool PredicateSplitter::pattern_test(ExprId predicate, std::size_t arg, IndexEntry entry,
                                     std::vector<IndexEntry>& out) const {
  const StringSets* sets = pool_.string_sets();
  if (!options_.string_sets || sets == nullptr) return false;
  const std::uint32_t pattern = sets->pattern_of(pool_, predicate, arg);
  if (pattern == StringSets::kNone) return false;
  const std::uint32_t first = sets->at(sets->set_of(pattern)).first_pattern();
  entry.family = Family::kText;
  entry.constant = Value::integer(pattern - first);
  out.push_back(entry);
  return true;
}

bool PredicateSplitter::member_test(ExprId predicate, std::size_t arg, IndexEntry entry,
                                    std::vector<IndexEntry>& out) const {
  if (entry.constant.type() == ValueType::kString) {
    if (!pattern_test(predicate, arg, entry, out)) return false;
  } else if (!options_.hash) {
    return false;
  }
  // A list may hold it, too.
  entry.family = Family::kMember;
  if (!entry.constant.is_null()) out.push_back(entry);
  return true;
}

bool PredicateSplitter::text_test(ExprId predicate, IndexEntry entry,
                                  std::vector<IndexEntry>& out) {
  const Op op = pool_.at(predicate).op;
  const auto args = pool_.args(predicate);
  for (std::size_t arg = 1; arg < args.size(); ++arg) {
    entry.constant = pool_.at(args[arg]).value;
    const bool is_text = entry.constant.type() == ValueType::kString;
    switch (op) {
      case Op::kContains:
        if (!member_test(predicate, arg, entry, out)) return false;
        break;
      case Op::kLike:
        if (is_text && !like_test(predicate, arg, entry, out)) return false;
        break;
      default:
        if (!options_.affixes) return false;
        entry.family = op == Op::kStartswith ? Family::kPrefix : Family::kSuffix;
        if (is_text) out.push_back(entry);
    }
  }
  return true;
}

bool PredicateSplitter::like_test(ExprId predicate, std::size_t arg, IndexEntry entry,
                                  std::vector<IndexEntry>& out) {
  const LikeShape shape = like_shape(entry.constant.as_string());
  entry.constant = Value::string(arena_.copy(shape.text));
  switch (shape.kind) {
    case LikeShape::Kind::kEquals:
      entry.family = Family::kEqual;
      out.push_back(entry);
      return options_.hash;
    case LikeShape::Kind::kStartswith:
      entry.family = Family::kPrefix;
      out.push_back(entry);
      return options_.affixes;
    case LikeShape::Kind::kEndswith:
      entry.family = Family::kSuffix;
      out.push_back(entry);
      return options_.affixes;
    case LikeShape::Kind::kContains:
    case LikeShape::Kind::kOther:
      return pattern_test(predicate, arg, entry, out);
  }
  return false;
}

}  // namespace weir::nfa
