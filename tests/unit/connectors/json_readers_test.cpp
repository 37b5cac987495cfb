// Whole logs of generated records, read over an index of many records, record by record, and by the
// slow reader: the same events, evidence and rejections, to the last byte.

#include <algorithm>
#include <array>
#include <cstdio>

#include "support.hpp"

namespace weir::connectors {
namespace {

using test::make_plan;
using test::Strings;

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t operator()(std::uint64_t below) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (state_ >> 33U) % below;
  }
  bool one_in(std::uint64_t n) { return (*this)(n) == 0; }
  template <typename T, std::size_t n>
  const T& of(const std::array<T, n>& items) {
    return items[(*this)(n)];
  }

 private:
  std::uint64_t state_;
};

/// Makes records that are mostly as a log's are, in their order and their kinds, and at times odd.
class Records {
 public:
  explicit Records(std::uint64_t seed) : random_(seed) {}

  std::string next() {
    std::string record = object(0);
    if (random_.one_in(12)) damage(record);
    return record;
  }

 private:
  void member(std::string& out, std::string_view key, const std::string& value) {
    out += out.back() == '{' ? "" : ",";
    out += space() + key_text(key) + space() + ":" + space() + value + space();
  }
  std::string key_text(std::string_view key) {
    // Now and then written with an escape.
    std::string text(key);
    if (random_.one_in(60) && !text.empty() && text[0] != '"') {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(text[0]));
      text = code.data() + text.substr(1);
    }
    return '"' + text + '"';
  }
  std::string space() {
    static const std::array<std::string, 4> kSpaces = {" ", "  ", "\t", "\r "};
    return random_.one_in(25) ? random_.of(kSpaces) : "";
  }

  std::string object(int depth) {
    static const std::array<std::string, 4> kTypes = {"a", "payment", "login", "other"};
    std::string out = space() + "{";
    const bool type_last = random_.one_in(5);
    if (!type_last) member(out, "type", '"' + random_.of(kTypes) + '"');
    if (!random_.one_in(30)) member(out, random_.one_in(9) ? "time" : "ts", time());
    for (const std::string_view key :
         {"user", "amount", "a longer key of more than sixteen", "account", "tags", "note"}) {
      if (random_.one_in(7)) continue;
      if (random_.one_in(8)) member(out, "unread " + std::to_string(random_(3)), value(depth));
      member(out, key, key == "account" && !random_.one_in(6) ? account() : value(depth));
      if (random_.one_in(60)) member(out, key, value(depth));
    }
    if (random_.one_in(9)) member(out, "account.owner", value(depth));
    if (random_.one_in(90)) member(out, "account.owner", value(depth));
    if (random_.one_in(40)) member(out, "", value(depth));
    if (type_last) member(out, "type", '"' + random_.of(kTypes) + '"');
    return out + "}" + space();
  }
  std::string account() {
    std::string out = "{";
    if (!random_.one_in(5)) member(out, "owner", value(1));
    if (random_.one_in(5)) member(out, "limits", value(1));
    if (random_.one_in(30)) member(out, "owner", value(1));
    return out + "}";
  }
  std::string time() {
    static const std::array<std::string, 9> kOdd = {"1700000000",
                                                    "1700000000.5",
                                                    "\"2026-01-01T00:00:00+01:00\"",
                                                    "\"soon\"",
                                                    "null",
                                                    "\"2026-02-30T00:00:00Z\"",
                                                    "1700000000123",
                                                    "\"2016-12-31T23:59:60Z\"",
                                                    "1e400"};
    if (random_.one_in(15)) return random_.of(kOdd);
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "\"2026-%02u-%02uT%02u:%02u:%02u%sZ\"",
                  static_cast<unsigned>(1 + random_(2)), static_cast<unsigned>(1 + random_(28)),
                  static_cast<unsigned>(random_(24)), static_cast<unsigned>(random_(60)),
                  static_cast<unsigned>(random_(60)), random_.one_in(2) ? ".123" : "");
    return text.data();
  }
  std::string value(int depth) {
    static const std::array<std::string, 24> kScalars = {"0",
                                                         "-7",
                                                         "12.75",
                                                         "-0.0",
                                                         "1e3",
                                                         "1E-400",
                                                         "9223372036854775807",
                                                         "-9223372036854775808",
                                                         "9223372036854775808",
                                                         "1e400",
                                                         "123456789.123456789",
                                                         "true",
                                                         "false",
                                                         "null",
                                                         "\"\"",
                                                         "\"plain\"",
                                                         "\"\u00e9\U0001F600\"",
                                                         "\"a\\\\b\"",
                                                         "\"a\\\"b\\\"\"",
                                                         "\"\\u00e9\\ud83d\\ude00\\n\"",
                                                         "\"\\ud800\"",
                                                         "\"\\/\"",
                                                         "\"{[,:]}\"",
                                                         "12345678"};
    const std::uint64_t kind = random_(12);
    if (kind == 0 && depth < 4) {
      std::string out = "[";
      for (std::uint64_t i = random_(4); i > 0; --i) {
        out += space() + value(depth + 1) + space() + (i > 1 ? "," : "");
      }
      return out + "]";
    }
    if (kind == 1 && depth < 4) {
      std::string out = "{";
      for (std::uint64_t i = random_(3); i > 0; --i) member(out, "k", value(depth + 1));
      return out + "}";
    }
    return random_.of(kScalars);
  }

  void damage(std::string& record) {
    constexpr std::string_view kPieces = "{}[]\",:\\u0019-+.eEtfn \x01\x80\xc3\xff\tax";
    for (std::uint64_t i = 1 + random_(3); i > 0 && !record.empty(); --i) {
      const std::size_t at = random_(record.size());
      switch (random_(4)) {
        case 0:
          record[at] = kPieces[random_(kPieces.size())];
          break;
        case 1:
          record.insert(at, 1, kPieces[random_(kPieces.size())]);
          break;
        case 2:
          record.erase(at, 1 + random_(3));
          break;
        default:
          record.resize(at);
      }
    }
  }

  Random random_;
};

