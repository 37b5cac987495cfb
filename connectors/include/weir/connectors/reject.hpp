// Why a record was refused: stable names, for the `rejected` output and for metrics.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::connectors {

/// One code a cause; names are stable (see to_string).
enum class RejectReason : std::uint8_t {
  kNone,
  // of the record's bytes
  kRecordTooLong,    // longer than kMaxRecordBytes
  kTruncatedRecord,  // the input broke off inside it
  kInvalidUtf8,      // JSON alone: text formats put U+FFFD in
  // of its structure
  kJsonInvalid,
  kJsonTooDeep,   // nested deeper than kMaxJsonDepth
  kJsonNoObject,  // valid JSON, but an array or a scalar
  kCsvRaggedRow,  // more or fewer cells than the header
  kCsvBadQuote,   // a quote left open, or text after a closing quote
  kSyslogInvalid,
  kAccessLogInvalid,
  kPatternNoMatch,  // --pattern does not match the line
  // of a field that a rule reads
  kDuplicateKey,
  kIntegerOutOfRange,  // past 64 bits
  kNumberOutOfRange,   // past binary64, 1e400
  kBadValue,           // none of the type that the schema gives the field
  // of type and time
  kMissingType,
  kBadType,  // no string, or an empty one
  kMissingTime,
  kBadTime,
  kTimeOutOfRange,  // outside 1677-09-21 .. 2262-04-11
  // of a live source
  kFarFuture,       // more than max_future after the clock
  kUnexpectedType,  // none of the types that the source says it gives
  kNoDecoder,       // the source's format cannot be read: a bad header
};
inline constexpr std::size_t kRejectReasonCount =
    static_cast<std::size_t>(RejectReason::kNoDecoder) + 1;

/// "record_too_long", "json_invalid", ...; "" for kNone.
std::string_view to_string(RejectReason reason) noexcept;

/// Records refused, by reason.
using RejectCounts = std::array<std::uint64_t, kRejectReasonCount>;

}  // namespace weir::connectors
