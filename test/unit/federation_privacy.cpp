// Clipping, noise and the budget that they cost.
#include "couplers/federation/privacy.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace cardan::federation;

namespace {

double normal_below(double x)
{
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

/// Of one Gaussian mechanism with sensitivity 1, exactly (Balle and Wang, ICML 2018, theorem 8):
/// many of them are one whose deviation is smaller by the root of their number.
double exact_delta(double deviation, double epsilon)
{
  return normal_below(0.5 / deviation - epsilon * deviation) -
         std::exp(epsilon) * normal_below(-0.5 / deviation - epsilon * deviation);
}

double exact_epsilon(double noise, double updates, double delta)
{
  double low = 0;
  double high = 60;
  for (int turn = 0; turn < 200; ++turn) {
    const double middle = (low + high) / 2;
    (exact_delta(noise / std::sqrt(updates), middle) > delta ? low : high) = middle;
  }
  return low;
}

}  // namespace

TEST_CASE("the budget is what other programs say")
{
  struct Case {
    double noise;
    std::int64_t updates;
    double delta;
    double expected;
  };
  // By a search along alpha in steps of 2e-5, in Python.
  for (const Case& each : {Case{1, 1, 1e-5, 4.72838698}, Case{4, 10, 1e-5, 3.61696625},
                           Case{10, 100, 1e-6, 5.22153444}, Case{2, 50, 1e-5, 22.01960875},
                           Case{1, 30, 1e-3, 33.67505143}}) {
    CAPTURE(each.noise);
    const double found = epsilon(each.noise, each.delta, Unit::zero_out, each.updates);
    CHECK(found == doctest::Approx(each.expected).epsilon(1e-6));
    const auto updates = static_cast<double>(each.updates);
    // An upper bound of what is exact, and below Mironov's own conversion, whose minimum over alpha
    // is known in closed form.
    const double classic = updates / (2 * each.noise * each.noise) +
                           std::sqrt(2 * updates * std::log(1 / each.delta)) / each.noise;
    CHECK(found < classic);
    CHECK(found > exact_epsilon(each.noise, updates, each.delta));
    CHECK(found < 1.15 * exact_epsilon(each.noise, updates, each.delta));
    // Any of two updates: as half the noise.
    CHECK(epsilon(2 * each.noise, each.delta, Unit::replace, each.updates) ==
          doctest::Approx(found).epsilon(1e-12));
  }
}

TEST_CASE("the budget at its ends")
{
  CHECK(epsilon(1, 1e-5, Unit::zero_out, 0) == 0);
  CHECK(epsilon(0, 1e-5, Unit::zero_out, 0) == 0);
  CHECK(epsilon(0, 1e-5, Unit::zero_out, 1) == std::numeric_limits<double>::infinity());
  double before = 0;
  for (std::int64_t updates = 1; updates < 10000; updates *= 3) {
    const double now = epsilon(3, 1e-6, Unit::zero_out, updates);
    CHECK(now > before);
    CHECK(std::isfinite(now));
    before = now;
  }
  CHECK(epsilon(1e6, 1e-5, Unit::zero_out, 1) >= 0);
  CHECK(epsilon(1e6, 1e-5, Unit::zero_out, 1) < 1e-3);
}

TEST_CASE("an update is shortened to its bound, and no further")
{
  std::vector<double> update{3, -4, 0};
  CHECK(norm_of(update) == doctest::Approx(5));
  CHECK(clip(update, 0) == 1);
  CHECK(clip(update, 5) == 1);
  CHECK(update == std::vector<double>{3, -4, 0});
  CHECK(clip(update, 1) == doctest::Approx(0.2));
  CHECK(norm_of(update) == doctest::Approx(1));
  CHECK(update[1] == doctest::Approx(-0.8));
  std::vector<double> large(7, 1e200);
  CHECK(norm_of(large) == doctest::Approx(1e200 * std::sqrt(7.0)));
  CHECK(norm_of(std::vector<double>{}) == 0);
  CHECK(std::isnan(norm_of(std::vector<double>{1, std::nan("")})));
  CHECK(std::isnan(norm_of(std::vector<double>{1, std::numeric_limits<double>::infinity()})));
}

TEST_CASE("Philox gives its published words")
{
  using Words = std::array<std::uint32_t, 4>;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const std::uint32_t ones = 0xffffffff;
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("noise is normal, of the deviation that it is to have, and other in each update")
{
  constexpr std::size_t count = 200001;
  std::vector<double> noise(count, 0.0);
  const Noise source{42};
  source.add(noise, 2, 1);
  double sum = 0;
  double squares = 0;
  double fourth = 0;
  double neighbours = 0;
  double within = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double z = noise[i] / 2;
    sum += z;
    squares += z * z;
    fourth += z * z * z * z;
    within += std::abs(z) < 1 ? 1 : 0;
    if (i > 0) neighbours += z * noise[i - 1] / 2;
  }
  const auto n = static_cast<double>(count);
  CHECK(std::abs(sum / n) < 5 / std::sqrt(n));
  CHECK(std::abs(squares / n - 1) < 5 * std::sqrt(2 / n));
  CHECK(std::abs(fourth / n - 3) < 5 * std::sqrt(96 / n));
  CHECK(std::abs(neighbours / n) < 5 / std::sqrt(n));
  CHECK(std::abs(within / n - 0.6826895) < 5 * 0.47 / std::sqrt(n));

  std::vector<double> again(count, 0.0);
  source.add(again, 2, 1);
  CHECK(again == noise);
  // It is added, and the next update has other noise.
  std::vector<double> next(count, 1.0);
  source.add(next, 2, 2);
  double correlation = 0;
  for (std::size_t i = 0; i < count; ++i) correlation += (next[i] - 1) * noise[i] / 4;
  CHECK(std::abs(correlation / n) < 5 / std::sqrt(n));

  // Two keys of the system's are not the same.
  std::vector<double> one(4, 0.0);
  std::vector<double> two(4, 0.0);
  Noise::unpredictable().add(one, 1, 1);
  Noise::unpredictable().add(two, 1, 1);
  CHECK(one != two);
}
