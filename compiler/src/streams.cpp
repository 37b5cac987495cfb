// The graph of streams: who reads whom. Its strata say what may rest on what at one instant.
//
// A stream stands between those that write to it and those that read it, so that the graph is as
// large as what the rules name: many write to one stream, and many may read it.
#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "unit.hpp"

namespace weir::compiler {
namespace {

using lang::Code;

class Connector {
 public:
  explicit Connector(Unit& unit) : unit_(unit), program_(unit.program) {}

  bool run();

 private:
  using NodeIndex = std::size_t;
  using StreamIndex = std::size_t;

  struct Stream {
    std::vector<NodeIndex> emitters;  // at least one, ascending
    std::uint8_t state = 0;           // 0 new, 1 on the path, 2 done
    std::size_t visiting = 0;         // of the emitters, while on the path
    // Of all emitters, once they are known:
    std::optional<std::uint32_t> stratum;
  };
  struct Read {
    StreamIndex stream = 0;
    const NamedType* type = nullptr;
  };

  void find_edges();
  void visit(NodeIndex node, std::vector<NodeIndex>& path);
  void visit_emitters(Stream& stream, std::vector<NodeIndex>& path);
  void report_cycle(const std::vector<NodeIndex>& path, NodeIndex again);
  void set_strata();
  void set_masks();
  std::set<std::string> given_on(const nfa::Derive& derive,
                                 const std::set<std::string>& hidden) const;
  void set_closing_ranks();
  void rank(NodeIndex node, std::uint32_t& next, std::set<NodeIndex>& done);
  void set_readers();
  void check_names();
  void check_test_only(const Read& read);

