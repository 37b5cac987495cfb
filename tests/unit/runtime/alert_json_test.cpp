// Alert records, ids, masks, and alerts as events.
#include "alert_json.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <vector>

#include "mask.hpp"
#include "mask_json.hpp"
#include "sha256.hpp"
#include "synthetic.hpp"

namespace weir::runtime {
namespace {

// The first 16 hex digits of sha256 of: "4111222233334444", "bob", "7".
constexpr std::string_view kCardHash = "sha256:304c22d0d127f5da";
constexpr std::string_view kBobHash = "sha256:81b637d8fcd2c6da";
constexpr std::string_view kSevenHash = "sha256:7902699be42c8a8e";

std::string hash_of(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hex_prefix(hash.digest(), 64);
}

/// A rule over `auth` and `pay`, whose events have the fields user, card and amount.
class Fixture {
 public:
  Fixture() {
    FieldPlan& plan = program.plan;
    for (const char* name : {"auth", "pay"}) {
      const TypeId type = plan.add_type(name);
      for (const char* field : {"user", "card", "amount"}) plan.read(type, plan.add_field(field));
    }
    stream = plan.add_type("alerts");
    for (const char* f : {"user", "card", "c", "rule", "severity", "kept_back", "missing"}) {
      plan.read(stream, plan.add_field(f));
    }
    plan.finish();
    rule.id = "takeover";
    rule.fingerprint = 0x1122334455667788;
    rule.severity = nfa::AlertSeverity::kHigh;
    rule.automaton.names = {{"f", true}, {"ok", false}, {"t", false}};
    alert.rule = &rule;
    alert.program = &program;
    alert.stream = "alerts";
    alert.id = "00ff";
    alert.match = {{"f", true, {}}, {"ok", false, {}}, {"t", false, {}}};
    alert.end = alert.detected_at = {120 * kNsPerSecond};
  }

  /// `raw`: the members of its record after "type" and "ts".
  const Event* event(std::string_view type, std::int64_t second, const Value& user,
                     const Value& card, const Value& amount, std::string_view members) {
    slots.push_back({user, card, amount});
    std::string json;
    begin_record(json, type, {second * kNsPerSecond});
    texts.push_back(json + "," + std::string(members) + "}");
    Event e;
    e.type = program.plan.type_id(type);
    e.plan = &program.plan.type(e.type);
    e.type_name = e.plan->name;
    e.ts = {second * kNsPerSecond};
    e.slots = slots.back().data();
    e.raw = texts.back();
    e.format = &synthetic_format();
    e.position = {1, 2, static_cast<std::uint64_t>(100 + second)};
    events.push_back(e);
    return &events.back();
  }

  std::string json() const {
    std::string out;
    append_alert_json(out, alert);
    return out;
  }

