// Strips, their ground states, and the parts of the genetic search: no coupling.
#include "exact_strip.hpp"
#include "genetic.hpp"
#include "spin_window.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace {

adapt::StripShape shape_of(std::int64_t length, std::int64_t width, bool periodic,
                           adapt::Couplings couplings = adapt::Couplings::gaussian)
{
  return {length, width, periodic, couplings};
}

/// All bonds, whatever their sign.
double sum_of_bonds(const adapt::Strip& strip)
{
  double sum = 0;
  for (std::int64_t x = 0; x < strip.shape().length; ++x)
    for (std::int64_t y = 0; y < strip.shape().width; ++y)
      sum += std::abs(strip.along(x, y)) + std::abs(strip.across(x, y));
  return sum;
}

}  // namespace

TEST_CASE("the exact ground state is that which trying all states finds")
{
  int tried = 0;
  for (const auto couplings : {adapt::Couplings::gaussian, adapt::Couplings::signs})
    for (const bool periodic : {false, true})
      for (const std::int64_t width : {1, 2, 3, 5})
        for (const std::int64_t length : {1, 3, 4})
          for (std::uint64_t seed = 0; seed < 3; ++seed) {
            if (periodic && length < 3) continue;
            if (width * length > 15) continue;
            const adapt::Strip strip{shape_of(length, width, periodic, couplings), seed};
            CAPTURE(width);
            CAPTURE(length);
            CAPTURE(periodic);
            const auto exact = adapt::ground_state(strip);
            CHECK(exact.energy ==
                  doctest::Approx(adapt::tried_ground_state(strip).energy).epsilon(1e-12));
            CHECK(strip.energy(exact.spins) == doctest::Approx(exact.energy).epsilon(1e-12));
            ++tried;
          }
  CHECK(tried > 60);
}

TEST_CASE("a ferromagnet pleases all bonds, and so does a strip without loops")
{
  for (const bool periodic : {false, true}) {
    const adapt::Strip strip{shape_of(20, 6, periodic, adapt::Couplings::ferromagnet), 0};
    const auto ground = adapt::ground_state(strip);
    CHECK(ground.energy == -(20.0 * 5 + (periodic ? 20 : 19) * 6.0));
    CHECK(std::set<adapt::Spin>(ground.spins.begin(), ground.spins.end()).size() == 1);
  }
  const adapt::Strip chain{shape_of(200, 1, false), 4};
  CHECK(adapt::ground_state(chain).energy == doctest::Approx(-sum_of_bonds(chain)));
}

TEST_CASE("a ring whose signs multiply to -1 breaks its weakest bond")
{
  int frustrated = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const adapt::Strip ring{shape_of(50, 1, true), seed};
    double product = 1;
    double weakest = 1e300;
    for (std::int64_t x = 0; x < 50; ++x) {
      product *= ring.along(x, 0) < 0 ? -1 : 1;
      weakest = std::min(weakest, std::abs(ring.along(x, 0)));
    }
    frustrated += product < 0;
    const double expected = -sum_of_bonds(ring) + (product < 0 ? 2 * weakest : 0);
    CHECK(adapt::ground_state(ring).energy == doctest::Approx(expected));
  }
  CHECK(frustrated > 0);
  CHECK(frustrated < 10);
}

TEST_CASE("no spin of the ground state of a wide strip can be turned over for less")
{
  const adapt::Strip strip{shape_of(24, 8, true), 3};
  const auto ground = adapt::ground_state(strip);
  CHECK(strip.energy(ground.spins) == doctest::Approx(ground.energy).epsilon(1e-12));
  auto spins = ground.spins;
  for (auto& spin : spins) {
    spin = static_cast<adapt::Spin>(-spin);
    CHECK(strip.energy(spins) >= ground.energy);
    spin = static_cast<adapt::Spin>(-spin);
  }
}

TEST_CASE("shapes that are none are refused")
{
  CHECK_THROWS_AS(adapt::Strip(shape_of(2, 3, true), 0), std::invalid_argument);
  CHECK_THROWS_AS(adapt::Strip(shape_of(0, 3, false), 0), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(adapt::ground_state(adapt::Strip(shape_of(3, 15, false), 0))),
                  std::invalid_argument);
}

TEST_CASE("a child has each column of one parent or the other")
{
  const auto shape = shape_of(12, 3, true);
  adapt::SpinRandom random{1, adapt::SpinPurpose::crossover};
  const adapt::Spins one(36, 1);
  adapt::Spins other(36, 1);
  for (std::size_t i = 0; i < 36; ++i) other[i] = i % 2 == 0 ? adapt::Spin{-1} : adapt::Spin{1};
  for (int i = 0; i < 50; ++i) {
    const auto child = adapt::crossover(shape, one, other, random);
    std::size_t of_one = 0;
    for (std::size_t x = 0; x < 12; ++x) {
      const auto is = [&](int sign, const adapt::Spins& parent) {
        for (std::size_t y = 0; y < 3; ++y)
          if (child[3 * x + y] != sign * parent[3 * x + y]) return false;
        return true;
      };
      of_one += is(1, one);
      CHECK((is(1, one) || is(1, other) || is(-1, other)));
    }
    CHECK(of_one > 0);
    CHECK(of_one < 12);
  }
  // A parent and its reverse are the same: a child of both is no other.
  adapt::Spins reverse = other;
  for (auto& spin : reverse) spin = static_cast<adapt::Spin>(-spin);
  for (int i = 0; i < 20; ++i) CHECK(adapt::crossover(shape, other, reverse, random) == other);
}

