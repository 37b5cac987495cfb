#include "weir/nfa/bindings.hpp"

#include <new>

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

BindingPool::BindingPool(EvidenceStore& events) : events_(&events) {}

ChainRef BindingPool::append(ChainRef previous, NameId name, EventRef event, std::size_t room) {
  const ChainRef ref = nodes_.allocate(sizeof(ChainNode) + room);
  retain(previous);
  events_->retain(event);
  const std::uint64_t before = previous == 0 ? 0 : at(previous).hash;
  new (nodes_.at(ref))
      ChainNode{.previous = previous,
                .event = event,
                .references = 1,
                .length = length(previous) + 1,
                .hash = mix(before * 31 + mix(events_->seq(event) * 65599 + name + 1)),
                .name = name,
                .room = static_cast<std::uint16_t>(room)};
  return ref;
}

void BindingPool::release(ChainRef chain) noexcept {
  while (chain != 0 && --node(chain).references == 0) {
    const ChainRef previous = at(chain).previous;
    events_->release(at(chain).event);
    nodes_.free(chain, sizeof(ChainNode) + at(chain).room);
    chain = previous;
  }
}

bool BindingPool::equal(ChainRef a, ChainRef b) const noexcept {
  while (a != b) {
    if (a == 0 || b == 0) return false;
    const ChainNode& x = at(a);
    const ChainNode& y = at(b);
    if (x.hash != y.hash || x.length != y.length || x.name != y.name ||
        events_->seq(x.event) != events_->seq(y.event)) {
      return false;
    }
    a = x.previous;
    b = y.previous;
  }
  return true;
}

}  // namespace weir::nfa
