// The codecs, and how their records are shown. make_codec() picks one.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "codec/line_matcher.hpp"
#include "weir/connectors/codec.hpp"

namespace weir::connectors {

std::unique_ptr<Codec> make_json_codec(const CodecOptions& options, const FieldPlan& plan,
                                       std::string& error);
std::unique_ptr<Codec> make_csv_codec(const CodecOptions& options, const FieldPlan& plan);
/// Syslog, access logs, text, --pattern, and formats over the first three.
std::unique_ptr<Codec> make_line_codec(const CodecOptions& options, const FieldPlan& plan,
                                       std::string& error);

/// Expressions over a text inside JSON records.
struct JsonMatcher {
  std::string on;  // dotted
  std::unique_ptr<LineMatcher> lines;
};

class JsonRecordFormat final : public RecordFormat {
 public:
  /// `matcher` may be null.
  explicit JsonRecordFormat(std::shared_ptr<const JsonMatcher> matcher)
      : matcher_(std::move(matcher)) {}
  void append_json(std::string& out, const Event& event) const override;

 private:
  std::shared_ptr<const JsonMatcher> matcher_;
};

/// {"type":"auth","ts":"..." and no brace to close it.
void append_event_head(std::string& out, const Event& event);
/// ,"name":value unless the name is type or ts, which the head has.
void append_member(std::string& out, std::string_view name, const Value& value);

/// `text` with U+FFFD for each byte that is no UTF-8; the text itself where there are none. What is
/// made lives in `arena`. Adds to `replaced`.
std::string_view repair_utf8(std::string_view text, ValueArena& arena, std::uint64_t& replaced);

}  // namespace weir::connectors
