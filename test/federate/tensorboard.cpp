// Event files: the checksum by its known values, the framing by hand. tensorboard.py reads what the
// miniapp wrote.
#include "support/tensorboard.hpp"

#include <doctest/doctest.h>

#include <unistd.h>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace {

using namespace miniapp;

std::uint64_t little(const std::string& bytes, std::size_t at, int count)
{
  std::uint64_t value = 0;
  for (int i = count; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

// RFC 3720, B.4.
TEST_CASE("CRC-32C has its known values")
{
  CHECK(crc32c("") == 0);
  CHECK(crc32c("123456789") == 0xe3069283U);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aaU);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
  CHECK(masked_crc32c("") == 0xa282ead8U);
}

TEST_CASE("records follow each other with their checksums, the version first")
{
  const auto folder =
      (std::filesystem::temp_directory_path() / ("cardan-events-" + std::to_string(getpid())));
  EventFile file{folder.string(), "test"};
  file.scalar("loss", 300, 0.5);
  file.text("settings", "| a |");
  file.close();
  std::ifstream input{file.path(), std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{input}, {}};
  std::size_t at = 0;
  std::vector<std::string> records;
  while (at < bytes.size()) {
    const auto length = little(bytes, at, 8);
    REQUIRE(at + 16 + length <= bytes.size());
    CHECK(little(bytes, at + 8, 4) == masked_crc32c(bytes.substr(at, 8)));
    records.push_back(bytes.substr(at + 12, length));
    CHECK(little(bytes, at + 12 + length, 4) == masked_crc32c(records.back()));
    at += 16 + length;
  }
  REQUIRE(records.size() == 3);
  CHECK(
      records[0].ends_with("\x1a\x0d"
                           "brain.Event:2"));
  // Step 300 as a varint; a summary of 13 bytes, a value of 11, the tag, a float.
  CHECK(records[1].substr(9) ==
        std::string("\x10\xac\x02\x2a\x0d\x0a\x0b\x0a\x04loss\x15\0\0\0\x3f", 18));
  CHECK(records[2].find("| a |") != std::string::npos);
  std::filesystem::remove_all(folder);
  CHECK_THROWS_AS((EventFile{"/proc/no", "test"}), std::runtime_error);
}

}  // namespace
