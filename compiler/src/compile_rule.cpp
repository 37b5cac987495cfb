// One rule: tree, checks, key and input, automaton, alert.
#include <algorithm>

#include "unit.hpp"
#include "weir/pattern-lang/print.hpp"

namespace weir::compiler {
namespace {

using lang::Code;

// FNV-1a, 64 bits.
constexpr std::uint64_t kFnvOffset = 14695981039346656037ULL;
constexpr std::uint64_t kFnvPrime = 1099511628211ULL;

nfa::AlertSeverity to_nfa(lang::RuleSeverity severity) {
  return static_cast<nfa::AlertSeverity>(severity);
}
static_assert(static_cast<int>(lang::RuleSeverity::kCritical) ==
              static_cast<int>(nfa::AlertSeverity::kCritical));

void sort_unique(std::vector<TypeId>& types) {
  std::ranges::sort(types);
  types.erase(std::unique(types.begin(), types.end()), types.end());
}

bool bind_alert(const lang::RuleDef& rule, const Tree& tree, BindContext& bind,
                nfa::AlertSpec& alert) {
  bool ok = true;
  const Scope scope = outside_scope(tree);
  const auto bound = [&](const lang::ExprText& text) {
    const nfa::ExprId e = compiler::bind(*text.root, text.snippet, scope, bind);
    ok = ok && e != nfa::kNoExpr;
    return e;
  };
  alert.stream = rule.status == lang::RuleStatus::kTest ? "shadow"
                 : rule.alert.stream.empty()            ? "alerts"
                                                        : rule.alert.stream.value;
  for (const lang::MessagePart& part : rule.alert.message) {
    alert.message.push_back({part.text, part.expr.root ? bound(part.expr) : nfa::kNoExpr});
  }
  for (const auto& [name, text] : rule.alert.fields) {
    if (text.root) alert.fields.emplace_back(name.value, bound(text));
  }
  alert.cooldown = rule.alert.cooldown;
  if (rule.alert.max_per) {
    alert.max_per = rule.alert.max_per->count;
    alert.max_per_span = rule.alert.max_per->span;
  }
  alert.evidence_first = rule.alert.evidence_first;
  alert.evidence_last = rule.alert.evidence_last;
  for (const lang::Text& path : rule.alert.mask) alert.mask.push_back(path.value);
  return ok;
}

/// All that decides what matches: equal texts, equal rules.
std::string canonical(const lang::RuleDef& rule, const Tree& tree, const Document& document) {
  std::string text = lang::dump(*rule.pattern, false);
  if (rule.where.root) text += "where " + lang::dump(*rule.where.root, false) + "\n";
  for (const lang::Text& t : rule.key.fields) text += "key " + t.value + "\n";
  for (const auto& [type, fields] : rule.key.by_type) {
    text += "key of " + type.value;
    for (const lang::Text& t : fields) text += " " + t.value;
    text += "\n";
  }
  for (const lang::Text& t : rule.from) text += "from " + t.value + "\n";
  std::vector<const lang::EventClass*> classes = tree.classes;
  const auto also = [&](const std::string& name) {
    const auto found = document.classes.find(name);
    if (found != document.classes.end()) classes.push_back(found->second);
  };
  for (const lang::Text& t : rule.from) also(t.value);
  for (const auto& [type, fields] : rule.key.by_type) also(type.value);
  for (const lang::EventClass* c : classes) {
    text += "class " + c->name.value + ":";
    for (const lang::Text& t : c->from) text += " " + t.value;
    if (c->where.root) text += " " + lang::dump(*c->where.root, false);
    text += "\n";
  }
  return text;
}

}  // namespace

std::uint64_t fingerprint(std::string_view text) noexcept {
  std::uint64_t h = kFnvOffset;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return h;
}

std::vector<TypeId> resolve_types(const std::string& name, const Document& document,
                                  FieldPlan& plan) {
  std::vector<TypeId> types;
  const auto add = [&](const std::string& type) {
    if (type == "*") {
      plan.set_reads_other();
      types.push_back(kOtherType);
    } else {
      types.push_back(plan.add_type(type));
    }
  };
  const auto found = document.classes.find(name);
  if (found == document.classes.end()) {
    add(name);
  } else {
    for (const lang::Text& from : found->second->from) add(from.value);
  }
  return types;
}

nfa::KeySpecId intern_key(nfa::KeySpec spec, Unit& unit) {
  std::string text;
  for (const std::string& name : spec.names) text += name + '\n';
  for (const FieldId field : spec.fields) text += "f" + std::to_string(field);
  for (const auto& [type, fields] : spec.by_type) {
    text += "t" + std::to_string(type);
    for (const FieldId field : fields) text += "f" + std::to_string(field);
  }
  const auto [known, fresh] =
      unit.keys.emplace(text, static_cast<nfa::KeySpecId>(unit.program.keys.size()));
  if (fresh) unit.program.keys.push_back(std::move(spec));
  return known->second;
}

nfa::KeySpecId make_key(const lang::KeyDef& key, const Document& document,
                        const std::vector<TypeId>& input, bool input_all, Unit& unit) {
  if (key.empty()) return nfa::kNoKey;
  nfa::KeySpec spec;
  FieldPlan& plan = unit.program.plan;
  for (const lang::Text& field : key.fields) {
    spec.names.push_back(field.value);
    spec.fields.push_back(plan.add_field(field.value));
  }
  for (const FieldId field : spec.fields) {
    for (const TypeId type : input) plan.read(type, field);
    if (input_all) plan.read(kOtherType, field);
  }
  for (const auto& [type_name, fields] : key.by_type) {
    std::vector<FieldId> ids;
    for (const lang::Text& field : fields) ids.push_back(plan.add_field(field.value));
    if (spec.names.empty()) {
      for (const lang::Text& field : fields) spec.names.push_back(field.value);
    }
    for (const TypeId type : resolve_types(type_name.value, document, plan)) {
      for (const FieldId field : ids) plan.read(type, field);
      spec.by_type.emplace_back(type, ids);
    }
  }
  return intern_key(std::move(spec), unit);
}

bool compile_rule(const lang::RuleDef& def, const Document& document, Unit& unit) {
  if (!def.pattern) return false;
  nfa::Program& program = unit.program;
  const std::unique_ptr<Tree> tree =
      make_tree(def, document.classes, program.plan, unit.diagnostics);
  if (!tree) return false;
  bool ok = check_tree(*tree, def, unit.diagnostics);

  nfa::Rule rule;
  rule.id = def.id.value;
  rule.title = def.title.value;
  rule.description = def.description.value;
  rule.severity = to_nfa(def.severity);
  for (const lang::Text& tag : def.tags) rule.tags.push_back(tag.value);
  rule.test_only = def.status == lang::RuleStatus::kTest;
  rule.pattern_text = lang::print_pattern(*def.pattern);
  rule.fingerprint = fingerprint(canonical(def, *tree, document));

  StreamNode node{.is_rule = true,
                  .index = static_cast<std::uint32_t>(program.rules.size()),
                  .emits = {},
                  .reads = {},
                  .name = "rule `" + rule.id + "`",
                  .place = def.place};
  if (def.from.empty()) {
    rule.input = tree->types;
    rule.input_all = tree->any_type;
  }
  for (const lang::Text& from : def.from) {
    for (const TypeId type : resolve_types(from.value, document, program.plan)) {
      if (type == kOtherType) {
        rule.input_all = true;
      } else {
        rule.input.push_back(type);
      }
    }
  }
  sort_unique(rule.input);
  for (const TypeId type : rule.input) {
    const auto named = tree->named_by.find(type);
    const lang::Span at =
        named == tree->named_by.end() ? def.pattern->root.span : named->second->span;
    node.reads.push_back({program.plan.type(type).name, {tree->snippet, at}});
  }
  rule.key = make_key(def.key, document, rule.input, rule.input_all, unit);

  BindContext bind{program.exprs, program.plan, unit.diagnostics, document.tables,
                   unit.options.schema};
  if (ok) {
    auto automaton = build_automaton({*tree, def, program, bind});
    ok = automaton.has_value();
    if (ok) rule.automaton = std::move(*automaton);
  }
  ok = bind_alert(def, *tree, bind, rule.alert) && ok;
  node.emits.push_back(def.alert.stream.empty() ? "alerts" : def.alert.stream.value);
  if (rule.test_only) node.emits.emplace_back("shadow");
  node.emits.push_back("rule:" + rule.id);
  if (!ok) return false;
  program.rules.push_back(std::move(rule));
  unit.streams.push_back(std::move(node));
  return true;
}

}  // namespace weir::compiler