  Unit& unit_;
  nfa::Program& program_;
  std::vector<Stream> streams_;
  std::vector<std::vector<Read>> reads_;  // by node: what it reads that somebody emits
  std::vector<std::uint8_t> state_;       // by node: 0 new, 1 on the path, 2 done
  std::vector<NodeIndex> order_;          // what is read before what reads it
  bool ok_ = true;
};

bool Connector::run() {
  find_edges();
  check_names();
  state_.assign(unit_.streams.size(), 0);
  std::vector<NodeIndex> path;
  for (NodeIndex i = 0; i < unit_.streams.size() && ok_; ++i) visit(i, path);
  if (!ok_) return false;
  set_strata();
  set_masks();
  set_closing_ranks();
  set_readers();
  return true;
}

void Connector::find_edges() {
  std::unordered_map<std::string_view, StreamIndex> by_name;
  for (NodeIndex i = 0; i < unit_.streams.size(); ++i) {
    for (const std::string& type : unit_.streams[i].emits) {
      const auto [at, fresh] = by_name.try_emplace(type, streams_.size());
      if (fresh) streams_.emplace_back();
      streams_[at->second].emitters.push_back(i);
    }
  }
  reads_.resize(unit_.streams.size());
  for (NodeIndex i = 0; i < unit_.streams.size(); ++i) {
    for (const NamedType& type : unit_.streams[i].reads) {
      const auto found = by_name.find(type.name);
      if (found != by_name.end()) reads_[i].push_back({found->second, &type});
    }
  }
}

void Connector::check_names() {
  const std::set<std::string_view> rules(unit_.rule_types.begin(), unit_.rule_types.end());
  for (NodeIndex i = 0; i < unit_.streams.size(); ++i) {
    for (const NamedType& type : unit_.streams[i].reads) {
      if (!type.name.starts_with("rule:") || rules.contains(type.name)) continue;
      auto& d = unit_.diagnostics.report(Code::E0504, type.place,
                                         "there is no rule `" + type.name.substr(5) + "`");
      if (const std::string near = lang::nearest(type.name, unit_.rule_types); !near.empty()) {
        d.help = "did you mean \"" + near + "\"?";
      }
      ok_ = false;
    }
    for (const Read& read : reads_[i]) check_test_only(read);
  }
}

/// Rules with `status: test` write to `shadow` alone.
void Connector::check_test_only(const Read& read) {
  const std::string& name = read.type->name;
  if (name == "shadow" || name.starts_with("rule:")) return;
  for (const NodeIndex emitter : streams_[read.stream].emitters) {
    const StreamNode& from = unit_.streams[emitter];
    if (!from.is_rule || !program_.rules[from.index].test_only) continue;
    auto& d = unit_.diagnostics.report(
        Code::W0502, read.type->place,
        from.name + " has `status: test`, so it does not write to `" + name + "`");
    d.help = "read `shadow`, or \"rule:" + program_.rules[from.index].id + "\"";
  }
}

void Connector::visit(NodeIndex node, std::vector<NodeIndex>& path) {
  if (state_[node] == 2 || !ok_) return;
  if (state_[node] == 1) return report_cycle(path, node);
  state_[node] = 1;
  path.push_back(node);
  for (const Read& read : reads_[node]) {
    visit_emitters(streams_[read.stream], path);
    if (!ok_) return;
  }
  path.pop_back();
  state_[node] = 2;
  order_.push_back(node);
}

void Connector::visit_emitters(Stream& stream, std::vector<NodeIndex>& path) {
  if (stream.state == 2) return;
  // Those before the one that is being visited are done, and it is on the path.
  if (stream.state == 1) return report_cycle(path, stream.emitters[stream.visiting]);
  stream.state = 1;
  for (stream.visiting = 0; stream.visiting < stream.emitters.size(); ++stream.visiting) {
    visit(stream.emitters[stream.visiting], path);
    if (!ok_) return;
  }
  stream.state = 2;
}

void Connector::report_cycle(const std::vector<NodeIndex>& path, NodeIndex again) {
  ok_ = false;
  const auto from = std::ranges::find(path, again);
  auto& d = unit_.diagnostics.report(Code::E0502, unit_.streams[again].place,
                                     unit_.streams[again].name + " reads what it emits itself");
  std::string way = unit_.streams[again].name;
  for (auto it = from; it != path.end(); ++it) {
    const NodeIndex emitter = std::next(it) == path.end() ? again : *std::next(it);
    way += (it == from ? " reads " : ", which reads ") + unit_.streams[emitter].name;
    const auto edge = std::ranges::find_if(reads_[*it], [&](const Read& read) {
      return std::ranges::binary_search(streams_[read.stream].emitters, emitter);
    });
    d.others.push_back({edge->type->place, "reads " + unit_.streams[emitter].name});
  }
  d.notes.push_back(way);
  d.help = "let one of them write to a stream that the others do not read";
}

void Connector::set_strata() {
  std::vector<std::uint32_t> stratum(unit_.streams.size(), 0);
  for (const NodeIndex node : order_) {
    const StreamNode& n = unit_.streams[node];
    for (const Read& read : reads_[node]) {
      Stream& stream = streams_[read.stream];
      if (!stream.stratum) {
        stream.stratum = 0;
        for (const NodeIndex emitter : stream.emitters) {
          stream.stratum = std::max(*stream.stratum, stratum[emitter]);
        }
      }
      stratum[node] = std::max(stratum[node], *stream.stratum + 1);
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
  struct Hidden {
    bool known = false;
    std::set<std::string> masked;
    std::set<std::string> renamed;
  };
  std::vector<Hidden> of_stream(streams_.size());  // of all its emitters
  for (const NodeIndex node : order_) {
    const StreamNode& n = unit_.streams[node];
    std::set<std::string> names;  // of what is hidden in the alerts and windows that it reads
    for (const Read& read : reads_[node]) {
      Hidden& stream = of_stream[read.stream];
      if (!stream.known) {
        stream.known = true;
        for (const NodeIndex emitter : streams_[read.stream].emitters) {
          stream.masked.insert(masked[emitter].begin(), masked[emitter].end());
          stream.renamed.insert(renamed[emitter].begin(), renamed[emitter].end());
        }
      }
      masked[node].insert(stream.masked.begin(), stream.masked.end());
      names.insert(stream.renamed.begin(), stream.renamed.end());
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

void Connector::rank(NodeIndex node, std::uint32_t& next, std::set<NodeIndex>& done) {
  if (!done.insert(node).second) return;
  for (const Read& read : reads_[node]) {
    for (const NodeIndex emitter : streams_[read.stream].emitters) {
      // A stream of windows has no other emitters.
      if (unit_.streams[emitter].is_rule) break;
      rank(emitter, next, done);
    }
  }
  program_.derives[unit_.streams[node].index].closing_rank = next++;
}

void Connector::set_closing_ranks() {
  std::uint32_t next = 0;
  std::set<NodeIndex> done;
  for (NodeIndex i = 0; i < unit_.streams.size(); ++i) {
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
