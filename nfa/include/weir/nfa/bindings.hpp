// What runs have bound: chains of (name, event) that share their beginnings.
//
// A run holds the end of its chain; runs that forked share all that came before. A chain is in
// order of event, so two runs have bound the same events to the same names exactly where their
// chains are equal node by node.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "weir/nfa/evidence.hpp"
#include "weir/nfa/expr.hpp"

namespace weir::nfa {

using ChainRef = BlockRef;  // 0: nothing bound

struct ChainNode {
  ChainRef previous = 0;
  EventRef event = 0;
  std::uint32_t references = 0;
  std::uint32_t length = 0;  // of the chain that ends here
  std::uint64_t hash = 0;    // of the whole chain
  NameId name = 0;
  std::uint16_t room = 0;  // bytes behind it
};

/// Counted references; a node keeps the one before it and its event. Not thread-safe: a shard's
/// own.
class BindingPool {
 public:
  explicit BindingPool(EvidenceStore& events);

  /// A new end behind `previous`, with one reference of the caller's; takes over no reference.
  /// `room`: bytes behind it, for the caller to fill.
  ChainRef append(ChainRef previous, NameId name, EventRef event, std::size_t room = 0);
  std::byte* room(ChainRef chain) const noexcept { return nodes_.at(chain) + sizeof(ChainNode); }
  void retain(ChainRef chain) noexcept {
    if (chain != 0) ++node(chain).references;
  }
  /// Frees what nothing else holds, back along the chain.
  void release(ChainRef chain) noexcept;

  const ChainNode& at(ChainRef chain) const noexcept { return node(chain); }
  std::uint32_t length(ChainRef chain) const noexcept {
    return chain == 0 ? 0 : node(chain).length;
  }
  const Event& event(ChainRef chain) const noexcept { return events_->get(node(chain).event); }
  bool equal(ChainRef a, ChainRef b) const noexcept;
  EvidenceStore& events() const noexcept { return *events_; }

 private:
  ChainNode& node(ChainRef chain) const noexcept { return *nodes_.as<ChainNode>(chain); }

  ChunkArena nodes_;
  EvidenceStore* events_;
};

}  // namespace weir::nfa
