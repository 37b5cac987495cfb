// What the passes of one compilation share.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "automaton.hpp"
#include "tree.hpp"
#include "weir/compiler/compile.hpp"

namespace weir::compiler {

/// One document with what its names mean.
struct Document {
  const lang::RuleDocument* ast = nullptr;
  ClassTable classes;
  std::unordered_map<std::string, TableInfo> tables;
};

/// An event type that something reads, where it is named.
struct NamedType {
  std::string name;
  lang::Place place;
};

/// A rule or window as a node of the graph of streams.
struct StreamNode {
  bool is_rule = false;
  std::uint32_t index = 0;         // RuleId or DeriveId
  std::vector<std::string> emits;  // event types, as declared
  std::vector<NamedType> reads;
  std::string name;  // for people: "rule `x`", "stream `y`"
  lang::Place place;
};

/// Keys that several rules have in common, by their canonical text.
using KeyTable = std::unordered_map<std::string, nfa::KeySpecId>;

struct Unit {
  nfa::Program& program;
  const CompileOptions& options;
  lang::Diagnostics& diagnostics;
  std::vector<Document> documents;
  std::vector<StreamNode> streams;
  KeyTable keys;
  std::vector<std::string> rule_types;  // "rule:ID" of every rule, also of those with errors
};

/// The types that a name of `from` stands for; kOtherType for `*`.
std::vector<TypeId> resolve_types(const std::string& name, const Document& document,
                                  FieldPlan& plan);

/// The program's one spec that is equal to this one.
nfa::KeySpecId intern_key(nfa::KeySpec spec, Unit& unit);
/// Interns the key; its fields are read from every type of the input.
nfa::KeySpecId make_key(const lang::KeyDef& key, const Document& document,
                        const std::vector<TypeId>& input, bool input_all, Unit& unit);

/// Appends the rule to `program` and to the graph of streams; false where it is faulty.
bool compile_rule(const lang::RuleDef& rule, const Document& document, Unit& unit);

/// Appends the derived stream; false where it is faulty.
bool compile_derive(const lang::Derive& derive, const Document& document, Unit& unit);

/// Who reads whom: strata, readers by type, inherited masks, cycles, unknown rules.
bool connect_streams(Unit& unit);

std::uint64_t fingerprint(std::string_view text) noexcept;

}  // namespace weir::compiler
