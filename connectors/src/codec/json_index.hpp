// Where the structure of JSON records stands, found many records at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace weir::connectors {

/// What a reader of one record is given.
struct JsonStructure {
  const char* base = nullptr;
  /// Offsets from `base`, rising: of each bracket, colon and comma outside strings, and of the
  /// first byte of each string (its quote) and of each other scalar. From the record's first on,
  /// and past its last, up to `end`; *end may be read and lies at or behind the record's end.
  const std::uint32_t* at = nullptr;
  const std::uint32_t* end = nullptr;
  bool escapes = false;  // there is a backslash in the record
};

/// The first stage of simdjson (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", VLDB
/// Journal 28, 2019), by the fastest instructions that the machine has, over windows of many
/// records. It has also made sure that a record's bytes are UTF-8, that its strings are closed, and
/// that no control character is in them: between a string's quote and the next offset there is the
/// string and white space, nothing else. A window that fails is tried again in smaller ones, so
/// that a bad record costs its neighbours time only. Used by one thread at a time.
class JsonIndex {
 public:
  JsonIndex();
  ~JsonIndex();
  JsonIndex(const JsonIndex&) = delete;
  JsonIndex& operator=(const JsonIndex&) = delete;

  /// See Codec::look_ahead.
  void look_ahead(std::string_view bytes) noexcept;

  /// False where the record is no JSON by what the first stage sees. `out` is valid until the next
  /// call.
  bool find(std::string_view record, JsonStructure& out) {
    if (!lies_in(record.data(), window_) && !index_from(record)) return false;
    const auto begin = static_cast<std::size_t>(record.data() - base_);
    while (*at_ < begin) ++at_;
    if (backslash_ < record.data()) find_backslash(record.data());
    out = {base_, at_, end_, backslash_ < record.data() + record.size()};
    return true;
  }
  /// What stands before `at` has been read: the next record need not pass over it.
  void advance(const std::uint32_t* at) noexcept { at_ = at; }

 private:
  struct Stage;  // simdjson's

  static bool lies_in(const char* p, std::string_view bytes) noexcept {
    // As numbers, since pointers into different arrays have no order.
    return reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(bytes.data()) <
           bytes.size();
  }
  bool index_from(std::string_view record);
  bool index(std::string_view text);
  std::string_view window_from(std::string_view record) const noexcept;
  void find_backslash(const char* from) noexcept;

  std::unique_ptr<Stage> stage_;
  std::string_view ahead_;      // to be read next
  std::string_view window_;     // of it, what is indexed
  const char* base_ = nullptr;  // of what is indexed: of the window, or of one record
  const char* base_end_ = nullptr;
  const std::uint32_t* at_ = nullptr;
  const std::uint32_t* end_ = nullptr;
  std::size_t width_;                // of the next window
  const char* backslash_ = nullptr;  // the first from the record on; base_end_: there is none
};

}  // namespace weir::connectors
