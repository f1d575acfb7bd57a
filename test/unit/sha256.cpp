// SHA-256 against the examples of FIPS 180-4 and NIST's test vectors.
#include "support/sha256.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

using cardan::sha256;
using cardan::Sha256;

namespace {
std::string of(const std::string& text)
{
  return sha256(text.data(), text.size());
}
}  // namespace

TEST_CASE("known digests")
{
  CHECK(of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(of(std::string(1000000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("however a message is cut, its digest is the same")
{
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  // Ends beside the place where the length goes.
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::string whole = of(text.substr(0, length));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{55}, std::size_t{64}}) {
      Sha256 hash;
      for (std::size_t at = 0; at < length; at += piece)
        hash.add(text.data() + at, std::min(piece, length - at));
      CHECK(hash.hexadecimal() == whole);
      // Reading it changes nothing.
      CHECK(hash.hexadecimal() == whole);
    }
  }
}

TEST_CASE("a file's digest is that of its bytes")
{
  const std::string path = "sha256_test.bin";
  const std::string text(200000, 'x');
  std::ofstream{path, std::ios::binary} << text;
  CHECK(cardan::sha256_of_file(path) == of(text));
  std::remove(path.c_str());
  CHECK_THROWS(static_cast<void>(cardan::sha256_of_file(path)));
}