struct Read {
  Strings lines;  // an event or a rejection each
  std::size_t events = 0;
};

void add(Read& read, const Event& event, const FieldPlan& plan) {
  std::string line = test::show(event, plan) + " " + std::to_string(event.position.offset) + " ";
  event.format->append_json(line, event);
  read.lines.push_back(line);
  ++read.events;
}

Read read_log(const std::string& log, const LogOptions& options, const FieldPlan& plan) {
  Read read;
  std::string error;
  const auto source = LogSource::make(memory_byte_stream(log), "log", 0, options, plan, error);
  REQUIRE_MESSAGE(source != nullptr, error);
  Batch batch;
  while (source->next(batch)) {
    for (const Event& event : batch.events) add(read, event, plan);
    for (const Rejection& rejection : batch.rejections) {
      append_rejection(read.lines.emplace_back(), "log", rejection);
    }
  }
  return read;
}

/// Each record for itself, from elsewhere than a block.
Read read_records(const Strings& records, const LogOptions& options, const FieldPlan& plan) {
  Read read;
  std::string error;
  const auto codec = make_codec(options.codec, plan, error);
  REQUIRE_MESSAGE(codec != nullptr, error);
  std::uint64_t offset = 0;
  for (const std::string& record : records) {
    ValueArena arena;
    Event event;
    std::string detail;
    const std::string_view padded = pad_record(record, arena);
    const RejectReason fault = codec->decode(padded, nullptr, arena, event, detail);
    if (fault == RejectReason::kNone) {
      event.position.offset = offset;
      add(read, event, plan);
    } else {
      append_rejection(read.lines.emplace_back(), "log", {{0, 0, offset}, fault, padded, detail});
    }
    offset += record.size() + 1;
  }
  return read;
}

