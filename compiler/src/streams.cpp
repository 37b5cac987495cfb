// The graph of streams: who reads whom. Its strata say what may rest on what at one instant.
#include <algorithm>
#include <functional>
#include <set>

#include "unit.hpp"

namespace weir::compiler {
namespace {

using lang::Code;

class Connector {
 public:
  explicit Connector(Unit& unit) : unit_(unit), program_(unit.program) {}

  bool run();

 private:
  void find_edges();
  void visit(std::size_t node, std::vector<std::size_t>& path);
  void report_cycle(const std::vector<std::size_t>& path, std::size_t again);
  void set_strata();
  void set_masks();
  std::set<std::string> given_on(const nfa::Derive& derive,
                                 const std::set<std::string>& hidden) const;
  void set_closing_ranks();
  void rank(std::size_t node, std::uint32_t& next, std::set<std::size_t>& done);
  void set_readers();
  void check_names();

  Unit& unit_;
  nfa::Program& program_;
  std::unordered_map<std::string, std::vector<std::size_t>> emitters_;
  std::vector<std::vector<std::pair<std::size_t, const NamedType*>>>
      reads_;                        // node -> what it reads
  std::vector<std::uint8_t> state_;  // 0 new, 1 on the path, 2 done
  std::vector<std::size_t> order_;   // what is read before what reads it
  bool ok_ = true;
};

bool Connector::run() {
  find_edges();
  check_names();
  state_.assign(unit_.streams.size(), 0);
  std::vector<std::size_t> path;
  for (std::size_t i = 0; i < unit_.streams.size() && ok_; ++i) visit(i, path);
  if (!ok_) return false;
  set_strata();
  set_masks();
  set_closing_ranks();
  set_readers();
  return true;
}

void Connector::find_edges() {
  for (std::size_t i = 0; i < unit_.streams.size(); ++i) {
    for (const std::string& type : unit_.streams[i].emits) emitters_[type].push_back(i);
  }
  reads_.resize(unit_.streams.size());
  for (std::size_t i = 0; i < unit_.streams.size(); ++i) {
    for (const NamedType& type : unit_.streams[i].reads) {
      const auto found = emitters_.find(type.name);
      if (found == emitters_.end()) continue;
      for (const std::size_t emitter : found->second) reads_[i].emplace_back(emitter, &type);
    }
  }
}

void Connector::check_names() {
  const std::set<std::string> rules(unit_.rule_types.begin(), unit_.rule_types.end());
  for (std::size_t i = 0; i < unit_.streams.size(); ++i) {
    for (const NamedType& type : unit_.streams[i].reads) {
      if (!type.name.starts_with("rule:") || rules.contains(type.name)) continue;
      auto& d = unit_.diagnostics.report(Code::E0504, type.place,
                                         "there is no rule `" + type.name.substr(5) + "`");
      if (const std::string near = lang::nearest(type.name, unit_.rule_types); !near.empty()) {
        d.help = "did you mean \"" + near + "\"?";
      }
      ok_ = false;
    }
    for (const auto& [emitter, type] : reads_[i]) {
      const StreamNode& from = unit_.streams[emitter];
      if (!from.is_rule || !program_.rules[from.index].test_only) continue;
      if (type->name == "shadow" || type->name.starts_with("rule:")) continue;
      auto& d = unit_.diagnostics.report(
          Code::W0502, type->place,
          from.name + " has `status: test`, so it does not write to `" + type->name + "`");
      d.help = "read `shadow`, or \"rule:" + program_.rules[from.index].id + "\"";
    }
  }
}

void Connector::visit(std::size_t node, std::vector<std::size_t>& path) {
  if (state_[node] == 2 || !ok_) return;
  state_[node] = 1;
  path.push_back(node);
  for (const auto& [emitter, type] : reads_[node]) {
    if (state_[emitter] == 1) return report_cycle(path, emitter);
    visit(emitter, path);
    if (!ok_) return;
  }
  path.pop_back();
  state_[node] = 2;
  order_.push_back(node);
}

void Connector::report_cycle(const std::vector<std::size_t>& path, std::size_t again) {
  ok_ = false;
  const auto from = std::ranges::find(path, again);
  auto& d = unit_.diagnostics.report(Code::E0502, unit_.streams[again].place,
                                     unit_.streams[again].name + " reads what it emits itself");
  std::string way = unit_.streams[again].name;
  for (auto it = from; it != path.end(); ++it) {
    const std::size_t read = std::next(it) == path.end() ? again : *std::next(it);
    way += (it == from ? " reads " : ", which reads ") + unit_.streams[read].name;
    const auto edge =
        std::ranges::find(reads_[*it], read, &std::pair<std::size_t, const NamedType*>::first);
    d.others.push_back({edge->second->place, "reads " + unit_.streams[read].name});
  }
  d.notes.push_back(way);
  d.help = "let one of them write to a stream that the others do not read";
}

void Connector::set_strata() {
  std::vector<std::uint32_t> stratum(unit_.streams.size(), 0);
  for (const std::size_t node : order_) {
    const StreamNode& n = unit_.streams[node];
    for (const auto& [emitter, type] : reads_[node]) {
      stratum[node] = std::max(stratum[node], stratum[emitter] + 1);
    }
    (n.is_rule ? program_.rules[n.index].stratum : program_.derives[n.index].stratum) =
        stratum[node];
  }
}

/// A masked path hides what stands below it, too.
bool hides(const std::set<std::string>& masked, std::string_view path) {
  return std::ranges::any_of(masked, [&](const std::string& m) {
    return path.starts_with(m) && (path.size() == m.size() || path[m.size()] == '.');
  });
}

/// Names under which the windows' events hold what is hidden in the events they are made of.
std::set<std::string> Connector::given_on(const nfa::Derive& derive,
                                          const std::set<std::string>& hidden) const {
  std::set<std::string> names;
  const auto asked = [&](FieldId field) {
    return hides(hidden, program_.plan.field(field).dotted);
  };
  const auto result = [&](std::uint32_t index) {
    const nfa::DeriveAgg& agg = derive.aggs[index];
    return nfa::hands_on(agg.agg) && agg.arg != nfa::kNoExpr &&
           nfa::hands_on(program_.exprs, agg.arg, asked);
  };
  for (const auto& [name, value] : derive.values) {
    if (nfa::hands_on(program_.exprs, value, asked, result)) names.insert(name);
  }
  if (derive.key == nfa::kNoKey) return names;
  const nfa::KeySpec& key = program_.keys[derive.key];
  const auto add = [&](const std::vector<FieldId>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (asked(fields[i])) names.insert(key.names[i]);
    }
  };
  add(key.fields);
  for (const auto& [type, fields] : key.by_type) add(fields);
  return names;
}

/// What a rule masks stays hidden in the alerts of the rules that read it, also by way of windows.
void Connector::set_masks() {
  std::vector<std::set<std::string>> masked(unit_.streams.size());
  std::vector<std::set<std::string>> renamed(unit_.streams.size());  // in alerts: computed from it
  for (const std::size_t node : order_) {
    const StreamNode& n = unit_.streams[node];
    std::set<std::string> names;  // of what is hidden in the alerts and windows that it reads
    for (const auto& [emitter, type] : reads_[node]) {
      masked[node].insert(masked[emitter].begin(), masked[emitter].end());
      names.insert(renamed[emitter].begin(), renamed[emitter].end());
    }
    if (!n.is_rule) {
      names.insert(masked[node].begin(), masked[node].end());
      if (!names.empty()) masked[node].merge(given_on(program_.derives[n.index], names));
      continue;
    }
    nfa::AlertSpec& alert = program_.rules[n.index].alert;
    masked[node].insert(alert.mask.begin(), alert.mask.end());
    alert.mask.assign(masked[node].begin(), masked[node].end());
    names.insert(alert.mask.begin(), alert.mask.end());
    if (names.empty()) continue;
    for (const auto& [name, value] : alert.fields) {
      const bool hidden = nfa::hands_on(program_.exprs, value, [&](FieldId field) {
        return hides(names, program_.plan.field(field).dotted);
      });
      if (hidden) renamed[node].insert(name);
    }
  }
}

void Connector::rank(std::size_t node, std::uint32_t& next, std::set<std::size_t>& done) {
  if (!done.insert(node).second) return;
  for (const auto& [emitter, type] : reads_[node]) {
    if (!unit_.streams[emitter].is_rule) rank(emitter, next, done);
  }
  program_.derives[unit_.streams[node].index].closing_rank = next++;
}

void Connector::set_closing_ranks() {
  std::uint32_t next = 0;
  std::set<std::size_t> done;
  for (std::size_t i = 0; i < unit_.streams.size(); ++i) {
    if (!unit_.streams[i].is_rule) rank(i, next, done);
  }
}

void Connector::set_readers() {
  const FieldPlan& plan = program_.plan;
  program_.readers.resize(plan.type_count());
  for (nfa::RuleId id = 0; id < program_.rules.size(); ++id) {
    nfa::Rule& rule = program_.rules[id];
    rule.alert_type = plan.type_id(rule.alert.stream);
    rule.rule_type = plan.type_id("rule:" + rule.id);
    for (const TypeId type : rule.input) program_.readers[type].rules.push_back(id);
    if (rule.input_all) program_.read_all.rules.push_back(id);
  }
  for (nfa::DeriveId id = 0; id < program_.derives.size(); ++id) {
    std::set<TypeId> types;
    bool all = false;
    for (const nfa::Test& test : program_.derives[id].input) {
      all = all || test.any_type;
      if (!test.any_type) types.insert(test.type);
    }
    for (const TypeId type : types) program_.readers[type].derives.push_back(id);
    if (all) program_.read_all.derives.push_back(id);
  }
}

}  // namespace

bool connect_streams(Unit& unit) {
  return Connector(unit).run();
}

}  // namespace weir::compiler
