// Compiled expressions: a pool of hash-consed nodes that all rules share, and their evaluation.
//
// Equal expressions are one node, whatever rule they come from, so that a predicate of one event is
// answered once for all rules. Nodes are immutable once the Program is built; evaluation is const
// and may run on any number of threads, each with its own EvalContext.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "weir/event/event.hpp"
#include "weir/event/value.hpp"
#include "weir/nfa/string_store.hpp"

namespace weir::nfa {

using ExprId = std::uint32_t;
inline constexpr ExprId kNoExpr = 0xffffffff;
using NameId = std::uint16_t;  // a name that a rule's pattern binds, index within the rule
using RegId = std::uint16_t;   // a register of a run's thread, see program.hpp
using TableId = std::uint32_t;
inline constexpr RegId kNoReg = 0xffff;
/// As the name of an aggregate or an index: the candidate alone, a list of one.
inline constexpr NameId kCandidateName = 0xffff;

enum class Op : std::uint8_t {
  kConst,      // value
  kField,      // a: FieldId, of the candidate
  kNameField,  // name, scope; a: FieldId. Of the last event bound to name; null where there is none
  kIndexField,  // name, scope; a: FieldId; value: integer index, negative from the end
  kAggregate,   // name, scope; agg; args[0] evaluated with each bound event as the candidate
                // (count of events: no args); args[1]: percentile's second argument
  kAggResult,   // a: index into EvalContext::agg_results (windows)
  kBound,       // name, scope: something is bound to it (boolean)
  kNot,
  kNegate,
  kAnd,
  kOr,  // args, two or more; left to right, short-circuit
  kEq,
  kNe,
  kLt,
  kLe,
  kGt,
  kGe,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMod,
  kIn,  // args[0] in args[1..]
  kIsNull,
  kContains,
  kStartswith,
  kEndswith,
  kLike,     // args[0] against args[1..]; any holds
  kMatches,  // args[0]; a: regex index
  kCidr,     // args[0]; a: cidr index
  kLower,
  kUpper,
  kLength,
  kAbs,
  kRound,
  kCoalesce,
  kHour,
  kWeekday,  // args[0]; a: zone index, or kUtc
  kDistanceKm,
  kLookup,   // a: TableId; value: string, the column's dotted name; args: the key columns
  kInTable,  // a: TableId; args: the key columns
};

enum class Agg : std::uint8_t {
  kCount,
  kSum,
  kAvg,
  kMin,
  kMax,
  kStddev,
  kMedian,
  kPercentile,
  kFirst,
  kLast,
  kDistinct,
  kCountDistinct,
};

inline constexpr std::uint32_t kUtc = 0xffffffff;

struct ExprNode {
  Op op = Op::kConst;
  Agg agg = Agg::kCount;
  NameId name = 0;
  RegId scope = kNoReg;  // events bound since the iteration that this register marks; kNoReg: all
  std::uint32_t a = 0;
  std::uint32_t first_arg = 0;  // into ExprPool's argument array
  std::uint32_t arg_count = 0;
  Value value;  // strings live in the pool
  // Derived when the node is made:
  bool one_event = true;     // reads at most the candidate: its value is a function of the event
  std::uint16_t cost = 1;    // relative; cheap predicates are asked first
  std::uint8_t breadth = 0;  // of what is equally cheap, what holds of fewer values is asked first
};

/// Reference data of one version; immutable, shared. Loaded outside (it is a file).
class Table {
 public:
  virtual ~Table() = default;
  /// The row whose key columns have these texts (see key_text), or -1.
  virtual std::int64_t find(std::span<const Value> key) const = 0;
  /// Null where the row lacks the column.
  virtual Value cell(std::int64_t row, std::string_view column) const = 0;
  virtual bool has_column(std::string_view column) const = 0;
  /// For suggestions.
  virtual std::vector<std::string> column_names() const { return {}; }
  virtual std::size_t key_columns() const = 0;
};
using TablePtr = std::shared_ptr<const Table>;

/// The text by which table keys are compared: 17, 17.0 and "17" have one, "007" another. Nothing
/// for null, lists and booleans' like are their text. Returns false where the value is no key
/// (null).
bool append_key_text(std::string& out, const Value& v);

/// What a run has bound, as expressions read it. `scope` is a register: events bound since then.
class BoundEvents {
 public:
  virtual ~BoundEvents() = default;
  /// The last event bound to `name`, or null.
  virtual const Event* last(NameId name, RegId scope) const = 0;
  /// All of them, the first first; the span may live in `scratch`.
  virtual std::span<const Event* const> all(NameId name, RegId scope,
                                            ValueArena& scratch) const = 0;
  /// The value of a kAggregate node over them, where it is known without them.
  virtual bool aggregate(ExprId, Value&) const { return false; }
};

struct EvalContext {
  const Event* candidate = nullptr;
  const BoundEvents* bound = nullptr;
  std::span<const TablePtr> tables;    // by TableId
  std::span<const Value> agg_results;  // of the window's aggregates
  ValueArena* scratch = nullptr;       // results live here until it is reset
};

class Regex;  // Hyperscan behind it
class FlatTests;
class StringSets;

/// What ExprPool::finish() makes. What is switched off is evaluated node by node: the same answers,
/// later.
struct FinishOptions {
  bool flat_tests = true;   // predicates of one event as flat instructions
  bool string_sets = true;  // texts and regular expressions of one field in one scan
};

class ExprPool {
 public:
  ExprPool();
  ~ExprPool();
  ExprPool(ExprPool&&) noexcept;
  ExprPool& operator=(ExprPool&&) noexcept;

