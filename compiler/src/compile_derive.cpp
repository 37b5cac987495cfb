// One derived stream: input, key, window, aggregates and values.
#include <algorithm>
#include <array>

#include "unit.hpp"
#include "weir/pattern-lang/print.hpp"

namespace weir::compiler {
namespace {

using lang::Code;

constexpr std::array<std::string_view, 4> kOwnFields = {"ts", "type", "window_start", "window_end"};

bool check_value_names(const lang::Derive& def, const nfa::Program& program, nfa::KeySpecId key,
                       lang::Diagnostics& diagnostics) {
  bool ok = true;
  for (const auto& [name, text] : def.values) {
    const bool own = std::ranges::find(kOwnFields, name.value) != kOwnFields.end();
    const auto& keys = program.keys[key].names;
    const bool is_key = std::ranges::find(keys, name.value) != keys.end();
    if (!own && !is_key) continue;
    auto& d = diagnostics.report(
        Code::E0505, name.place,
        "`" + name.value + "` is " + (is_key ? "a key field" : "a field of every window's event"));
    d.help = "give the value another name";
    ok = false;
  }
  return ok;
}

std::string canonical(const lang::Derive& def) {
  std::string text = "derive " + def.id.value;
  for (const lang::Text& t : def.from) text += " " + t.value;
  if (def.where.root) text += " where " + lang::dump(*def.where.root, false);
  for (const lang::Text& t : def.key.fields) text += " key " + t.value;
  text += " " + std::to_string(static_cast<int>(def.window.kind)) + " " +
          std::to_string(def.window.size.ns) + " " + std::to_string(def.window.every.ns);
  for (const auto& [name, value] : def.values) {
    if (value.root) text += " " + name.value + "=" + lang::dump(*value.root, false);
  }
  return text;
}

}  // namespace

bool compile_derive(const lang::Derive& def, const Document& document, Unit& unit) {
  nfa::Program& program = unit.program;
  nfa::Derive derive;
  derive.id = def.id.value;
  derive.type = program.plan.add_type(derive.id);
  derive.kind = static_cast<nfa::WindowKind>(def.window.kind);
  derive.size = def.window.size;
  derive.every = def.window.every;
  derive.fingerprint = fingerprint(canonical(def));

  BindContext bind{program.exprs, program.plan, unit.diagnostics, document.tables,
                   unit.options.schema};
  bool ok = true;
  std::vector<TypeId> input;
  bool input_all = false;
  StreamNode node{.is_rule = false,
                  .index = static_cast<std::uint32_t>(program.derives.size()),
                  .emits = {derive.id},
                  .reads = {},
                  .name = "stream `" + derive.id + "`",
                  .place = def.place};
  Scope scope;
  scope.find = [](std::string_view) { return std::nullopt; };
  for (const lang::Text& from : def.from) {
    const auto found = document.classes.find(from.value);
    const std::vector<TypeId> types = resolve_types(from.value, document, program.plan);
    scope.candidate_types = types;
    for (const TypeId type : types) {
      nfa::Test test;
      test.any_type = type == kOtherType;
      test.type = type;
      if (found != document.classes.end() && found->second->where.root) {
        std::vector<Conjunct> conditions;
        for (const lang::Expr* c : conjuncts(*found->second->where.root)) {
          conditions.push_back({c, found->second->where.snippet});
        }
        ok = bind_tests(conditions, scope, bind, test) && ok;
      }
      derive.input.push_back(std::move(test));
      input.push_back(type);
      input_all = input_all || type == kOtherType;
      if (type != kOtherType) {
        node.reads.push_back({program.plan.type(type).name, from.place});
      }
    }
  }
  std::erase(input, kOtherType);
  derive.key = make_key(def.key, document, input, input_all, unit);
  ok = check_value_names(def, program, derive.key, unit.diagnostics) && ok;

  scope.candidate_types = input;
  if (input_all) scope.candidate_types.push_back(kOtherType);
  if (def.where.root) {
    derive.where = compiler::bind(*def.where.root, def.where.snippet, scope, bind);
    ok = ok && derive.where != nfa::kNoExpr;
  }
  std::vector<Scope::WindowAgg> aggs;
  scope.window_aggs = &aggs;
  for (const auto& [name, text] : def.values) {
    if (!text.root) {
      ok = false;
      continue;
    }
    const nfa::ExprId e = compiler::bind(*text.root, text.snippet, scope, bind);
    ok = ok && e != nfa::kNoExpr;
    derive.values.emplace_back(name.value, e);
  }
  for (const Scope::WindowAgg& a : aggs) {
    derive.aggs.push_back({a.agg, a.arg, a.cond, a.percent});
  }
  if (derive.kind == nfa::WindowKind::kSliding && derive.every > derive.size) {
    unit.diagnostics
        .report(Code::W0501, def.window.place, "the step of this window is longer than its size")
        .notes.push_back("what comes between two windows is in none");
  }
  if (!ok) return false;
  program.derives.push_back(std::move(derive));
  unit.streams.push_back(std::move(node));
  return true;
}

}  // namespace weir::compiler
