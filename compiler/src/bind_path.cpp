// What a path means: a field of the candidate, or of what a name has bound.
#include <algorithm>

#include "bind_binder.hpp"

namespace weir::compiler {

using lang::Code;
using lang::Expr;
using nfa::Op;

namespace {

std::string joined(const std::vector<std::string>& path, std::size_t from) {
  std::string dotted;
  for (std::size_t i = from; i < path.size(); ++i) {
    if (i > from) dotted += '.';
    dotted += path[i];
  }
  return dotted;
}

std::string did_you_mean(const std::string& word) {
  return word.empty() ? std::string() : "did you mean \"" + word + "\"?";
}

}  // namespace

std::optional<NameInfo> Binder::find(std::string_view name) const {
  return scope_.find ? scope_.find(name) : std::nullopt;
}

Typed Binder::path(const Expr& e) {
  if (scope_.window_aggs != nullptr) {
    if (in_aggregate_) return bare_path(e);
    return fail(
        Code::E0416, e.span,
        "`" + joined(e.path, 0) +
            "` is a field of the window's events, of which there are "
            "many",
        "write an aggregate: first(" + joined(e.path, 0) + "), max(" + joined(e.path, 0) + ")");
  }
  const auto name = find(e.path[0]);
  if (!name) return bare_path(e);
  if (e.path.size() > 1) return name_path(e, *name);
  // A name alone is no value, so that where fields may be read it can only mean the field.
  const std::string& text = e.path[0];
  if (!scope_.has_candidate) {
    return fail(
        Code::E0405, e.span, "`" + text + "` names an event, which is no value",
        "read a field of it: " + text + ".amount; whether there is one: " + text + " is not null");
  }
  lang::Diagnostic& d = report(Code::W0404, e.span,
                               "`" + text +
                                   "` is read as a field of the event at hand, and is also "
                                   "a name of the pattern");
  d.help = "write " + text +
           ".amount for a field of what the name binds, or give the step another "
           "name with AS";
  return bare_path(e);
}

Typed Binder::name_path(const Expr& e, const NameInfo& name) {
  const std::string dotted = joined(e.path, 1);
  const std::string& text = e.path[0];
  switch (name.kind) {
    case NameInfo::Kind::kLater:
      return bound_later(e, name);
    case NameInfo::Kind::kList: {
      const std::string whole = text + "." + dotted;
      return fail(Code::E0402, e.span,
                  "`" + whole + "` has no single value: a loop binds `" + text + "`",
                  "write first(" + whole + "), last(" + whole + "), " + text + "[0]." + dotted +
                      " or an aggregate such as max(" + whole + ")");
    }
    case NameInfo::Kind::kCandidate:
    case NameInfo::Kind::kSingle:
      break;
  }
  FieldId field = 0;
  Typed result;
  const bool candidate = name.kind == NameInfo::Kind::kCandidate;
  if (!read_field(e.span, candidate ? scope_.candidate_types : name.types, dotted, field, result)) {
    return {};
  }
  result.id = candidate ? context_.pool.field(field)
                        : context_.pool.name_field(name.name, name.scope, field);
  return result;
}

Typed Binder::bare_path(const Expr& e) {
  const std::string dotted = joined(e.path, 0);
  const std::string near = lang::nearest(e.path[0], scope_.names);
  if (!scope_.has_candidate) {
    std::string help = scope_.no_candidate_help;
    if (!near.empty() && e.path.size() > 1) {
      help = did_you_mean(near + "." + joined(e.path, 1));
    }
    return fail(Code::E0404, e.span,
                e.path.size() > 1
                    ? "the pattern binds no name `" + e.path[0] + "`"
                    : "there is no one event here that `" + dotted + "` could be a field of",
                std::move(help));
  }
  FieldId field = 0;
  Typed result;
  if (!read_field(e.span, scope_.candidate_types, dotted, field, result)) return {};
  if (e.path.size() > 1 && !near.empty() && !result.declared) {
    lang::Diagnostic& d =
        report(Code::W0401, e.span,
               "`" + dotted +
                   "` is read as a field of the event at hand: the pattern binds no name "
                   "`" +
                   e.path[0] + "`");
    d.help = did_you_mean(near + "." + joined(e.path, 1));
  }
  result.id = context_.pool.field(field);
  return result;
}

Typed Binder::index(const Expr& e) {
  const std::string& text = e.path[0];
  const auto name = find(text);
  if (!name) return unknown_name(e, text, "an index");
  if (name->kind == NameInfo::Kind::kLater) return bound_later(e, *name);
  if (e.path.size() < 2) {
    return fail(Code::E0405, e.span, "`" + text_of(e) + "` is an event, which is no value",
                "read a field of it: " + text_of(e) + ".amount");
  }
  FieldId field = 0;
  Typed result;
  const bool candidate = name->kind == NameInfo::Kind::kCandidate;
  if (!read_field(e.span, candidate ? scope_.candidate_types : name->types, joined(e.path, 1),
                  field, result)) {
    return {};
  }
  result.id = candidate
                  ? context_.pool.index_field(nfa::kCandidateName, nfa::kNoReg, field, e.index)
                  : context_.pool.index_field(name->name, name->scope, field, e.index);
  return result;
}

Typed Binder::name_is_null(const Expr& e, const NameInfo& name) {
  switch (name.kind) {
    case NameInfo::Kind::kLater:
      return bound_later(e, name);
    case NameInfo::Kind::kCandidate:
      return boolean(context_.pool.constant(Value::boolean(false)));
    case NameInfo::Kind::kSingle:
    case NameInfo::Kind::kList:
      break;
  }
  return boolean(node(Op::kNot, {context_.pool.bound(name.name, name.scope)}));
}

Typed Binder::unknown_name(const Expr& at, const std::string& name, std::string_view what) {
  lang::Span span = at.span;
  span.end =
      std::min<std::uint32_t>(span.end, span.begin + static_cast<std::uint32_t>(name.size()));
  std::string help = did_you_mean(lang::nearest(name, scope_.names));
  if (help.empty() && !scope_.names.empty()) {
    help = "the pattern binds ";
    for (std::size_t i = 0; i < scope_.names.size() && i < 8; ++i) {
      help += (i > 0 ? ", " : "") + scope_.names[i];
    }
  }
  return fail(
      Code::E0401, span,
      std::string(what) + " needs a name that the pattern binds, and `" + name + "` is none",
      std::move(help));
}

Typed Binder::bound_later(const Expr& at, const NameInfo& name) {
  const std::string& text = at.path[0];
  lang::Diagnostic& d =
      report(Code::E0403, at.span, "`" + text + "` is bound only later in the pattern");
  if (name.bound_at.end > name.bound_at.begin && name.bound_at.end <= snippet_->text.size()) {
    d.others.push_back({{snippet_, name.bound_at}, "bound here"});
  }
  d.help =
      "a WHERE may read what is bound before its step; move the condition to the step that is "
      "bound last, or to the WHERE after the pattern";
  return {};
}

bool Binder::read_field(lang::Span span, const std::vector<TypeId>& types,
                        const std::string& dotted, FieldId& field, Typed& out) {
  const Declared declared = declared_field(context_.schema, context_.plan, types, dotted);
  if (declared.kind == Declared::Kind::kNoField) {
    fail(Code::E0412, span, "`" + declared.type_names + "` has no field `" + dotted + "`",
         did_you_mean(lang::nearest(dotted, declared.known)));
    return false;
  }
  field = context_.plan.add_field(dotted);
  out.declared = declared.kind == Declared::Kind::kField;
  if (out.declared) out.type = declared.type;
  if (field == kTsField) out.type = ValueType::kTimestamp;
  if (field == kTypeField) out.type = ValueType::kString;
  static const std::vector<TypeId> kAny{kOtherType};
  for (const TypeId type : types.empty() ? kAny : types) {
    context_.plan.read(type, field);
    const bool has_slot = context_.plan.type(type).slot_of[field] != kNoSlot;
    if (field != kTsField && field != kTypeField && !has_slot) {
      fail(Code::E0418, span,
           "the rules read more than " + std::to_string(kNoSlot) + " fields of one type");
      return false;
    }
  }
  return true;
}

}  // namespace weir::compiler
