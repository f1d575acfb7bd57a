// Ghosts of the grids that reduce simulates on: every one is its periodic image, corners included.
#include "halo.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using reduce::Halo;

namespace {

/// A number that says which cell it is, around the edges too.
double mark(const reduce::Part& part, int component, std::int64_t z, std::int64_t y, std::int64_t x)
{
  const auto around = [&](std::size_t axis, std::int64_t cell) {
    const std::int64_t cells = part.global[axis];
    return (cell + part.offset[axis] + cells) % cells;
  };
  return static_cast<double>(((component * 100 + around(0, z)) * 100 + around(1, y)) * 100 +
                             around(2, x));
}

void check_ghosts(int dimensions, const reduce::Cells& cells)
{
  const Halo halo{MPI_COMM_WORLD, dimensions, cells, 2};
  const auto& part = halo.part();
  const auto& layout = halo.layout();
  std::vector<double> numbers(halo.size(), -1.0);
  const auto number = [&](int c, std::int64_t z, std::int64_t y, std::int64_t x) -> double& {
    return numbers[static_cast<std::size_t>(c * layout.component + layout.at(z, y, x))];
  };
  for (int c = 0; c < 2; ++c)
    for (std::int64_t z = 0; z < part.count[0]; ++z)
      for (std::int64_t y = 0; y < part.count[1]; ++y)
        for (std::int64_t x = 0; x < part.count[2]; ++x)
          number(c, z, y, x) = mark(part, c, z, y, x);
  halo.exchange(numbers.data());
  const std::int64_t deep = dimensions == 3 ? 1 : 0;
  int wrong = 0;
  for (int c = 0; c < 2; ++c)
    for (std::int64_t z = -deep; z < part.count[0] + deep; ++z)
      for (std::int64_t y = -1; y <= part.count[1]; ++y)
        for (std::int64_t x = -1; x <= part.count[2]; ++x)
          wrong += number(c, z, y, x) == mark(part, c, z, y, x) ? 0 : 1;
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("ghosts in two dimensions are the cells around, corners included")
{
  check_ghosts(2, {1, 11, 13});
}

TEST_CASE("ghosts in three dimensions are the cells around, corners included")
{
  check_ghosts(3, {9, 8, 7});
}

TEST_CASE("a grid with fewer cells than ranks is refused")
{
  CHECK_THROWS_AS((Halo{MPI_COMM_WORLD, 2, {1, 0, 4}, 1}), std::invalid_argument);
}
