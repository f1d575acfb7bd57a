// The part of the input space that was learned: ranges, and distances to the training set.
#include "couplers/closure/domain.hpp"
#include "support/rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

using cardan::closure::Domain;
using cardan::closure::TrustSettings;

namespace {

constexpr double pi = 3.14159265358979323846;

/// Points on a ring of radius 1 and some width, in the first two of `width` inputs; the others are
/// made of these.
std::vector<double> ring(int count, std::int64_t width, unsigned seed)
{
  std::mt19937 random{seed};
  std::uniform_real_distribution<double> angle{0, 2 * pi};
  std::uniform_real_distribution<double> radius{0.95, 1.05};
  std::vector<double> points;
  for (int i = 0; i < count; ++i) {
    const double a = angle(random);
    const double r = radius(random);
    points.insert(points.end(), {r * std::cos(a), r * std::sin(a)});
    for (std::int64_t j = 2; j < width; ++j)
      points.push_back(r * std::cos(a + static_cast<double>(j)));
  }
  return points;
}

TrustSettings near(double share)
{
  TrustSettings settings;
  settings.novelty = share;
  return settings;
}

std::vector<std::uint8_t> judge(const Domain& domain, std::vector<double> points,
                                std::int64_t width)
{
  std::vector<std::uint8_t> inside(points.size() / static_cast<std::size_t>(width));
  domain.judge(Rows<>{points, width}, inside.data());
  return inside;
}

/// As the training ranks do it: each sees its part, ranges are joined by maxima, landmarks by sums.
Domain learned(const TrustSettings& settings, const std::vector<double>& points, std::int64_t width,
               int ranks)
{
  const auto features = square_signature(width, 1).inputs;
  std::vector<Domain> domains(static_cast<std::size_t>(ranks), Domain{settings, features});
  const auto row = static_cast<std::size_t>(width);
  const std::size_t each = points.size() / row / static_cast<std::size_t>(ranks);
  std::vector<std::vector<double>> parts;
  for (std::size_t r = 0; r < domains.size(); ++r) {
    const auto begin = points.begin() + static_cast<std::ptrdiff_t>(r * each * row);
    parts.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(each * row));
    domains[r].see(Rows<>{parts[r], width});
  }
  std::vector<double> range = domains[0].range();
  for (auto& domain : domains)
    std::transform(range.begin(), range.end(), domain.range().begin(), range.begin(),
                   [](double a, double b) { return std::max(a, b); });
  for (auto& domain : domains) domain.join(range);
  if (settings.novelty == 0) return domains[0];
  std::vector<double> sum;
  for (std::size_t r = 0; r < domains.size(); ++r) {
    const auto own = domains[r].landmarks(Rows<>{parts[r], width}, static_cast<int>(r), ranks);
    sum.resize(own.size());
    std::transform(sum.begin(), sum.end(), own.begin(), sum.begin(), std::plus<>{});
  }
  domains[0].set_landmarks(sum);
  return domains[0];
}

}  // namespace

TEST_CASE("the range of each input is known, whichever rank saw it")
{
  const Domain domain = learned({}, {0, 5, 1, 6, -2, 7, 3, 4}, 2, 2);
  CHECK(judge(domain, {-2, 4, 3, 7, 0.5, 5.5}, 2) == std::vector<std::uint8_t>{1, 1, 1});
  CHECK(judge(domain, {-2.01, 5, 0, 7.01, 3.01, 3.99, NAN, 5}, 2) ==
        std::vector<std::uint8_t>{0, 0, 0, 0});
}

TEST_CASE("nothing is inside before anything was seen")
{
  const Domain domain{{}, square_signature(2, 1).inputs};
  CHECK(judge(domain, {0, 0}, 2) == std::vector<std::uint8_t>{0});
}

TEST_CASE("the hole of a ring is within the range, but far from what was learned")
{
  for (const int ranks : {1, 2, 3}) {
    for (const std::int64_t width : {2, 40}) {
      CAPTURE(ranks);
      CAPTURE(width);
      Domain domain = learned(near(0.99), ring(3000, width, 1), width, ranks);
      auto held_out = ring(1000, width, 2);
      const double reach = domain.calibrate(Rows<>{held_out, width});
      CHECK(reach > 0);
      domain.set_reach(reach);
      const auto known = judge(domain, ring(2000, width, 3), width);
      const auto share = static_cast<double>(std::count(known.begin(), known.end(), 1)) / 2000;
      CHECK(share > 0.96);
      CHECK(share < 1);
      std::vector<double> middle(static_cast<std::size_t>(width), 0.0);
      CHECK(judge(domain, middle, width) == std::vector<std::uint8_t>{0});
      // By its range alone it would be inside.
      const Domain range_only = learned({}, ring(3000, width, 1), width, ranks);
      CHECK(judge(range_only, middle, width) == std::vector<std::uint8_t>{1});
    }
  }
}

TEST_CASE("what is written is what another reads")
{
  Domain domain = learned(near(0.9), ring(500, 3, 1), 3, 1);
  domain.set_reach(0.05);
  std::vector<double> numbers(domain.numbers());
  domain.write(numbers.data());
  Domain other{near(0.9), square_signature(3, 1).inputs};
  REQUIRE(other.numbers() == numbers.size());
  other.read(numbers.data());
  const auto points = ring(300, 3, 7);
  CHECK(judge(domain, points, 3) == judge(other, points, 3));
}
