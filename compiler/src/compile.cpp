#include "weir/compiler/compile.hpp"

#include <map>

#include "plan_family.hpp"
#include "plan_lookup.hpp"
#include "plan_sequence.hpp"
#include "unit.hpp"

namespace weir::compiler {
namespace {

using lang::Code;

Document open_document(const lang::RuleDocument& ast, Unit& unit, bool& ok) {
  Document document{.ast = &ast, .classes = {}, .tables = {}};
  for (const lang::EventClass& c : ast.events) document.classes.emplace(c.name.value, &c);
  for (const lang::TableDef& def : ast.tables) {
    TableInfo info;
    info.id = static_cast<nfa::TableId>(unit.program.tables.size());
    std::vector<std::string> errors;
    // A table without a path has been reported by the reader.
    const bool has_path = !def.path.empty();
    if (has_path && unit.options.load_table) info.table = unit.options.load_table(def, errors);
    if (!info.table) ok = false;
    if (!info.table && has_path) {
      auto& d = unit.diagnostics.report(Code::E0501, def.path.place,
                                        "the table `" + def.name.value + "` cannot be read");
      d.notes = std::move(errors);
    }
    unit.program.tables.push_back(info.table);
    unit.program.table_refs.push_back({def.name.value, def.full_path});
    document.tables.emplace(def.name.value, std::move(info));
  }
  return document;
}

/// Names that are known to all files loaded together are defined once.
bool check_unique(const std::vector<const lang::RuleDocument*>& documents,
                  lang::Diagnostics& diagnostics) {
  bool ok = true;
  struct Defined {
    lang::Place place;
    const lang::RuleDocument* document;
  };
  using Names = std::map<std::string, Defined>;
  Names rules;
  Names derives;
  Names formats;
  const lang::RuleDocument* document = nullptr;
  const auto once = [&](Names& seen, const lang::Text& name, Code code, const std::string& what) {
    const auto [it, fresh] = seen.emplace(name.value, Defined{name.place, document});
    if (fresh) return;
    ok = false;
    // Two in one document the reader has reported.
    if (it->second.document == document) return;
    auto& d = diagnostics.report(code, name.place, what + " `" + name.value + "` is defined twice");
    d.label = "defined again here";
    d.others.push_back({it->second.place, "first defined here"});
    d.help = "give one of them another name";
  };
  for (const lang::RuleDocument* doc : documents) {
    document = doc;
    for (const lang::RuleDef& r : doc->rules) once(rules, r.id, Code::E0316, "the rule");
    for (const lang::Derive& d : doc->derives) {
      once(derives, d.id, Code::E0503, "the derived stream");
    }
    for (const lang::Format& f : doc->formats) once(formats, f.name, Code::E0503, "the format");
  }
  for (const lang::RuleDocument* doc : documents) {
    for (const lang::RuleDef& r : doc->rules) {
      if (r.alert.stream.empty()) continue;
      const auto it = derives.find(r.alert.stream.value);
      if (it == derives.end()) continue;
      ok = false;
      auto& d = diagnostics.report(
          Code::E0503, r.alert.stream.place,
          "the stream `" + r.alert.stream.value + "` has the id of a derived stream");
      d.others.push_back({it->second.place, "the derived stream"});
      d.help = "give the stream of alerts another name";
    }
  }
  return ok;
}

/// A disabled rule is checked as any other, in a Program of its own that is thrown away.
void check_disabled(const lang::RuleDef& rule, const Document& document, Unit& unit) {
  nfa::Program scratch;
  scratch.keys.emplace_back();
  Unit aside{scratch, unit.options, unit.diagnostics, {}, {}, {}, {}};
  compile_rule(rule, document, aside);
}

}  // namespace

std::shared_ptr<nfa::Program> compile(const std::vector<const lang::RuleDocument*>& documents,
                                      const CompileOptions& options,
                                      lang::Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.errors();
  auto program = std::make_shared<nfa::Program>();
  program->keys.emplace_back();
  Unit unit{*program, options, diagnostics, {}, {}, {}, {}};
  bool ok = check_unique(documents, diagnostics);
  for (const lang::RuleDocument* doc : documents) {
    unit.documents.push_back(open_document(*doc, unit, ok));
    for (const lang::RuleDef& r : doc->rules) unit.rule_types.push_back("rule:" + r.id.value);
  }
  for (const Document& document : unit.documents) {
    for (const lang::Derive& d : document.ast->derives)
      ok = compile_derive(d, document, unit) && ok;
    for (const lang::RuleDef& r : document.ast->rules) {
      if (r.enabled) {
        ok = compile_rule(r, document, unit) && ok;
      } else {
        check_disabled(r, document, unit);
      }
    }
  }
  ok = connect_streams(unit) && ok;
  if (!ok || diagnostics.errors() > errors_before) return nullptr;
  if (!options.running) {
    for (nfa::Rule& rule : program->rules) rule.automaton.running.clear();
  }
  plan_lookups(*program);
  plan_sequences(unit);
  program->plan.finish();
  program->exprs.finish(options.finish);
  plan_families(unit);
  return program;
}

}  // namespace weir::compiler
