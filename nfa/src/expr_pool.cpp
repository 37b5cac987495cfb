// Building of the pool: hash-consing (Ershov 1958; Filliâtre & Conchon 2006), and what is derived
// of a node when it is made.
#include <algorithm>
#include <bit>

#include "expr_tables.hpp"

namespace weir::nfa {
namespace {

/// Equal to the last bit, 1 and 1.0 apart: they print and divide alike but add up to other types.
bool same_constant(const Value& a, const Value& b) noexcept {
  if (a.type() != b.type()) return false;
  if (a.type() == ValueType::kFloat) {
    return std::bit_cast<std::uint64_t>(a.as_float()) == std::bit_cast<std::uint64_t>(b.as_float());
  }
  if (a.type() != ValueType::kList) return identical(a, b);
  return std::equal(a.as_list().begin(), a.as_list().end(), b.as_list().begin(), b.as_list().end(),
                    same_constant);
}

std::uint64_t hash_node(const ExprNode& n, std::span<const ExprId> args) noexcept {
  const auto with = [](std::uint64_t seed, std::uint64_t x) {
    return hash_value(Value::integer(static_cast<std::int64_t>(x)), seed);
  };
  std::uint64_t h = with(static_cast<std::uint64_t>(n.op), static_cast<std::uint64_t>(n.agg));
  h = with(h, (std::uint64_t{n.name} << 48) | (std::uint64_t{n.scope} << 32) | n.a);
  for (const ExprId arg : args) h = with(h, arg);
  return hash_value(n.value, h);
}

bool same_node(const ExprNode& a, const ExprNode& b) noexcept {
  return a.op == b.op && a.agg == b.agg && a.name == b.name && a.scope == b.scope && a.a == b.a &&
         same_constant(a.value, b.value);
}

/// Reads what a run has bound, or a window's results, itself rather than by its arguments.
bool reads_run(const ExprNode& n) noexcept {
  switch (n.op) {
    case Op::kIndexField:
    case Op::kAggregate:
      return n.name != kCandidateName;
    case Op::kNameField:
    case Op::kAggResult:
    case Op::kBound:
      return true;
    default:
      return false;
  }
}

/// Relative to the comparison of a field with a constant; only the order matters.
unsigned own_cost(Op op, std::size_t args) noexcept {
  const auto n = static_cast<unsigned>(std::min<std::size_t>(args, 1000));
  switch (op) {
    case Op::kConst:
      return 0;
    case Op::kIn:
      return 1 + n / 4;
    case Op::kContains:
    case Op::kStartswith:
    case Op::kEndswith:
      return 2 + 2 * n;
    case Op::kLike:
      return 4 + 4 * n;
    case Op::kMatches:
      return 30;
    case Op::kCidr:
      return 10;
    case Op::kLower:
    case Op::kUpper:
    case Op::kLength:
      return 4;
    case Op::kHour:
    case Op::kWeekday:
      return 3;
    case Op::kDistanceKm:
      return 12;
    case Op::kLookup:
    case Op::kInTable:
      return 15;
    case Op::kNameField:
    case Op::kBound:
    case Op::kAggResult:
      return 2;
    case Op::kIndexField:
      return 20;
    case Op::kAggregate:
      return 40;
    default:
      return 1;
  }
}

/// A guess by the kind of predicate: of how many values it may hold.
std::uint8_t breadth_of(Op op) noexcept {
  switch (op) {
    case Op::kEq:
      return 0;
    case Op::kIn:
    case Op::kInTable:
    case Op::kCidr:
      return 1;
    case Op::kStartswith:
    case Op::kEndswith:
    case Op::kContains:
    case Op::kLike:
    case Op::kMatches:
      return 2;
    case Op::kNe:
    case Op::kNot:
      return 4;
    default:
      return 3;
  }
}

}  // namespace

ExprPool::ExprPool() : tables_(std::make_unique<Tables>()) {}
ExprPool::~ExprPool() = default;
ExprPool::ExprPool(ExprPool&&) noexcept = default;
ExprPool& ExprPool::operator=(ExprPool&&) noexcept = default;

void ExprPool::finish(const FinishOptions& options) {
  if (options.string_sets) tables_->string_sets = std::make_unique<StringSets>(*this, *tables_);
  if (options.flat_tests) {
    tables_->flat_tests = std::make_unique<FlatTests>(*this, tables_->string_sets.get());
  }
}

StringBuildStats ExprPool::build_string_sets(StringStore* store, unsigned threads) const {
  return tables_->string_sets ? tables_->string_sets->build(store, threads) : StringBuildStats{};
}

const StringSets* ExprPool::string_sets() const noexcept {
  return tables_->string_sets.get();
}

const FlatTests* ExprPool::flat_tests() const noexcept {
  return tables_->flat_tests.get();
}

ExprId ExprPool::Tables::intern(ExprPool& pool, ExprNode n, std::span<const ExprId> args) {
  Tables& tables = *pool.tables_;
  const std::uint64_t hash = hash_node(n, args);
  const auto known = tables.interned.find(hash, [&](ExprId id) {
    return same_node(pool.nodes_[id], n) && std::ranges::equal(pool.args(id), args);
  });
  if (known) return *known;
  n.value = tables.strings.copy(n.value);
  n.first_arg = static_cast<std::uint32_t>(pool.args_.size());
  n.arg_count = static_cast<std::uint32_t>(args.size());
  n.one_event = !reads_run(n);
  unsigned cost = own_cost(n.op, args.size());
  for (const ExprId arg : args) {
    n.one_event = n.one_event && pool.nodes_[arg].one_event;
    cost += pool.nodes_[arg].cost;
  }
  n.cost = static_cast<std::uint16_t>(std::min(cost, 0xffffU));
  n.breadth = breadth_of(n.op);
  // The arguments may be a view of the very array that grows here.
  const std::vector<ExprId> copied(args.begin(), args.end());
  pool.args_.insert(pool.args_.end(), copied.begin(), copied.end());
  const auto id = static_cast<ExprId>(pool.nodes_.size());
  pool.nodes_.push_back(n);
  tables.interned.add(hash, id);
  return id;
}

ExprId ExprPool::constant(const Value& v) {
  ExprNode n;
  n.op = Op::kConst;
  n.value = v;
  return Tables::intern(*this, n, {});
}

ExprId ExprPool::field(FieldId field) {
  ExprNode n;
  n.op = Op::kField;
  n.a = field;
  return Tables::intern(*this, n, {});
}

ExprId ExprPool::name_field(NameId name, RegId scope, FieldId field) {
  ExprNode n;
  n.op = Op::kNameField;
  n.name = name;
  n.scope = scope;
  n.a = field;
  return Tables::intern(*this, n, {});
}

ExprId ExprPool::index_field(NameId name, RegId scope, FieldId field, std::int64_t index) {
  ExprNode n;
  n.op = Op::kIndexField;
  n.name = name;
  n.scope = scope;
  n.a = field;
  n.value = Value::integer(index);
  return Tables::intern(*this, n, {});
}

ExprId ExprPool::bound(NameId name, RegId scope) {
  ExprNode n;
  n.op = Op::kBound;
  n.name = name;
  n.scope = scope;
  return Tables::intern(*this, n, {});
}

ExprId ExprPool::aggregate(Agg agg, NameId name, RegId scope, std::span<const ExprId> args) {
  ExprNode n;
  n.op = Op::kAggregate;
  n.agg = agg;
  n.name = name;
  n.scope = scope;
  return Tables::intern(*this, n, args);
}

ExprId ExprPool::agg_result(std::uint32_t index) {
  ExprNode n;
  n.op = Op::kAggResult;
  n.a = index;
  return Tables::intern(*this, n, {});
}

ExprId ExprPool::node(Op op, std::span<const ExprId> args, std::uint32_t a, const Value& value) {
  ExprNode n;
  n.op = op;
  n.a = a;
  n.value = value;
  if (op != Op::kAnd && op != Op::kOr) return Tables::intern(*this, n, args);
  // a and (b and c) is one conjunction of three. Members are flat already.
  std::vector<ExprId> flat;
  for (const ExprId arg : args) {
    if (at(arg).op == op) {
      const auto inner = this->args(arg);
      flat.insert(flat.end(), inner.begin(), inner.end());
    } else {
      flat.push_back(arg);
    }
  }
  return Tables::intern(*this, n, flat);
}

ExprId ExprPool::matches(ExprId subject, std::string_view regex, bool ignore_case,
                         std::string& error) {
  const auto [it, added] =
      tables_->regex_ids.try_emplace((ignore_case ? 'i' : '-') + std::string(regex),
                                     static_cast<std::uint32_t>(tables_->regexes.size()));
  if (added) {
    auto made = Regex::make(regex, ignore_case, error);
    if (made == nullptr) {
      tables_->regex_ids.erase(it);
      return kNoExpr;
    }
    tables_->regexes.push_back(std::move(made));
  }
  const ExprId args[] = {subject};
  return node(Op::kMatches, args, it->second);
}

ExprId ExprPool::cidr(ExprId subject, std::string_view network, std::string& error) {
  const auto parsed = parse_network(network, error);
  if (!parsed) return kNoExpr;
  const auto [it, added] = tables_->network_ids.try_emplace(
      to_text(*parsed), static_cast<std::uint32_t>(tables_->networks.size()));
  if (added) tables_->networks.push_back(*parsed);
  const ExprId args[] = {subject};
  return node(Op::kCidr, args, it->second);
}

ExprId ExprPool::zoned(Op op, ExprId time, std::string_view zone, std::string& error) {
  const ExprId args[] = {time};
  const auto known = tables_->zone_ids.find(std::string(zone));
  if (known != tables_->zone_ids.end()) return node(op, args, known->second);
  ZonePtr loaded = Zone::find(zone, error);
  if (loaded == nullptr) return kNoExpr;
  std::uint32_t id = kUtc;
  if (!loaded->is_utc()) {
    id = static_cast<std::uint32_t>(tables_->zones.size());
    tables_->zones.push_back({std::string(zone), std::move(loaded)});
  }
  tables_->zone_ids.emplace(zone, id);
  return node(op, args, id);
}

}  // namespace weir::nfa