  nfa::Program program;
  nfa::Rule rule;
  TypeId stream = 0;
  Alert alert;
  std::deque<std::vector<Value>> slots;
  std::deque<std::string> texts;
  std::deque<Event> events;
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST_CASE("SHA-256 of the standard's examples, and around the ends of blocks") {
  CHECK(hash_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hash_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hash_of(std::string(1000000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  for (const std::size_t n : {55UL, 56UL, 63UL, 64UL, 65UL, 119UL, 128UL}) {
    Sha256 parts;
    for (std::size_t i = 0; i < n; ++i) parts.update("x");
    CHECK(hex_prefix(parts.digest(), 64) == hash_of(std::string(n, 'x')));
  }
  CHECK(hash_of(std::string(64, 'x')) ==
        "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c");
}

TEST_CASE("a record has its members in order; what is unbound or empty is left out") {
  Fixture f;
  f.rule.tags = {"fraud", "a\"b"};
  f.rule.alert.message = {{"m", nfa::kNoExpr}};
  f.alert.message = "bob moved 5000";
  f.alert.key = {{"user", Value::string("bob")}};
  const Value ips[] = {Value::string("10.0.0.1"), Value::integer(2)};
  f.alert.fields = {{"amount", Value::integer(5000)}, {"ips", Value::list(ips)}};
  f.alert.match[0].events = {f.event("auth", 0, Value::string("bob"), {}, {}, R"("user":"bob")")};
  f.alert.match[2].events = {f.event("pay", 120, Value::string("bob"), {}, {}, R"("amount":5e3)")};
  CHECK(f.json() ==
        R"({"id":"00ff","rule":"takeover","severity":"high","stream":"alerts",)"
        R"("key":{"user":"bob"},"detected_at":"1970-01-01T00:02:00.000Z",)"
        R"("start":"1970-01-01T00:00:00.000Z","end":"1970-01-01T00:02:00.000Z",)"
        R"("message":"bob moved 5000","tags":["fraud","a\"b"],)"
        R"("fields":{"amount":5000,"ips":["10.0.0.1",2]},)"
        R"("match":{"f":[{"type":"auth","ts":"1970-01-01T00:00:00.000Z","user":"bob"}],)"
        R"("t":{"type":"pay","ts":"1970-01-01T00:02:00.000Z","amount":5e3}}})");
}

TEST_CASE("a record without key, message, tags and fields; suppressed alerts are counted") {
  Fixture f;
  f.alert.suppressed = 7;
  CHECK(f.json() ==
        R"({"id":"00ff","rule":"takeover","severity":"high","stream":"alerts","key":{},)"
        R"("detected_at":"1970-01-01T00:02:00.000Z","start":"1970-01-01T00:00:00.000Z",)"
        R"("end":"1970-01-01T00:02:00.000Z","match":{},"suppressed":7})");
}

TEST_CASE("loops are cut to their evidence, and then counted") {
  Fixture f;
  f.rule.alert.evidence_first = 2;
  f.rule.alert.evidence_last = 1;
  const auto shown = [&](std::size_t n) {
    f.alert.match[0].events.clear();
    for (std::size_t i = 0; i < n; ++i) {
      f.alert.match[0].events.push_back(
          f.event("auth", 0, {}, {}, {}, "\"n\":" + std::to_string(i)));
    }
    const std::string json = f.json();
    std::string list;
    for (std::size_t at = 0; (at = json.find("\"n\":", at)) != std::string::npos; ++at) {
      list += json[at + 4];
    }
    const std::size_t counts = json.find(",\"match_counts\"");
    return list + (counts == std::string::npos ? "" : json.substr(counts));
  };
  CHECK(shown(3) == "012");
  CHECK(shown(4) == R"(013,"match_counts":{"f":4}})");
  CHECK(shown(9) == R"(018,"match_counts":{"f":9}})");
  f.rule.alert.evidence_last = 0;
  CHECK(shown(9) == R"(01,"match_counts":{"f":9}})");
  f.rule.alert.evidence_first = 0;
  CHECK(shown(1) == R"(,"match_counts":{"f":1}})");
}

TEST_CASE("ids are the same for ever, and differ where anything in them does") {
  Fixture f;
  const auto id = [&] { return alert_id(f.rule, f.alert.key, f.alert.match); };
  CHECK(id() == "ae15d9170d112a8c907b86a03c1a2c37");
  f.alert.key = {{"user", Value::string("bob")}};
  f.alert.match[0].events = {f.event("auth", 1, {}, {}, {}, "\"a\":1"),
                             f.event("auth", 2, {}, {}, {}, "\"a\":1")};
  const std::string plain = id();
  CHECK(plain == "819bbff01dc262ff16bf7b871deb65d7");
  std::vector<std::string> others;
  const auto differs = [&] {
    others.push_back(id());
    CHECK(others.back().size() == 32);
    CHECK(others.back() != plain);
  };
  f.alert.match[0].events.pop_back();
  differs();
  f.alert.match[1].events = {&f.events[1]};
  differs();
  f.alert.match[1].events.clear();
  f.alert.match[0].events.push_back(&f.events[1]);
  CHECK(id() == plain);
  f.events[1].position.partition = 3;
  differs();
  f.events[1].name = "stream[\"a\"]@1970";
  differs();
  f.events[1].name = {};
  f.events[1].position.partition = 2;
  f.rule.fingerprint ^= 1;
  differs();
  f.rule.fingerprint ^= 1;
  f.alert.key[0].second = Value::integer(17);
  differs();
  f.alert.key[0].second = Value::real(17.0);
  CHECK(id() == others.back());
  f.alert.key[0].second = Value::string("17");
  differs();
}

TEST_CASE("a mask hides a field in events, key, fields and message") {
  Fixture f;
  f.rule.alert.mask = {"card", "user.name", "list.card"};
  f.rule.alert.message = {{"m", nfa::kNoExpr}};
  f.alert.message = "card 4111222233334444 of bob, and BOB again; bobby stays";
  f.alert.key = {{"card", Value::integer(4111222233334444)}, {"user.name", Value::string("bob")}};
  const Value cards[] = {Value::string("4111222233334444"), Value::string("x")};
  f.alert.fields = {{"card", Value::string("4111222233334444")},
                    {"seen", Value::list(cards)},
                    {"n", Value::integer(7)}};
  const Value number = Value::integer(4111222233334444);
  f.alert.match[0].events = {
      f.event("auth", 0, {}, number, {},
              R"("card" : 4111222233334444, "user":{"name":"bob","id":1},"n":1.50)")};
  f.alert.match[2].events = {f.event(
      "pay", 1, {}, Value::string("4111222233334444"), {},
      R"("line":"GET \/c\/4111222233334444","user.name":"b\u006fb","list":[{"card":[7,null]}])")};
  const std::string card(kCardHash);
  const std::string bob(kBobHash);
  const std::string seven(kSevenHash);
  const std::string json = f.json();
  CHECK(contains(json, "\"key\":{\"card\":\"" + card + "\",\"user.name\":\"" + bob + "\"}"));
  CHECK(contains(json, "\"message\":\"card " + card + " of " + bob + ", and " + bob +
                           " again; bobby stays\""));
  CHECK(contains(
      json, "\"fields\":{\"card\":\"" + card + "\",\"seen\":[\"" + card + "\",\"x\"],\"n\":7}"));
  CHECK(contains(
      json, "\"card\":\"" + card + "\",\"user\":{\"name\":\"" + bob + "\",\"id\":1},\"n\":1.50}"));
  CHECK(contains(json, "\"line\":\"GET /c/" + card + "\",\"user.name\":\"" + bob +
                           "\",\"list\":[{\"card\":[\"" + seven + "\",null]}]}"));
  CHECK_FALSE(contains(json, "4111222233334444"));
}

TEST_CASE("below a masked path everything is hidden; a type that is no field's value stays") {
  Fixture f;
  f.rule.alert.mask = {"user"};
  f.rule.alert.message = {{"m", nfa::kNoExpr}};
  f.alert.message = "auth by 7, not 17 or 7a";
  f.alert.match[0].events = {f.event("auth", 0, Value::integer(7), {}, {},
                                     R"("user":{"a":{"b":[true,"bob"]}},"what":"auth bob")")};
  const std::string json = f.json();
  CHECK(contains(json, R"({"type":"auth","ts":"1970)"));
  CHECK(contains(json, R"("user":{"a":{"b":[")" + masked_text("true") + "\",\"" +
                           std::string(kBobHash) + "\"]}}"));
  CHECK(contains(json, "\"what\":\"auth " + std::string(kBobHash) + "\""));
  CHECK(contains(json, "\"auth by " + std::string(kSevenHash) + ", not 17 or 7a\""));
}

TEST_CASE("alert fields computed from a masked field are hidden, counts are not") {
  Fixture f;
  f.rule.alert.mask = {"card"};
  nfa::ExprPool& pool = f.program.exprs;
  const FieldId card = f.program.plan.add_field("card");
  const FieldId amount = f.program.plan.add_field("amount");
  const nfa::ExprId of_card[] = {pool.name_field(2, nfa::kNoReg, card)};
  const nfa::ExprId of_amount[] = {pool.name_field(2, nfa::kNoReg, amount)};
  const nfa::ExprId both[] = {of_amount[0], of_card[0]};
  f.rule.alert.fields = {{"low", pool.node(nfa::Op::kLower, of_card)},
                         {"sum", pool.node(nfa::Op::kAdd, both)},
                         {"len", pool.node(nfa::Op::kLength, of_card)},
                         {"amount", of_amount[0]},
                         {"n", pool.aggregate(nfa::Agg::kCountDistinct, 0, nfa::kNoReg, of_card)},
                         {"most", pool.aggregate(nfa::Agg::kMax, 0, nfa::kNoReg, of_card)}};
  for (const auto& [name, expr] : f.rule.alert.fields) {
    f.alert.fields.emplace_back(name, Value::integer(7));
  }
  f.alert.match[2].events = {
      f.event("pay", 0, {}, Value::integer(7), Value::integer(7), "\"card\":7,\"amount\":7")};
  const std::string seven = "\"" + std::string(kSevenHash) + "\"";
  CHECK(contains(f.json(), "\"fields\":{\"low\":" + seven + ",\"sum\":" + seven +
                               ",\"len\":7,\"amount\":7,\"n\":7,\"most\":" + seven + "}"));
}

TEST_CASE("a record that is no JSON shows nothing where a mask is set") {
  Fixture f;
  f.rule.alert.mask = {"card"};
  for (const std::string_view raw :
       {"", "{", "{\"a\":}", "{\"a\" 1}", "[1]", "{\"a\":\"x", "{\"a\":[1,}", "{\"a\":1}}", "\\"}) {
    std::string out;
    append_masked_record(out, raw, [](std::string_view) { return false; }, {});
    CHECK(out == "\"" + masked_text(raw) + "\"");
  }
  std::string deep(5000, '[');
  deep = "{\"a\":" + deep + std::string(5000, ']') + "}";
  std::string out;
  append_masked_record(out, deep, [](std::string_view) { return false; }, {});
  CHECK(out.size() < deep.size());
  CHECK(contains(out, "sha256:"));
}

TEST_CASE("escapes and numbers of JSON are read as their values") {
  CHECK(unescape_json(R"("a\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00\ud83d")") ==
        "a\"\\/\b\f\n\r\t\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xEF\xBF\xBD");
  CHECK(scalar_text("4.10") == "4.1");
  CHECK(scalar_text("17") == "17");
  CHECK(scalar_text("18446744073709551616") == to_text(Value::real(18446744073709551616.0)));
  CHECK(scalar_text("true") == "true");
}

TEST_CASE("masked texts are not masked again") {
  CHECK(masked_text("bob") == kBobHash);
  CHECK(masked_text(kBobHash) == kBobHash);
  CHECK_FALSE(is_masked_text("sha256:81b637d8fcd2c6dg"));
  CHECK_FALSE(is_masked_text("sha256:81b637d8fcd2c6daa"));
}

TEST_CASE("an alert as event: fields, key, rule, severity, kept_back, the first of a name") {
  Fixture f;
  f.alert.key = {{"user", Value::string("bob")}, {"c", Value::string("key's")}};
  f.alert.fields = {{"c", Value::integer(5)}, {"ts", Value::integer(1)}, {"rule", Value::null()}};
  ValueArena arena;
  const Event e = make_alert_event(f.alert, f.stream, true, arena);
  CHECK(e.type == f.stream);
  CHECK(e.type_name == "alerts");
  CHECK(e.origin == EventOrigin::kAlert);
  CHECK(e.ts == f.alert.detected_at);
  CHECK(e.name == "00ff");
  std::string text;
  for (std::size_t i = 0; i < e.plan->fields.size(); ++i) {
    text += f.program.plan.field(e.plan->fields[i]).dotted + "=" + to_text(e.slots[i]) + ";";
  }
  CHECK(text == "user=bob;card=null;c=5;rule=null;severity=high;kept_back=true;missing=null;");
  CHECK(e.raw ==
        R"({"type":"alerts","ts":"1970-01-01T00:02:00.000Z","c":5,"rule":null,"user":"bob",)"
        R"("severity":"high","kept_back":true})");
}

TEST_CASE("what a mask hides stays hidden in the alerts of rules that read the alert") {
  Fixture f;
  f.rule.alert.mask = {"card"};
  f.alert.fields = {{"c", Value::string("4111222233334444")}};
  f.alert.key = {{"user", Value::string("bob")}};
  f.alert.match[2].events = {
      f.event("pay", 0, {}, Value::string("4111222233334444"), {}, R"("card":"4111222233334444")")};
  ValueArena arena;
  const Event first = make_alert_event(f.alert, f.stream, false, arena);
  CHECK(contains(first.raw, "\"c\":\"" + std::string(kCardHash) + "\""));
  // Compared, it is the value itself.
  CHECK(first.get(f.program.plan.add_field("c")).as_string() == "4111222233334444");

  nfa::Rule reader;
  reader.id = "reader";
  reader.alert.mask = {"card"};
  reader.alert.message = {{"m", nfa::kNoExpr}};
  Alert second;
  second.rule = &reader;
  second.program = &f.program;
  second.message = "again 4111222233334444";
  second.fields = {{"x", Value::string("4111222233334444")}};
  second.match = {{"a", false, {&first}}};
  std::string json;
  append_alert_json(json, second);
  CHECK_FALSE(contains(json, "4111222233334444"));
  CHECK(contains(json, "\"fields\":{\"x\":\"" + std::string(kCardHash) + "\"}"));
}

}  // namespace
}  // namespace weir::runtime