  // ---- building. Each returns the one node that is equal to what was asked for.
  ExprId constant(const Value& v);  // copied
  ExprId field(FieldId field);
  ExprId name_field(NameId name, RegId scope, FieldId field);
  ExprId index_field(NameId name, RegId scope, FieldId field, std::int64_t index);
  /// Whether anything is bound to the name.
  ExprId bound(NameId name, RegId scope);
  ExprId aggregate(Agg agg, NameId name, RegId scope, std::span<const ExprId> args);
  ExprId agg_result(std::uint32_t index);
  ExprId node(Op op, std::span<const ExprId> args, std::uint32_t a = 0, const Value& value = {});

  /// Compiled once per text and flags. kNoExpr with `error` set where the expression is not regular
  /// or too large.
  ExprId matches(ExprId subject, std::string_view regex, bool ignore_case, std::string& error);
  /// kNoExpr with `error` where it is no network.
  ExprId cidr(ExprId subject, std::string_view network, std::string& error);
  /// kNoExpr where the zone is unknown. `op`: kHour or kWeekday.
  ExprId zoned(Op op, ExprId time, std::string_view zone, std::string& error);

  /// Once, when all is built: what makes predicates of one event quick to answer (EventTests).
  void finish(const FinishOptions& options = {});

  const ExprNode& at(ExprId id) const noexcept { return nodes_[id]; }
  std::span<const ExprId> args(ExprId id) const noexcept {
    return {args_.data() + nodes_[id].first_arg, nodes_[id].arg_count};
  }
  std::size_t size() const noexcept { return nodes_.size(); }

  // ---- running
  Value eval(ExprId id, const EvalContext& context) const;
  bool test(ExprId id, const EvalContext& context) const { return eval(id, context).truthy(); }
  /// Null before finish(), and where they are switched off.
  const FlatTests* flat_tests() const noexcept;
  const StringSets* string_sets() const noexcept;
  /// Compiles what string sets need, or takes it from `store` (may be null); on so many threads, 0
  /// for as many as the machine has. What is not built ahead is built when it is first needed,
  /// which takes some 100 us a text and some 3 ms a regular expression. At any time after finish().
  StringBuildStats build_string_sets(StringStore* store = nullptr, unsigned threads = 0) const;

  /// Canonical text, equal for equal expressions; fields by their dotted names of `plan`, names as
  /// n0, n1 ... or by `names`. For dumps and fingerprints.
  std::string dump(ExprId id, const FieldPlan& plan, std::span<const std::string> names = {}) const;

 private:
  struct Tables;  // regexes, networks, zones, interning
  std::vector<ExprNode> nodes_;
  std::vector<ExprId> args_;
  std::unique_ptr<Tables> tables_;
};

/// Whether the expression hands on, as it is or changed, the value of a field that `asked` holds
/// for; counting it, comparing it or looking something up by it does not. `result`: the same of the
/// window's aggregate of that index.
bool hands_on(const ExprPool& pool, ExprId expr, const std::function<bool(FieldId)>& asked,
              const std::function<bool(std::uint32_t)>& result = {});
/// Of an aggregate: counts hand nothing on.
bool hands_on(Agg agg) noexcept;

/// One aggregate, fed value by value, the first first. Integer sums are exact (null past 64 bits),
/// float sums folded from the first, stddev by Welford's method, percentile by linear
/// interpolation. Nulls are skipped, but by first and last. Owns copies of what it keeps.
class Accumulator {
 public:
  explicit Accumulator(Agg agg);
  ~Accumulator();
  Accumulator(Accumulator&&) noexcept;
  Accumulator& operator=(Accumulator&&) noexcept;
  /// `count_events`: for count() without an argument every event counts, null or not.
  void add(const Value& v);
  void add_event();
  /// `percent`: of percentile. Lists live in `scratch`.
  Value result(ValueArena& scratch, double percent = 0) const;
  /// As new, for another window; memory for a few values is kept.
  void clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::nfa
