// The memory of a checkpoint's copies: found again, and given back.
#include "checkpoint/memory.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <utility>

using cardan::checkpoint::Memory;

TEST_CASE("memory holds what it was given, of any size")
{
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{1000}, (std::size_t{1} << 20) - 1,
                                  std::size_t{1} << 20, (std::size_t{5} << 20) + 3}) {
    CAPTURE(bytes);
    const std::string text(bytes, 'c');
    Memory memory{text.data(), text.size()};
    CHECK(memory.size() == bytes);
    const Memory moved = std::move(memory);
    REQUIRE(moved.size() == bytes);
    CHECK(std::memcmp(moved.data(), text.data(), bytes) == 0);
  }
  CHECK(Memory{}.size() == 0);
  CHECK(Memory{nullptr, 0}.data() == nullptr);
}

TEST_CASE("what was held is found again, by one at a time, until it is released")
{
  // So large that an allocator would give it back to the system at once, and get zeros for it.
  const std::size_t bytes = std::size_t{40} << 20;
  Memory::release_unused();
  const std::byte* before = nullptr;
  {
    Memory first{bytes};
    before = first.data();
    first.data()[bytes / 2] = std::byte{7};
  }
  Memory again{bytes - 5};
  CHECK(again.data() == before);
  CHECK(again.data()[bytes / 2] == std::byte{7});
  const Memory other{bytes};
  CHECK(other.data() != before);
  // What is held is not released.
  Memory::release_unused();
  std::memset(again.data(), 1, again.size());
  CHECK(again.data()[again.size() - 1] == std::byte{1});
}
