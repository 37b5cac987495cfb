#include "synthetic.hpp"

namespace weir::runtime {
namespace {

class SyntheticFormat final : public RecordFormat {
 public:
  void append_json(std::string& out, const Event& event) const override { out += event.raw; }
};

}  // namespace

const RecordFormat& synthetic_format() {
  static const SyntheticFormat format;
  return format;
}

void begin_record(std::string& out, std::string_view type, Timestamp ts) {
  out += "{\"type\":";
  append_json_string(out, type);
  out += ",\"ts\":\"";
  append_iso8601(out, ts);
  out += '"';
}

void append_member(std::string& out, std::string_view name, const Value& v) {
  out += ',';
  append_json_string(out, name);
  out += ':';
  append_json(out, v);
}

}  // namespace weir::runtime