void compare(const Strings& records, LogOptions options, const FieldPlan& plan) {
  std::string log;
  for (const std::string& record : records) log += record + "\n";
  const Read indexed = read_log(log, options, plan);
  Read single = read_records(records, options, plan);
  options.codec.json_index = false;
  Read slow = read_log(log, options, plan);
  // In a log a batch's rejections stand together; what each of them says is not changed by that.
  Strings one = indexed.lines;
  for (Strings* lines : {&one, &single.lines, &slow.lines}) std::sort(lines->begin(), lines->end());
  CHECK((one == slow.lines));
  CHECK((one == single.lines));
  for (std::size_t i = 0, shown = 0; i < one.size() && i < slow.lines.size() && shown < 3; ++i) {
    if (one[i] == slow.lines[i] && one[i] == single.lines[i]) continue;
    ++shown;
    CHECK(one[i] == slow.lines[i]);
    CHECK(one[i] == single.lines[i]);
  }
  // Many are events, and not all.
  CHECK(indexed.events > records.size() / 5);
  CHECK(indexed.events < records.size());
}

const FieldPlan& plan() {
  static const FieldPlan made = make_plan(
      {{"a", {"user", "account.owner", "account.limits.k"}},
       {"payment", {"amount", "a longer key of more than sixteen", "tags", "note", "account"}},
       {"login", {}},
       {"", {"user"}}});
  return made;
}

Strings make_records(std::uint64_t seed, std::size_t count) {
  Records make(seed);
  Strings records;
  while (records.size() < count) {
    std::string record = make.next();
    // As a log's lines are.
    std::erase(record, '\n');
    while (record.ends_with('\r')) record.pop_back();
    if (!record.empty()) records.push_back(std::move(record));
  }
  return records;
}

TEST_CASE("JSON: however a log is read, it says the same") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    compare(make_records(seed, 4'000), test::with_format(LogFormat::kNdjson), plan());
  }
}

TEST_CASE("JSON: a schema, and the type and the time from other fields") {
  LogOptions options = test::with_format(LogFormat::kNdjson);
  auto schema = std::make_shared<Schema>();
  schema->types["payment"].fields["note"] = {ValueType::kTimestamp, false};
  options.codec.schema = schema;
  options.codec.type_field = "type";
  options.codec.time_field = "ts";
  compare(make_records(11, 4'000), options, plan());
  options.codec.type = "payment";
  compare(make_records(12, 4'000), options, plan());
}

TEST_CASE("JSON: what an expression finds in a record") {
  auto spec = std::make_shared<FormatSpec>();
  spec->name = "notes";
  spec->base = LogFormat::kNdjson;
  spec->on = "note";
  spec->lines = {{"a", "^p(?<user>.*)", {}}, {"payment", "(?<tags>.)(?<amount>\\d+)", {}}};
  LogOptions options;
  options.codec.spec = spec;
  compare(make_records(13, 4'000), options, plan());
}

TEST_CASE("JSON: a bad record is refused alone, wherever it stands among many") {
  // Enough for several windows, and each fault in each place of one.
  const std::string fine = R"({"type":"a","ts":"2026-01-01T00:00:00.000Z","user":"u"})";
  const std::array<std::string, 7> bad = {"{\"open",          "\"", "\\", "\xff",
                                          "{\"a\":\"\x01\"}", "}{", " "};
  for (const std::string& record : bad) {
    CAPTURE(record);
    Strings records(9'000, fine);
    for (const std::size_t at : {0UL, 1UL, 1000UL, 2377UL, 2378UL, 5000UL, 5001UL, 8999UL}) {
      records[at] = record;
    }
    compare(records, test::with_format(LogFormat::kNdjson), plan());
    // Nothing but bad ones after a while.
    std::fill(records.begin() + 6000, records.end(), record);
    compare(records, test::with_format(LogFormat::kNdjson), plan());
  }
}

TEST_CASE("JSON: records longer than what is looked at at once") {
  Strings records;
  for (int i = 0; i < 30; ++i) {
    const std::string note(static_cast<std::size_t>(i) * 20'000, i % 2 == 0 ? 'x' : '[');
    records.push_back(R"({"type":"payment","ts":1,"note":")" + note + R"(","amount":)" +
                      std::to_string(i) + "}");
    records.push_back(i % 3 == 0 ? "{" + note : R"({"type":"login","ts":2})");
  }
  compare(records, test::with_format(LogFormat::kNdjson), plan());
}

}  // namespace
}  // namespace weir::connectors
