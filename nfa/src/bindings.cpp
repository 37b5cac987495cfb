#include "weir/nfa/bindings.hpp"

#include <algorithm>

namespace weir::nfa {
namespace {

// splitmix64's finalizer: every bit of the input moves every bit of the output.
std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

BindingPool::BindingPool(EvidenceStore& events) : events_(&events) {
  nodes_.emplace_back();
}

ChainRef BindingPool::append(ChainRef previous, NameId name, EventRef event) {
  ChainRef ref;
  if (free_.empty()) {
    ref = static_cast<ChainRef>(nodes_.size());
    nodes_.emplace_back();
  } else {
    ref = free_.back();
    free_.pop_back();
  }
  retain(previous);
  events_->retain(event);
  ChainNode& node = nodes_[ref];
  node.previous = previous;
  node.event = event;
  node.references = 1;
  node.length = nodes_[previous].length + 1;
  node.name = name;
  node.hash = mix(nodes_[previous].hash * 31 + mix(events_->seq(event) * 65599 + name + 1));
  return ref;
}

void BindingPool::release(ChainRef chain) noexcept {
  while (chain != 0 && --nodes_[chain].references == 0) {
    const ChainRef previous = nodes_[chain].previous;
    events_->release(nodes_[chain].event);
    free_.push_back(chain);
    chain = previous;
  }
}

bool BindingPool::equal(ChainRef a, ChainRef b) const noexcept {
  while (a != b) {
    const ChainNode& x = nodes_[a];
    const ChainNode& y = nodes_[b];
    if (x.hash != y.hash || x.length != y.length || x.name != y.name ||
        events_->seq(x.event) != events_->seq(y.event)) {
      return false;
    }
    a = x.previous;
    b = y.previous;
  }
  return true;
}

const Event* ChainView::last(NameId name, RegId scope) const {
  const std::uint32_t from = mark(scope);
  for (ChainRef c = chain_; c != 0 && pool_->length(c) > from; c = pool_->at(c).previous) {
    if (pool_->at(c).name == name) return &pool_->event(c);
  }
  return nullptr;
}

std::span<const Event* const> ChainView::all(NameId name, RegId scope, ValueArena& scratch) const {
  const std::uint32_t from = mark(scope);
  std::size_t n = 0;
  for (ChainRef c = chain_; c != 0 && pool_->length(c) > from; c = pool_->at(c).previous) {
    n += pool_->at(c).name == name ? 1 : 0;
  }
  auto* list =
      static_cast<const Event**>(scratch.allocate(n * sizeof(const Event*), alignof(const Event*)));
  std::size_t i = n;
  for (ChainRef c = chain_; i > 0; c = pool_->at(c).previous) {
    if (pool_->at(c).name == name) list[--i] = &pool_->event(c);
  }
  return {list, n};
}

}  // namespace weir::nfa
