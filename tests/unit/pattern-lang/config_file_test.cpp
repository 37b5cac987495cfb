// Configs read key by key; secrets that no diagnostic shows.
#include "weir/pattern-lang/config_file.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace weir;
using namespace weir::lang;

namespace {

constexpr KeySpec kInnerKeys[] = {
    {"wait", false, "", ""}, {"path", false, "", ""}, {"token", false, "", ""}};
constexpr MappingSpec kInner{"inner", "`inner`", kInnerKeys};
constexpr KeySpec kTopKeys[] = {{"inner", false, "", "", "nested"},
                                {"size", false, "", ""},
                                {"count", false, "", ""},
                                {"rest", false, "", ""},
                                {"words", false, "", ""}};
constexpr MappingSpec kTop{"top", "the top", kTopKeys};
constexpr const MappingSpec* kSpecs[] = {&kTop, &kInner};

std::string read(const std::string& text, const std::function<void(ConfigMap&)>& reader) {
  Diagnostics diagnostics;
  read_config_file({"dir/c.yaml", text}, kTop, kSpecs, diagnostics, reader);
  std::string out;
  for (const Diagnostic& d : diagnostics.sorted()) out += render(d);
  return out;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("values of each kind, and defaults where there is none") {
  std::uint64_t size = 7;
  std::uint64_t count = 7;
  std::chrono::seconds wait{7};
  std::string path = "default";
  std::vector<Text> words;
  const std::string found = read(
      "inner: {wait: 2m, path: a/b}\nsize: 3MiB\ncount: 5\nwords: [x, y]\n", [&](ConfigMap& map) {
        CHECK(map.size("size", size));
        CHECK(map.number("count", count, 1, 9));
        words = map.texts("words");
        CHECK_FALSE(map.has("rest"));
        CHECK_FALSE(map.text("rest", path));
        auto inner = map.map("inner", kInner);
        REQUIRE(inner);
        CHECK(inner->what() == "`inner`");
        CHECK(inner->duration("wait", wait));
        CHECK(inner->path("path", path));
      });
  CHECK(found.empty());
  CHECK(size == 3 << 20);
  CHECK(count == 5);
  CHECK(wait == std::chrono::seconds(120));
  CHECK(path == "dir/a/b");
  REQUIRE(words.size() == 2);
  CHECK(words[1].value == "y");
}

TEST_CASE("a value that is no good leaves the default, and all are reported") {
  std::uint64_t size = 7;
  std::uint64_t count = 7;
  std::chrono::seconds wait{7};
  const std::string found =
      read("nested: {}\ninner: {wait: 1500ms}\nsize: 3\ncount: 50\nwords: ['${X}']\n",
           [&](ConfigMap& map) {
             CHECK_FALSE(map.size("size", size));
             CHECK_FALSE(map.number("count", count, 1, 9));
             CHECK(map.texts("words").empty());
             auto inner = map.map("inner", kInner);
             REQUIRE(inner);
             CHECK_FALSE(inner->duration("wait", wait));
           });
  CHECK(size == 7);
  CHECK(count == 7);
  CHECK(wait == std::chrono::seconds(7));
  for (const auto* part :
       {"E0202", "did you mean \"inner\"?", "E0703", "E0213", "E0702", "E0210"}) {
    CAPTURE(part);
    CHECK(holds(found, part));
  }
}

TEST_CASE("sizes") {
  CHECK(parse_size("0B") == 0);
  CHECK(parse_size("64KiB") == 65536);
  CHECK(parse_size("2GiB") == std::uint64_t{2} << 30);
  CHECK(parse_size("5kB") == 5000);
  CHECK(parse_size("8388608TiB") == std::uint64_t{1} << 63);
  for (const auto* text : {"", "B", "12", "1.5GiB", "-1B", "1 KiB", "1Kib", "8388609TiB",
                           "99999999999999999999B", "0x10B"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size(text));
  }
}

TEST_CASE("a secret is in no diagnostic, however it is written") {
  const std::string texts[] = {
      "inner: {token: s3cret, unknown: 1}\n",
      "inner: {'token': 's3cret', unknown: 1}\n",
      "inner:\n  token: \"s3cret\"\n  unknown: 1\n",
      "inner: {token: [s3cret], unknown: 1}\n",
      "inner: {token: f(s3cret, x)}\n",
      "inner: {token: s3cret, path: \"http://bob:s3cret@host/\", unknown: 1}\n",
      "inner: {tokn: s3cret}\n",
      "inner: {token:s3cret, unknown: 1}\n",
      "inner: {token = s3cret}\n",
      "inner:\n  token:s3cret\n",
      "inner: {token: s3cret, unknown: [1}\n",  // not YAML
      "inner:\n  token: s3cret: x\n",
      "inner:\n  token: |\n    s3cret\n   broken\n",
      "inner: {token: s3cret, \x01}\n",
      "inner: {token: s3cret}\n---\ninner: {token: s3cret, [}\n",
      "inner: {\"token\": \"s3cret\xff\"}\n",
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    std::string secret;
    const std::string found = read(text, [&](ConfigMap& map) {
      if (auto inner = map.map("inner", kInner)) inner->secret("token", secret);
    });
    CHECK_FALSE(found.empty());
    CHECK_FALSE(holds(found, "s3cret"));
  }
  std::string secret;
  CHECK(read("inner: {token: 's3cret'}\n", [&](ConfigMap& map) {
          map.map("inner", kInner)->secret("token", secret);
        }).empty());
  CHECK(secret == "s3cret");
}

TEST_CASE("what is a secret's key") {
  for (const auto* key : {"password", "token", "Authorization", "sasl.password", "X-Api-Key"}) {
    CAPTURE(key);
    CHECK(secret_key(key));
  }
  for (const auto* key : {"password_file", "token_env", "user", "idempotency_keys", "key_file"}) {
    CAPTURE(key);
    CHECK_FALSE(secret_key(key));
  }
}

TEST_CASE("a config is told from a rule file by its keys") {
  CHECK(looks_like_config("rules: [r]\nsources: []\n"));
  CHECK(looks_like_config("\xEF\xBB\xBFsinks: {a\n"));
  CHECK(looks_like_config("# comment\nrules: r\nhttp: {}\n"));
  CHECK_FALSE(looks_like_config(""));
  CHECK_FALSE(looks_like_config("rules:\n  - id: x\n    sources: 1\n"));
  CHECK_FALSE(looks_like_config("rules: []\ntests: []\nstate: 1\n"));
  CHECK_FALSE(looks_like_config("  sources: indented\n"));
}

TEST_CASE("any text is read or refused") {
  for (const auto* text : {"", "---\n", "- a\n", "x", "&a [*a]\n", "inner: &a {inner: *a}\n",
                           "? [a]\n: b\n", "inner:\n", "<<: {}\n", "\xff\xfe"}) {
    CAPTURE(text);
    const std::string found = read(text, [](ConfigMap& map) {
      map.map("inner", kInner);
      map.entries("inner");
      map.maps("inner", kInner, "x");
    });
    CHECK_FALSE(found.empty());
  }
}
