#include "run.hpp"

namespace weir::reference {
namespace {

void put(std::string& out, std::uint64_t n) {
  out += std::to_string(n);
  out += ',';
}

void put(std::string& out, const void* p) {
  put(out, reinterpret_cast<std::uintptr_t>(p));
}

void put(std::string& out, const std::vector<Frame>& frames) {
  for (const Frame& f : frames) {
    put(out, f.node);
    put(out, f.index);
    put(out, f.count);
    put(out, f.entry);
    put(out, f.iteration);
  }
  out += ';';
}

void put(std::string& out, const std::optional<Timestamp>& t) {
  out += t ? std::to_string(t->ns) : "-";
  out += ',';
}

}  // namespace

bool follows(const Thread& later, const Thread& earlier) {
  for (std::size_t i = 0; i < later.path.size() && i < earlier.path.size(); ++i) {
    if (later.path[i].part != earlier.path[i].part) {
      return later.path[i].part > earlier.path[i].part;
    }
    if (later.path[i].alternative != earlier.path[i].alternative) return false;
  }
  return false;
}

std::string fingerprint(const Thread& thread) {
  std::string out;
  put(out, static_cast<std::uint64_t>(thread.wait));
  put(out, thread.frames);
  for (const Guard& g : thread.guards) {
    put(out, g.item);
    put(out, g.frames);
    put(out, static_cast<std::uint64_t>(g.fresh) * 2 + static_cast<std::uint64_t>(g.past_pause));
    put(out, g.until);
  }
  put(out, thread.filled);
  put(out, thread.anchor);
  put(out, thread.since);
  if (thread.wait == Wait::kPause) put(out, std::optional(thread.deadline));
  return out;
}

std::string fingerprint(const Way& way) {
  std::string out;
  for (const Thread& t : way.iterate) out += fingerprint(t) + '|';
  out += '/';
  if (way.main) out += fingerprint(*way.main);
  return out;
}

std::string fingerprint(const Run& run) {
  std::string out;
  for (const Binding& b : run.bound) {
    put(out, static_cast<std::uint64_t>(b.name));
    put(out, b.event);
  }
  return out + fingerprint(run.way);
}

}  // namespace weir::reference
