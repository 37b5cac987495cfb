// What a pool's nodes point to: strings, regular expressions, networks, zones; and the index by
// which equal nodes are found.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "flat_tests.hpp"
#include "functions.hpp"
#include "hash_index.hpp"
#include "regex.hpp"
#include "string_sets.hpp"
#include "weir/event/zone.hpp"
#include "weir/nfa/expr.hpp"

namespace weir::nfa {

/// What evaluation and dumps read.
struct ExprTables {
  std::vector<std::unique_ptr<Regex>> regexes;
  std::vector<Network> networks;
  struct NamedZone {
    std::string name;
    ZonePtr zone;
  };
  std::vector<NamedZone> zones;
};

struct ExprPool::Tables : ExprTables {
  ValueArena strings;
  HashIndex interned;  // nodes
  // By what they were asked for: flags and expression, canonical text, name.
  std::unordered_map<std::string, std::uint32_t> regex_ids;
  std::unordered_map<std::string, std::uint32_t> network_ids;
  std::unordered_map<std::string, std::uint32_t> zone_ids;
  // Made by finish():
  std::unique_ptr<StringSets> string_sets;
  std::unique_ptr<FlatTests> flat_tests;

  /// The node equal to `node` with `args`, made where there is none.
  static ExprId intern(ExprPool& pool, ExprNode node, std::span<const ExprId> args);
};

}  // namespace weir::nfa
