#include "weir/connectors/table.hpp"

#include "support.hpp"

namespace weir::connectors {
namespace {

using test::Strings;

const std::string kData = std::string(WEIR_SOURCE_DIR) + "/tests/conformance/weir/data/";

std::string cell(const nfa::Table& table, std::vector<Value> key, std::string_view column) {
  const std::int64_t row = table.find(key);
  return row < 0 ? "no row" : to_text(table.cell(row, column));
}

nfa::TablePtr good(TableResult result) {
  for (const TableError& error : result.errors) MESSAGE(error.message);
  REQUIRE(result.table != nullptr);
  return result.table;
}

/// "line: message" of each error.
Strings errors(std::string_view bytes, const TableSpec& spec) {
  const TableResult result = read_table(bytes, spec);
  CHECK(result.table == nullptr);
  Strings all;
  for (const TableError& error : result.errors) {
    all.push_back(std::to_string(error.line) + ": " + error.message);
  }
  return all;
}

TEST_CASE("a CSV table") {
  const auto table = good(load_table(kData + "cards.csv", {false, {"card"}, {}}));
  CHECK(table->key_columns() == 1);
  CHECK(table->has_column("limit"));
  CHECK_FALSE(table->has_column("nothing"));
  CHECK(cell(*table, {Value::string("c1")}, "country") == "DE");
  CHECK(cell(*table, {Value::string("c1")}, "pin") == "0042");
  CHECK(cell(*table, {Value::string("c1")}, "note") == "says \"hello\", twice");
  CHECK(cell(*table, {Value::string("c2")}, "limit") == "250.5");
  CHECK(cell(*table, {Value::string("c2")}, "note") == "null");
  CHECK(cell(*table, {Value::string("c2")}, "nothing") == "null");
  CHECK(cell(*table, {Value::string("c9")}, "pin") == "no row");
  CHECK(cell(*table, {Value()}, "pin") == "no row");
  // Keys are compared by their text: 17, 17.0 and "17" are one, 007 and 7 are two.
  for (const Value& key : {Value::integer(17), Value::real(17.0), Value::string("17")}) {
    CHECK(cell(*table, {key}, "pin") == "1234567890123456");
  }
  CHECK(cell(*table, {Value::string("007")}, "pin") == "123456789012345");
  CHECK(cell(*table, {Value::string("007")}, "note") == "two\nlines");
  CHECK(cell(*table, {Value::integer(7)}, "pin") == "no row");
  CHECK(table->find(std::vector<Value>{}) == -1);
}

TEST_CASE("a key of several columns") {
  const auto table = good(load_table(kData + "routes.csv", {false, {"from", "to"}, {}}));
  CHECK(cell(*table, {Value::string("FRA"), Value::string("JFK")}, "km") == "6206");
  CHECK(cell(*table, {Value::string("MUC"), Value::string("FRA")}, "km") == "no row");
  CHECK(cell(*table, {Value::string("FRA"), Value()}, "km") == "no row");
  CHECK(cell(*table, {Value::string("FRA")}, "km") == "no row");
  const auto edges = good(read_table("a,b,v\nx,yz,1\nxy,z,2\n", {false, {"a", "b"}, {}}));
  CHECK(cell(*edges, {Value::string("xy"), Value::string("z")}, "v") == "2");
}

TEST_CASE("an NDJSON table: nested columns, lists, types kept") {
  const auto table = good(load_table(kData + "hosts.ndjson", {true, {"host"}, {}}));
  CHECK(cell(*table, {Value::string("web-1")}, "owner.team") == "shop");
  CHECK(cell(*table, {Value::string("web-1")}, "owner.oncall") == "true");
  CHECK(cell(*table, {Value::string("db-1")}, "ports") == "[5432]");
  CHECK_FALSE(table->has_column("owner"));
  const auto nested =
      good(read_table("{\"k\":{\"id\":1},\"a.b\":1,\"a\":{\"b\":2}}\n\n{\"k\":{\"id\":2},\"a\":{"
                      "\"b\":3},\"a.b\":4}\n"
                      "{\"k\":{\"id\":3},\"a.b\":5}\n",
                      {true, {"k.id"}, {}}));
  CHECK(cell(*nested, {Value::integer(1)}, "a.b") == "2");
  CHECK(cell(*nested, {Value::integer(2)}, "a.b") == "3");
  CHECK(cell(*nested, {Value::integer(3)}, "a.b") == "5");
}

TEST_CASE("columns whose type is given") {
  const TableSpec spec{false,
                       {"k"},
                       {{"k", ValueType::kString},
                        {"n", ValueType::kInt},
                        {"f", ValueType::kFloat},
                        {"b", ValueType::kBool},
                        {"t", ValueType::kTimestamp}}};
  const auto table =
      good(read_table("k,n,f,b,t\n1,1234567890123456,3,true,2026-01-01\n2,,,,\n", spec));
  CHECK(cell(*table, {Value::string("1")}, "n") == "1234567890123456");
  CHECK(cell(*table, {Value::integer(1)}, "f") == "3.0");
  CHECK(table->cell(0, "b").type() == ValueType::kBool);
  CHECK(table->cell(0, "t").type() == ValueType::kTimestamp);
  CHECK(table->cell(0, "k").type() == ValueType::kString);
  CHECK(table->cell(1, "b").is_null());
  CHECK(errors("k,n,f,b,t\n1,x,y,z,w\n", spec) ==
        Strings{"2: column n: \"x\" is no int", "2: column f: \"y\" is no float",
                "2: column b: \"z\" is no bool", "2: column t: \"w\" is no timestamp"});
  const auto json =
      good(read_table(R"({"k":1,"v":2.50,"w":null,"x":[1]})",
                      {true, {"k"}, {{"v", ValueType::kString}, {"k", ValueType::kString}}}));
  CHECK(to_text(json->cell(0, "v")) == "2.50");
  CHECK(json->cell(0, "w").is_null());
}

TEST_CASE("tables that are refused") {
  const TableSpec csv{false, {"k"}, {}};
  CHECK(errors("", csv) == Strings{"0: the file has no header"});
  CHECK(errors("a,b\n1,2\n", csv) == Strings{"1: there is no key column k"});
  CHECK(errors("k,k\n", csv) == Strings{"1: the header has the column k twice"});
  CHECK(errors("k,\n", csv) == Strings{"1: the header has a column without a name"});
  CHECK(errors("k,\"a\nb\",v\nx,1,2\ny,1\nx,3,4\n,5,6\n", csv) ==
        Strings{"4: this row has 2 cells, the header has 3", "5: the key x is in line 3 already",
                "6: this row has no key: k is missing"});
  CHECK(errors("k,v\n17,1\n\"17\",2\n", csv) == Strings{"3: the key 17 is in line 2 already"});
  CHECK(errors("k,v\nx,\"1\n", csv) == Strings{"2: this row cannot be read: csv_bad_quote"});
  CHECK(errors("k\n1\n", {false, {"k"}, {{"z", ValueType::kInt}}}) ==
        Strings{"1: there is no column z"});

  const TableSpec json{true, {"k"}, {}};
  CHECK(errors(
            "{\"k\":1}\n\n{\"k\":1.0}\nx\n[1]\n{\"v\":1}\n{\"k\":null}\n{\"k\":2,\"v\":1,\"v\":2}\n"
            "{\"k\":3,\"v\":1e400}\n",
            json) ==
        Strings{"3: the key 1.0 is in line 1 already",
                "4: this row is no JSON (json_invalid, byte 1)", "5: this row is no JSON object",
                "6: this row has no key: k is missing", "7: this row has no key: k is missing",
                "8: the row has v twice", "9: column v: the number 1e400 is out of range"});
  CHECK(read_table("", json).table != nullptr);
  CHECK(load_table("/nowhere/at/all.csv", csv).errors.size() == 1);
  std::string many = "k\n";
  for (int i = 0; i < 100; ++i) many += "same\n";
  CHECK(errors(many, csv).size() == kMaxTableErrors);
}

}  // namespace
}  // namespace weir::connectors