TEST_CASE("who survives: the best, none twice, and never worse than before")
{
  const adapt::Strip strip{shape_of(8, 3, false), 2};
  const auto individual = [&](std::uint64_t seed) {
    adapt::SpinRandom random{seed, adapt::SpinPurpose::start};
    adapt::Individual made{adapt::random_spins(24, random), 0};
    made.energy = strip.energy(made.spins);
    return made;
  };
  adapt::Population population;
  for (std::uint64_t i = 0; i < 10; ++i) population.push_back(individual(i));
  adapt::order(population);
  const auto before = population;
  std::vector<adapt::Individual> children{individual(20), individual(21), before[0], before[1]};
  // The reverse of one is the same one.
  for (auto& spin : children[3].spins) spin = static_cast<adapt::Spin>(-spin);
  adapt::survive(population, children);
  REQUIRE(population.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(population[i].energy <= before[i].energy);
    CHECK(strip.energy(population[i].spins) == doctest::Approx(population[i].energy));
    if (i > 0) CHECK(population[i].energy > population[i - 1].energy);
  }
}

TEST_CASE("a share of spins is turned over, one at least")
{
  adapt::SpinRandom random{3, adapt::SpinPurpose::mutation};
  adapt::Spins spins(10000, 1);
  adapt::flip(spins, 0.1, random);
  const auto down = std::count(spins.begin(), spins.end(), adapt::Spin{-1});
  CHECK(down > 880);
  CHECK(down < 1120);
  for (int i = 0; i < 100; ++i) {
    adapt::Spins few(5, 1);
    adapt::flip(few, 1e-6, random);
    CHECK(std::count(few.begin(), few.end(), adapt::Spin{-1}) == 1);
  }
  adapt::AdaptedShare share{0.1, 0.05, 0.3};
  share.learn(0.5);
  CHECK(share.share() > 0.1);
  for (int i = 0; i < 100; ++i) share.learn(0);
  CHECK(share.share() == 0.05);
}

TEST_CASE("a window shows what is not masked, and is filled in where it is")
{
  const adapt::Strip strip{shape_of(7, 3, true), 5};
  adapt::SpinRandom random{5, adapt::SpinPurpose::start};
  const auto spins = adapt::random_spins(21, random);
  constexpr std::int64_t columns = 4;
  for (int i = 0; i < 40; ++i) {
    const auto window = adapt::draw_window(strip.shape(), columns, 0.3, random);
    std::vector<float> tokens(12);
    std::vector<float> known(12 * 8);
    std::vector<float> targets(12);
    adapt::look(strip, spins, window, columns, adapt::Knowledge::pulls, {}, tokens, known);
    adapt::reveal(strip.shape(), spins, window, {}, targets);
    REQUIRE(!window.masked.empty());
    for (std::int64_t site = 0; site < 12; ++site) {
      const auto at = static_cast<std::size_t>(site);
      const bool masked =
          std::find(window.masked.begin(), window.masked.end(), site) != window.masked.end();
      const auto spin =
          spins[static_cast<std::size_t>(adapt::site_of(strip.shape(), window, site))];
      CHECK(tokens[at] == (masked ? 0.0F : static_cast<float>(spin)));
      CHECK(targets[at] == (masked ? static_cast<float>(spin) : 0.0F));
    }
    // A site all of whose neighbours are visible: the sum of their pulls is what its turning costs.
    if (window.masked.size() == 1) {
      const auto at = static_cast<std::size_t>(window.masked[0]);
      double field = 0;
      for (std::size_t k = 4; k < 8; ++k) field += static_cast<double>(known[8 * at + k]);
      auto turned = spins;
      auto& spin =
          turned[static_cast<std::size_t>(adapt::site_of(strip.shape(), window, window.masked[0]))];
      const double before = strip.energy(spins);
      const double cost = 2 * spin * field;
      spin = static_cast<adapt::Spin>(-spin);
      CHECK(strip.energy(turned) - before == doctest::Approx(cost).epsilon(1e-5));
    }
    // Sure logits: the masked spins as they say, the others as they were.
    std::vector<float> sure(12);
    for (auto& logit : sure) logit = random.uniform() < 0.5 ? -60.0F : 60.0F;
    auto filled = spins;
    auto wanted = spins;
    for (const auto site : window.masked)
      wanted[static_cast<std::size_t>(adapt::site_of(strip.shape(), window, site))] =
          sure[static_cast<std::size_t>(site)] > 0 ? adapt::Spin{1} : adapt::Spin{-1};
    adapt::fill_in(strip.shape(), filled, window, sure, 1, random);
    if (wanted != spins) CHECK(filled == wanted);
    // Something always changes.
    CHECK(filled != spins);
  }
}

TEST_CASE("a cold bath pleases the bonds of a spin")
{
  const adapt::Strip strip{shape_of(9, 2, false), 1};
  const auto ground = adapt::ground_state(strip);
  adapt::SpinRandom random{1, adapt::SpinPurpose::mutation};
  int better = 0;
  for (std::int64_t site = 0; site < 8; ++site) {
    auto spins = ground.spins;
    auto& spin = spins[static_cast<std::size_t>(site)];
    spin = static_cast<adapt::Spin>(-spin);
    adapt::heat(strip, spins, {0, {site}}, 1e-3, random);
    better += spins == ground.spins;
  }
  CHECK(better == 8);
}
