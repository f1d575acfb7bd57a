#include "support/handle.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace {
std::vector<int> released;
struct Number {
  using type = int;
  static int null() { return -1; }
  static void release(int value) noexcept { released.push_back(value); }
};
using Owned = cardan::Handle<Number>;
}  // namespace

TEST_CASE("a handle releases once, when it ends")
{
  released.clear();
  {
    Owned handle{7};
    CHECK(handle.get() == 7);
    CHECK(handle);
  }
  CHECK(released == std::vector{7});
}

TEST_CASE("an empty handle releases nothing")
{
  released.clear();
  {
    Owned handle;
    CHECK_FALSE(handle);
  }
  CHECK(released.empty());
}

TEST_CASE("a move takes the handle along, an assignment releases what was held")
{
  released.clear();
  {
    Owned first{7};
    Owned second{8};
    second = std::move(first);
    CHECK(released == std::vector{8});
    CHECK(second.get() == 7);
    Owned third{std::move(second)};
    CHECK(third.get() == 7);
  }
  CHECK(released == std::vector{8, 7});
}

TEST_CASE("a handle that is left is not released")
{
  released.clear();
  {
    Owned handle{9};
    CHECK(handle.leave() == 9);
  }
  CHECK(released.empty());
}
