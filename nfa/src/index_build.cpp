#include "index_build.hpp"

#include "flat_tests.hpp"
#include "predicate_shape.hpp"

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

bool PredicateSplitter::text_test(ExprId predicate, IndexEntry entry,
                                  std::vector<IndexEntry>& out) {
  const Op op = pool_.at(predicate).op;
  for (const ExprId member : pool_.args(predicate).subspan(1)) {
    const Value& v = pool_.at(member).value;
    const bool is_text = v.type() == ValueType::kString;
    entry.constant = v;
    switch (op) {
      case Op::kContains:
        if (is_text) return false;
        // Only a list holds what is no text, and none holds null.
        if (!options_.hash) return false;
        entry.family = Family::kMember;
        if (!v.is_null()) out.push_back(entry);
        break;
      case Op::kLike:
        if (is_text && !like_test(entry, v.as_string(), out)) return false;
        break;
      default:
        if (!options_.affixes) return false;
        entry.family = op == Op::kStartswith ? Family::kPrefix : Family::kSuffix;
        if (is_text) out.push_back(entry);
    }
  }
  return true;
}

bool PredicateSplitter::like_test(IndexEntry entry, std::string_view pattern,
                                  std::vector<IndexEntry>& out) {
  const LikeShape shape = like_shape(pattern);
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
      return false;
  }
  return false;
}

}  // namespace weir::nfa
