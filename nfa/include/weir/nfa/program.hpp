// The Program: every rule compiled, immutable, shared by all threads that match.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/nfa/automaton.hpp"
#include "weir/nfa/expr.hpp"
#include "weir/nfa/family_plan.hpp"
#include "weir/nfa/sequence_plan.hpp"

namespace weir::nfa {

/// How events are split into partitions.
struct KeySpec {
  std::vector<std::string> names;  // of the key in alerts; empty: no key
  std::vector<FieldId> fields;     // where every type has the same fields
  std::vector<std::pair<TypeId, std::vector<FieldId>>> by_type;  // else; other types take no part

  /// Of a type that takes part.
  const std::vector<FieldId>& fields_of(TypeId type) const noexcept {
    for (const auto& entry : by_type) {
      if (entry.first == type) return entry.second;
    }
    return fields;
  }
};

enum class AlertSeverity : std::uint8_t { kInfo, kLow, kMedium, kHigh, kCritical };
std::string_view to_string(AlertSeverity severity) noexcept;

/// Text with expressions in it.
struct MessagePart {
  std::string text;
  ExprId expr = kNoExpr;
};

struct AlertSpec {
  std::string stream;
  std::vector<MessagePart> message;
  std::vector<std::pair<std::string, ExprId>> fields;
  std::optional<Duration> cooldown;
  std::uint64_t max_per = 0;  // 0: no bound
  Duration max_per_span;
  std::uint32_t evidence_first = 20;
  std::uint32_t evidence_last = 20;
  std::vector<std::string> mask;  // dotted paths, its own and those of what it reads
};

struct Rule {
  std::string id;
  std::string title;
  std::string description;
  AlertSeverity severity = AlertSeverity::kMedium;
  std::vector<std::string> tags;
  bool test_only = false;         // status: test
  std::uint64_t fingerprint = 0;  // of the canonical AST
  KeySpecId key = kNoKey;
  std::vector<TypeId> input;  // sorted
  bool input_all = false;     // every type of the sources as well
  Automaton automaton;
  std::optional<SequencePlan> sequence;  // where it fits: matched by events kept, not run by run
  AlertSpec alert;
  TypeId alert_type = kOtherType;  // its alerts as events of the stream; kOtherType: nobody reads
  TypeId rule_type = kOtherType;   // as events of "rule:ID"
  bool reads_alerts = false;       // of other rules, as events
  /// 0: reads sources alone; else one more than the deepest of what it reads.
  std::uint32_t stratum = 0;
  std::string pattern_text;  // canonical
};

enum class WindowKind : std::uint8_t { kTumbling, kSliding, kSession };

struct DeriveAgg {
  Agg agg = Agg::kCount;
  ExprId arg = kNoExpr;
  ExprId cond = kNoExpr;
  double percent = 0;
};

struct Derive {
  std::string id;
  TypeId type = kOtherType;  // of the events it emits
  std::vector<Test> input;   // an event takes part if it satisfies any of them
  ExprId where = kNoExpr;
  KeySpecId key = kNoKey;
  WindowKind kind = WindowKind::kTumbling;
  Duration size;   // a session's gap
  Duration every;  // tumbling: the size
  std::vector<DeriveAgg> aggs;
  std::vector<std::pair<std::string, ExprId>> values;  // over kAggResult
  std::uint32_t stratum = 0;
  /// The order in which windows that end together close: that of the definitions, but for windows
  /// over windows, which come after what they read.
  std::uint32_t closing_rank = 0;
  std::uint64_t fingerprint = 0;
};

/// A rule or window that an event type feeds.
struct Readers {
  std::vector<RuleId> rules;      // ascending
  std::vector<DeriveId> derives;  // ascending
};

struct TableRef {
  std::string name;
  std::string path;
};

struct Program {
  FieldPlan plan;
  ExprPool exprs;
  std::vector<Node> nodes;
  std::vector<KeySpec> keys;         // keys[kNoKey] has no fields
  std::vector<Rule> rules;           // in the order of the files
  std::vector<FamilyPlan> families;  // of rules, at most one each
  std::vector<Derive> derives;
  std::vector<TableRef> table_refs;
  std::vector<TablePtr> tables;  // the version read with the rules
  std::vector<Readers> readers;  // by TypeId
  Readers read_all;              // rules that read every type of the sources

  /// How the rule is matched where nothing speaks against compact plans, in words.
  std::string plan_text(RuleId rule) const;

  /// Deterministic text of everything above, for golden tests and `weir explain`.
  std::string dump() const;
  std::string dump(RuleId rule) const;
};
using ProgramPtr = std::shared_ptr<const Program>;

}  // namespace weir::nfa
