// The physics of funnel: conductivities that are known exactly, bounds from both sides, and a
// library that is the same wherever it is made.
#include "dissection.hpp"
#include "laboratory.hpp"
#include "reference_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

std::vector<double> checkerboard(int size, const funnel::Phases& phases)
{
  std::vector<double> values;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x)
      values.push_back((2 * x / size + 2 * y / size) % 2 == 1 ? phases.better : phases.worse);
  return values;
}

}  // namespace

TEST_CASE("what is known of conductivities holds")
{
  int rows = 0;
  const bool good = funnel::check_references(11, 3, [&](const funnel::CheckRow& row) {
    ++rows;
    CAPTURE(row.name);
    CHECK(row.least <= row.value);
    CHECK(row.value <= row.most);
  });
  CHECK(good);
  CHECK(rows == 37);
  // A row that is off, or not a number, is seen.
  CHECK(!funnel::CheckRow{"", 1, 2, 1.5}.within());
  CHECK(!funnel::CheckRow{"", 1, std::nan(""), 2}.within());
}

TEST_CASE("checkerboards bracket the root of the product, more closely on finer grids")
{
  for (const double contrast : {1.0, 2.0, 30.0, 1e4, 1e7}) {
    CAPTURE(contrast);
    const funnel::Phases phases{0.3, 0.3 * contrast};
    const double exact = std::sqrt(phases.worse * phases.better);
    double before = 1e300;
    for (const int size : {4, 8, 16, 32}) {
      funnel::Conduction conduction{size};
      const auto found = funnel::bracket(conduction, checkerboard(size, phases), phases);
      CHECK(found.holds(exact, 1e-9));
      CHECK(found.label() == doctest::Approx(exact).epsilon(1e-8));
      CHECK(found.width() <= before);
      before = found.width() + 1e-12;
    }
  }
}

TEST_CASE("all solvers give the same, also for grids that are not powers of two")
{
  using funnel::Solver;
  funnel::LibrarySettings settings;
  settings.size = 30;
  const funnel::Library library{settings};
  const auto values = funnel::conductivities(library.image(5), {});
  const auto expected = funnel::Conduction{30, Solver::dissection}.effective(values);
  for (const auto solver : {Solver::minimum_degree, Solver::gradients}) {
    const auto found = funnel::Conduction{30, solver}.effective(values);
    CHECK(found.xx == doctest::Approx(expected.xx).epsilon(1e-9));
    CHECK(found.xy == doctest::Approx(expected.xy).epsilon(1e-9));
    CHECK(found.yy == doctest::Approx(expected.yy).epsilon(1e-9));
  }
  for (const int size : {2, 3, 5, 30}) {
    auto order = funnel::dissection_order(size);
    std::sort(order.begin(), order.end());
    REQUIRE(order.size() == static_cast<std::size_t>(size * size));
    for (std::size_t i = 0; i < order.size(); ++i) CHECK(order[i] == static_cast<int>(i));
  }
}

TEST_CASE("every label of a library is in its bracket, at any contrast")
{
  for (const double contrast : {10.0, 100.0, 1000.0}) {
    funnel::Laboratory laboratory{{}, {1, contrast}};
    for (std::int64_t candidate = 0; candidate < 20; ++candidate) {
      const auto found = laboratory.fine(candidate);
      CHECK(found.lower.xx <= found.upper.xx);
      CHECK(found.holds(found.label()));
      CHECK(!found.holds(found.upper.xx * 1.01));
      CHECK(!found.holds(found.lower.xx * 0.99));
      // Between the harmonic and the arithmetic mean.
      const double share = laboratory.image(candidate).fraction();
      CHECK(found.upper.xx <= share * contrast + (1 - share) + 1e-9);
      CHECK(found.lower.xx >= 1 / (share / contrast + (1 - share)) - 1e-9);
    }
  }
}

TEST_CASE("a candidate is the same in any order, and has the fraction that it was drawn with")
{
  funnel::LibrarySettings settings;
  settings.seed = 5;
  funnel::Laboratory one{settings, {}};
  const funnel::Library library{settings};
  // Far apart enough to share a place among the recent ones.
  for (const std::int64_t candidate : {7, 3, 4103, 7, 0}) {
    const auto& image = one.image(candidate);
    CHECK(image.pixels == library.image(candidate).pixels);
    const auto recipe = library.recipe(candidate);
    CHECK(std::abs(image.fraction() - recipe.fraction) <= 0.5 / (64 * 64));
    CHECK(recipe.fraction >= settings.least_fraction);
    CHECK(recipe.fraction <= settings.most_fraction);
  }
  CHECK(library.image(7).pixels != library.image(3).pixels);
  settings.seed = 6;
  CHECK(funnel::Library{settings}.image(7).pixels != library.image(7).pixels);
}

TEST_CASE("longer correlations make fewer borders, and the axis is where the recipe says")
{
  const auto borders = [](double length) {
    funnel::LibrarySettings settings;
    settings.least_length = settings.most_length = length;
    settings.most_ratio = 1;
    settings.least_fraction = settings.most_fraction = 0.5;
    const funnel::Library library{settings};
    int count = 0;
    for (std::int64_t candidate = 0; candidate < 10; ++candidate) {
      const auto image = library.image(candidate);
      for (std::size_t i = 0; i + 1 < image.pixels.size(); ++i)
        count += image.pixels[i] != image.pixels[i + 1] ? 1 : 0;
    }
    return count;
  };
  CHECK(borders(4) > 1.5 * borders(8));
  CHECK(borders(8) > 1.5 * borders(16));
}

TEST_CASE("coarse pictures keep duality and means")
{
  const funnel::Phases phases{1, 100};
  funnel::Laboratory laboratory{{}, phases};
  const auto& image = laboratory.image(2);
  const auto coarse = funnel::coarse_conductivities(image, phases, 16);
  auto swapped = image;
  for (auto& pixel : swapped.pixels) pixel = pixel != 0 ? 0 : 1;
  const auto dual = funnel::coarse_conductivities(swapped, phases, 16);
  for (std::size_t i = 0; i < coarse.size(); ++i)
    CHECK(coarse[i] * dual[i] == doctest::Approx(100).epsilon(1e-12));
  const auto whole = funnel::coarse_conductivities(image, phases, 64);
  const auto pixels = funnel::conductivities(image, phases);
  REQUIRE(whole.size() == pixels.size());
  for (std::size_t i = 0; i < whole.size(); ++i)
    CHECK(whole[i] == doctest::Approx(pixels[i]).epsilon(1e-12));
}

TEST_CASE("what cannot be is refused")
{
  funnel::Conduction conduction{4};
  CHECK_THROWS_AS(static_cast<void>(conduction.effective(std::vector<double>(15, 1.0))),
                  std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(conduction.effective(std::vector<double>(16, 0.0))),
                  std::invalid_argument);
  CHECK_THROWS_AS(funnel::Conduction{1}, std::invalid_argument);
  funnel::LibrarySettings settings;
  settings.least_fraction = 0.7;
  CHECK_THROWS_AS(funnel::Library{settings}, std::invalid_argument);
  const funnel::Image image{4, std::vector<std::uint8_t>(16, 0)};
  CHECK_THROWS_AS(static_cast<void>(funnel::coarse_conductivities(image, {}, 3)),
                  std::invalid_argument);
}
