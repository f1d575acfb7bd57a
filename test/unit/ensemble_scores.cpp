// Novelty of points that come and go, against what is known or computed the long way.
#include "couplers/ensemble/judge.hpp"
#include "couplers/ensemble/neighbours.hpp"
#include "couplers/ensemble/novelty.hpp"
#include "support/splitmix.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace cardan::ensemble;
using cardan::Random;

namespace {

using Rows = std::vector<std::vector<double>>;

double distance(const std::vector<double>& one, const std::vector<double>& other)
{
  double sum = 0;
  for (std::size_t d = 0; d < one.size(); ++d) sum += (one[d] - other[d]) * (one[d] - other[d]);
  return std::sqrt(sum);
}

/// The newest so many rows, by slot.
Rows ring(const Rows& rows, std::size_t capacity)
{
  Rows held(std::min(capacity, rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) held[i % capacity] = rows[i];
  return held;
}

Rows random_rows(std::size_t count, std::size_t dimension, std::uint64_t seed)
{
  Random random(seed);
  Rows rows(count, std::vector<double>(dimension));
  for (auto& row : rows)
    for (auto& value : row) value = random.uniform();
  return rows;
}

std::vector<double> score_of(Novelty& novelty, std::size_t capacity, const Rows& rows)
{
  Points points(capacity, rows[0].size());
  for (const auto& row : rows) novelty.changed(points, points.add(row));
  std::vector<double> scores(points.size());
  novelty.score(points, scores);
  return scores;
}

double kth(const Rows& rows, std::size_t of, std::size_t k)
{
  std::vector<double> distances;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (i != of) distances.push_back(distance(rows[of], rows[i]));
  std::sort(distances.begin(), distances.end());
  return distances[std::min(k, distances.size()) - 1];
}

/// As the paper writes it, for points without equal distances.
std::vector<double> lof_by_hand(const Rows& rows, std::size_t k)
{
  const std::size_t n = rows.size();
  std::vector<double> density(n);
  const auto near = [&](std::size_t p, std::size_t o) {
    return o != p && distance(rows[p], rows[o]) <= kth(rows, p, k);
  };
  for (std::size_t p = 0; p < n; ++p) {
    double sum = 0;
    for (std::size_t o = 0; o < n; ++o)
      if (near(p, o)) sum += std::max(kth(rows, o, k), distance(rows[p], rows[o]));
    density[p] = static_cast<double>(k) / sum;
  }
  std::vector<double> factors(n);
  for (std::size_t p = 0; p < n; ++p) {
    for (std::size_t o = 0; o < n; ++o)
      if (near(p, o)) factors[p] += density[o] / density[p];
    factors[p] /= static_cast<double>(k);
  }
  return factors;
}

}  // namespace

TEST_CASE("the distance to the k-th neighbour, while points come and go")
{
  const Rows rows = random_rows(150, 3, 1);
  for (const std::size_t k : {1U, 2U, 5U})
    for (const std::size_t capacity : {40U, 150U}) {
      const auto scores = score_of(*make_nearest(capacity, k), capacity, rows);
      const Rows held = ring(rows, capacity);
      for (std::size_t i = 0; i < held.size(); ++i)
        CHECK(scores[i] == doctest::Approx(kth(held, i, k)));
    }
}

TEST_CASE("neighbours in one place, and fewer than are asked for")
{
  const Rows rows{{0, 0}, {0, 0}, {1, 0}};
  CHECK(score_of(*make_nearest(5, 1), 5, rows) == std::vector<double>{0, 0, 1});
  CHECK(score_of(*make_nearest(5, 4), 5, rows) == std::vector<double>{1, 1, 1});
  CHECK(score_of(*make_nearest(5, 4), 5, {{3, 4}}) == std::vector<double>{0});
}

// On a line at 0, 1, 3 with k = 1. Nearest: 0 and 1 are each other's, 3 has 1. Distances to them:
// 1, 1, 2. Reachability: of 0 from 1: max(1, 1) = 1; of 1 from 0: 1; of 3 from 1: max(1, 2) = 2. So
// densities 1, 1, 1/2, and factors 1, 1, 2.
TEST_CASE("the local outlier factor of three points on a line")
{
  const auto scores = score_of(*make_lof(3, 1), 3, {{0}, {1}, {3}});
  CHECK(scores[0] == doctest::Approx(1));
  CHECK(scores[1] == doctest::Approx(1));
  CHECK(scores[2] == doctest::Approx(2));
}

TEST_CASE("the local outlier factor as the paper defines it")
{
  Rows rows = random_rows(90, 2, 3);
  rows.push_back({4, 4});
  for (const std::size_t k : {1U, 4U, 10U}) {
    const auto scores = score_of(*make_lof(60, k), 60, rows);
    const auto expected = lof_by_hand(ring(rows, 60), k);
    for (std::size_t i = 0; i < scores.size(); ++i)
      CHECK(scores[i] == doctest::Approx(expected[i]));
    CHECK(std::max_element(scores.begin(), scores.end()) - scores.begin() == 90 % 60);
  }
  // Points in one place are ordinary among themselves.
  for (const double score : score_of(*make_lof(6, 2), 6, Rows(6, {1, 1})))
    CHECK(score == doctest::Approx(1));
}

TEST_CASE("the inverse density by a kernel")
{
  const Rows rows = random_rows(130, 2, 5);
  const double h = 0.2;
  const auto scores = score_of(*make_density(50, 2, h), 50, rows);
  const Rows held = ring(rows, 50);
  for (std::size_t i = 0; i < held.size(); ++i) {
    double sum = 0;
    for (const auto& other : held) {
      const double d = distance(held[i], other);
      sum += std::exp(-d * d / (2 * h * h));
    }
    CHECK(scores[i] == doctest::Approx(50 / sum));
  }
  // With a bandwidth of its own: the point that is alone is the most novel.
  Rows with_one = rows;
  with_one.push_back({9, 9});
  const auto own = score_of(*make_density(200, 2, 0), 200, with_one);
  CHECK(std::max_element(own.begin(), own.end()) - own.begin() == 130);
  CHECK(own.back() == doctest::Approx(131));
}

TEST_CASE("a judge in units of deviations sees what is novel in a small coordinate")
{
  EnsembleSettings settings;
  settings.window = 100;
  settings.scale = Scale::deviation;
  Judge judge(settings, 2);
  Random random(7);
  for (int i = 0; i < 60; ++i) {
    const std::vector<double> row{1000 * random.uniform(), 1e-3 * random.uniform()};
    judge.add(row);
  }
  judge.add(std::vector<double>{500, 1e-2});
  const auto scores = judge.scores();
  CHECK(std::max_element(scores.begin(), scores.end()) - scores.begin() == 60);
  CHECK(judge.coordinate(60, 0) == doctest::Approx(500));
  CHECK(judge.coordinate(60, 1) == doctest::Approx(1e-2));
  // The same as if all had been there from the beginning.
  const std::vector<double> before(scores.begin(), scores.end());
  judge.rebuild();
  const auto after = judge.scores();
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == doctest::Approx(before[i]));
}

TEST_CASE("a judge says what the model gives it")
{
  EnsembleSettings settings;
  settings.window = 3;
  settings.score = Score::error;
  Judge judge(settings, 1);
  const std::vector<double> point{0};
  for (const double given : {0.5, 0.25, 0.125, 2.0}) judge.add(point, given);
  const auto scores = judge.scores();
  CHECK(std::vector<double>(scores.begin(), scores.end()) == std::vector<double>{2, 0.25, 0.125});
}
