// A small world for tests of expressions: an event at hand, names that are bound, two tables; from
// text to value by way of the parser, the binder and the pool.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/compiler/bind.hpp"
#include "weir/pattern-lang/parse.hpp"

namespace weir::compiler::testing {

/// A table in memory; its key is its first `keys` columns.
class MemoryTable : public nfa::Table {
 public:
  MemoryTable(std::vector<std::string> columns, std::size_t keys,
              std::vector<std::vector<Value>> rows)
      : columns_(std::move(columns)), keys_(keys), rows_(std::move(rows)) {}

  std::int64_t find(std::span<const Value> key) const override {
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      if (same_key(key, rows_[row])) return static_cast<std::int64_t>(row);
    }
    return -1;
  }
  Value cell(std::int64_t row, std::string_view column) const override {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i] == column) return rows_[static_cast<std::size_t>(row)][i];
    }
    return {};
  }
  bool has_column(std::string_view column) const override {
    for (const std::string& c : columns_) {
      if (c == column) return true;
    }
    return false;
  }
  std::vector<std::string> column_names() const override { return columns_; }
  std::size_t key_columns() const override { return keys_; }

 private:
  bool same_key(std::span<const Value> key, const std::vector<Value>& row) const {
    for (std::size_t i = 0; i < keys_; ++i) {
      std::string a;
      std::string b;
      if (!nfa::append_key_text(a, key[i]) || !nfa::append_key_text(b, row[i]) || a != b) {
        return false;
      }
    }
    return true;
  }

  std::vector<std::string> columns_;
  std::size_t keys_;
  std::vector<std::vector<Value>> rows_;
};

using Fields = std::map<std::string, Value>;

/// Names: `t` one event, `f` a loop of three, `none` a loop that took nothing, `gone` an optional
/// step that was absent, `me` the step itself, `late` a later step.
class Room {
 public:
  Room() {
    tables_["cards"] = {0, std::make_shared<MemoryTable>(
                               std::vector<std::string>{"card", "country", "limit"}, 1,
                               std::vector<std::vector<Value>>{
                                   {Value::string("c1"), Value::string("DE"), Value::integer(1000)},
                                   {Value::integer(17), Value::string("US"), Value{}}})};
    tables_["routes"] = {
        1, std::make_shared<MemoryTable>(
               std::vector<std::string>{"from", "to", "km"}, 2,
               std::vector<std::vector<Value>>{
                   {Value::string("FRA"), Value::string("JFK"), Value::integer(6206)}})};
    scope.names = {"t", "f", "none", "gone", "me", "late"};
    type_ = plan.add_type("e");
    scope.candidate_types = {type_};
    scope.find = [this](std::string_view name) { return find(name); };
  }

  nfa::ExprId bind(const std::string& text) {
    snippet = lang::make_snippet("<expression>", text);
    diagnostics = {};
    const lang::ExprText parsed = lang::parse_expression(snippet, diagnostics);
    if (parsed.root == nullptr) return nfa::kNoExpr;
    BindContext context{pool, plan, diagnostics, tables_, schema};
    return compiler::bind(*parsed.root, snippet, scope, context);
  }

  /// The value of `text`, with `candidate`'s fields at hand and `loop` bound to f.
  Value eval(const std::string& text, const Fields& candidate = {},
             const std::vector<Fields>& loop = {}, const Fields& single = {}) {
    const nfa::ExprId id = bind(text);
    if (id == nfa::kNoExpr) return Value::string("<not bound>");
    return eval(id, candidate, loop, single);
  }

  Value eval(nfa::ExprId id, const Fields& candidate, const std::vector<Fields>& loop,
             const Fields& single) {
    plan.finish();
    events_.clear();
    Bound bound;
    bound.single = make_event(single, 50);
    std::int64_t second = 10;
    for (const Fields& fields : loop) bound.loop.push_back(make_event(fields, second++));
    scratch.reset();
    nfa::EvalContext context;
    context.candidate = make_event(candidate, 100);
    context.bound = &bound;
    context.scratch = &scratch;
    const std::vector<nfa::TablePtr> tables{tables_["cards"].table, tables_["routes"].table};
    context.tables = tables;
    return pool.eval(id, context);
  }

  nfa::ExprPool pool;
  FieldPlan plan;
  Scope scope;
  lang::Diagnostics diagnostics;
  lang::SnippetPtr snippet;
  const Schema* schema = nullptr;
  ValueArena scratch;

 private:
  struct Bound : nfa::BoundEvents {
    const Event* single = nullptr;
    std::vector<const Event*> loop;
    const Event* last(nfa::NameId name, nfa::RegId) const override {
      if (name == 0) return single;
      return name == 1 && !loop.empty() ? loop.back() : nullptr;
    }
    std::span<const Event* const> all(nfa::NameId name, nfa::RegId, ValueArena&) const override {
      if (name == 0) return {&single, 1};
      if (name == 1) return loop;
      return {};
    }
  };

  std::optional<NameInfo> find(std::string_view name) const {
    static const std::map<std::string_view, std::pair<NameInfo::Kind, nfa::NameId>> names{
        {"t", {NameInfo::Kind::kSingle, nfa::NameId{0}}},
        {"f", {NameInfo::Kind::kList, nfa::NameId{1}}},
        {"none", {NameInfo::Kind::kList, nfa::NameId{2}}},
        {"gone", {NameInfo::Kind::kSingle, nfa::NameId{3}}},
        {"me", {NameInfo::Kind::kCandidate, nfa::NameId{4}}},
        {"late", {NameInfo::Kind::kLater, nfa::NameId{5}}}};
    const auto it = names.find(name);
    if (it == names.end()) return std::nullopt;
    NameInfo info;
    info.kind = it->second.first;
    info.name = it->second.second;
    info.types = {type_};
    if (info.kind == NameInfo::Kind::kLater) info.bound_at = {0, 4};
    return info;
  }

  const Event* make_event(const Fields& fields, std::int64_t second) {
    auto held = std::make_unique<Held>();
    const TypePlan& type = plan.type(type_);
    for (const FieldId field : type.fields) {
      const auto it = fields.find(plan.field(field).dotted);
      held->slots.push_back(it == fields.end() ? Value{} : it->second);
    }
    held->event.type = type_;
    held->event.type_name = "e";
    held->event.plan = &type;
    held->event.slots = held->slots.data();
    held->event.ts = {second * kNsPerSecond};
    events_.push_back(std::move(held));
    return &events_.back()->event;
  }

  struct Held {
    Event event;
    std::vector<Value> slots;
  };
  std::unordered_map<std::string, TableInfo> tables_;
  std::vector<std::unique_ptr<Held>> events_;
  TypeId type_ = 0;
};

}  // namespace weir::compiler::testing
