#include "live/outbox/record_pack.hpp"

#include <cstdint>

#include "live/outbox/little_endian.hpp"

namespace weir::connectors {
namespace {

constexpr std::size_t kSize = sizeof(std::uint32_t);

std::uint32_t size_at(std::string_view packed, std::size_t index) noexcept {
  return read_little_endian<std::uint32_t>(packed.substr(index * kSize));
}

}  // namespace

bool RecordPack::is_record(std::string_view bytes) noexcept {
  return bytes.size() >= kSizes &&
         std::uint64_t{size_at(bytes, 0)} + size_at(bytes, 1) + size_at(bytes, 2) ==
             bytes.size() - kSizes;
}

void RecordPack::add(const OutRecord& record) {
  for (const std::string_view part : {record.text, record.key, record.id}) {
    append_little_endian(bytes_, static_cast<std::uint32_t>(part.size()));
  }
  bytes_ += record.text;
  bytes_ += record.key;
  bytes_ += record.id;
  ends_.push_back(bytes_.size());
}

void RecordPack::add_packed(std::string_view bytes) {
  bytes_ += bytes;
  ends_.push_back(bytes_.size());
}

void RecordPack::drop_front(std::size_t records) {
  if (records == 0) return;
  const std::size_t cut = ends_[records - 1];
  bytes_.erase(0, cut);
  ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(records));
  for (std::size_t& end : ends_) end -= cut;
}

std::string_view RecordPack::packed(std::size_t index) const noexcept {
  const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(bytes_).substr(begin, ends_[index] - begin);
}

OutRecord RecordPack::at(std::size_t index) const noexcept {
  const std::string_view whole = packed(index);
  const std::size_t text = size_at(whole, 0);
  const std::size_t key = size_at(whole, 1);
  const std::string_view parts = whole.substr(kSizes);
  return {parts.substr(0, text), parts.substr(text, key), parts.substr(text + key)};
}

std::vector<OutRecord> RecordPack::all() const {
  std::vector<OutRecord> views;
  views.reserve(records());
  for (std::size_t i = 0; i < records(); ++i) views.push_back(at(i));
  return views;
}

}  // namespace weir::connectors
