#include "run/outboxes.hpp"

#include <algorithm>
#include <utility>

namespace weir::cli {

Outboxes::Outboxes(const std::vector<std::string>& streams)
    : streams_(streams), by_stream_(streams.size()) {}

void Outboxes::add(const std::string& stream, std::string name,
                   std::unique_ptr<connectors::Outbox> outbox) {
  Entry& entry = entries_.emplace_back();
  entry.stream = stream;
  entry.name = std::move(name);
  entry.outbox = std::move(outbox);
  const auto at = std::ranges::find(streams_, stream);
  if (at != streams_.end())
    by_stream_[static_cast<std::size_t>(at - streams_.begin())].push_back(&entry);
}

void Outboxes::on_alerts(std::string_view framed, std::size_t) {
  const std::lock_guard lock(mutex_);
  while (!framed.empty()) {
    const FramedAlert alert = FramedAlerts::take(framed);
    if (taps_ != nullptr) taps_->offer(streams_[alert.stream], alert.text);
    const std::vector<Entry*>& sinks = by_stream_[alert.stream];
    if (sinks.empty()) without_sink_.fetch_add(1, std::memory_order_relaxed);
    for (Entry* const entry : sinks) {
      put_to(*entry, {.text = alert.text, .key = alert.key, .id = alert.id});
    }
  }
}

void Outboxes::put(std::string_view stream, std::string_view text) {
  if (taps_ != nullptr) taps_->offer(stream, text);
  const std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    if (entry.stream == stream) put_to(entry, {.text = text, .key = {}, .id = {}});
  }
}

void Outboxes::put_to(Entry& entry, const connectors::OutRecord& record) {
  if (entry.waiting.empty() && entry.outbox->try_put(record)) return;
  entry.waiting.push_back(
      {std::string(record.text), std::string(record.key), std::string(record.id)});
  any_waiting_.store(true, std::memory_order_relaxed);
}

bool Outboxes::move_on(Entry& entry) {
  while (!entry.waiting.empty()) {
    const Entry::Waiting& first = entry.waiting.front();
    if (!entry.outbox->try_put({.text = first.text, .key = first.key, .id = first.id})) break;
    entry.waiting.pop_front();
  }
  return entry.waiting.empty();
}

bool Outboxes::has_room() {
  if (!any_waiting_.load(std::memory_order_relaxed)) return true;
  const std::lock_guard lock(mutex_);
  bool all = true;
  for (Entry& entry : entries_) all = move_on(entry) && all;
  any_waiting_.store(!all, std::memory_order_relaxed);
  return all;
}

bool Outboxes::wanted(std::string_view stream) const {
  return std::ranges::find(entries_, stream, &Entry::stream) != entries_.end();
}

Outboxes::Mark Outboxes::mark() {
  const std::lock_guard lock(mutex_);
  Mark mark;
  for (const Entry& entry : entries_) {
    mark.push_back(entry.outbox->put_so_far() + entry.waiting.size());
  }
  return mark;
}

bool Outboxes::delivered(const Mark& mark) const {
  for (std::size_t i = 0; i < mark.size(); ++i) {
    if (entries_[i].outbox->delivered() < mark[i]) return false;
  }
  return true;
}

bool Outboxes::drain(std::chrono::steady_clock::time_point deadline) {
  while (!has_room()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    for (Entry& entry : entries_) {
      entry.outbox->wait_for_room(
          std::min(deadline, std::chrono::steady_clock::now() + std::chrono::milliseconds(10)));
    }
  }
  bool all = true;
  for (Entry& entry : entries_) all = entry.outbox->drain(deadline) && all;
  return all;
}

std::vector<Outboxes::SinkStats> Outboxes::stats() const {
  const std::lock_guard lock(mutex_);
  std::vector<SinkStats> stats;
  for (const Entry& entry : entries_) {
    stats.push_back({entry.stream, entry.name, entry.outbox->stats()});
    stats.back().stats.waiting += entry.waiting.size();
  }
  return stats;
}

}  // namespace weir::cli
