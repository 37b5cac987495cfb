// Records one behind another in one piece of memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "weir/connectors/live/sink.hpp"

namespace weir::connectors {

/// A record is the sizes of text, key and id, 32 bits each, little-endian, and then these: in
/// memory and on disk.
class RecordPack {
 public:
  static std::size_t size_of(const OutRecord& record) noexcept {
    return kSizes + record.text.size() + record.key.size() + record.id.size();
  }
  /// Whether this is one record, from end to end.
  static bool is_record(std::string_view bytes) noexcept;

  void add(const OutRecord& record);
  /// REQUIRES: is_record(bytes).
  void add_packed(std::string_view bytes);
  void drop_front(std::size_t records);

  std::size_t records() const noexcept { return ends_.size(); }
  std::size_t bytes() const noexcept { return bytes_.size(); }
  bool empty() const noexcept { return ends_.empty(); }
  /// As it was added; valid until the pack changes.
  OutRecord at(std::size_t index) const noexcept;
  std::string_view packed(std::size_t index) const noexcept;
  std::vector<OutRecord> all() const;

 private:
  static constexpr std::size_t kSizes = 12;

  std::string bytes_;
  std::vector<std::size_t> ends_;  // in bytes_
};

}  // namespace weir::connectors
