#include "sha256.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace {

using weir::runtime::hex_prefix;
using weir::runtime::Sha256;

std::string hashed(bool own_instructions, std::string_view text) {
  Sha256 hash(own_instructions);
  hash.update(text);
  return hex_prefix(hash.digest(), 64);
}

}  // namespace

TEST_CASE("SHA-256 of what FIPS 180-4 gives as examples") {
  for (const bool own : {false, true}) {
    CHECK(hashed(own, "") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hashed(own, "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hashed(own, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  }
}

TEST_CASE("the processor's own instructions give the same hash, whatever the length") {
  std::mt19937_64 random(7);
  std::string text;
  for (int length = 0; length < 300; ++length) {
    CHECK(hashed(true, text) == hashed(false, text));
    text += static_cast<char>(random());
  }
}
