// Nearest neighbours against a search by hand, and the joined sample against chance.
#include "support/learners.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using cardan::Dtype;
using cardan::Signature;
using namespace cardan::test;

namespace {

const Signature two_to_one{features("x", 2), features("y", 1)};
constexpr double infinity = std::numeric_limits<double>::infinity();

Table targets_of(const Table& x)
{
  Table y;
  y.reserve(x.size());
  for (const auto& row : x) y.push_back({std::sin(row[0]) + row[1]});
  return y;
}

struct Expected {
  double value;
  double spread;
};
Expected by_hand(const Table& x, const Table& y, const std::vector<double>& asked, std::size_t k)
{
  std::vector<double> scale(2);
  for (std::size_t i = 0; i < 2; ++i) {
    double sum = 0;
    double squares = 0;
    for (const auto& row : x) sum += row[i];
    const double mean = sum / static_cast<double>(x.size());
    for (const auto& row : x) squares += (row[i] - mean) * (row[i] - mean);
    scale[i] = std::sqrt(squares / static_cast<double>(x.size()));
  }
  std::vector<std::pair<double, double>> near;
  for (std::size_t r = 0; r < x.size(); ++r)
    near.emplace_back(std::hypot((x[r][0] - asked[0]) / scale[0], (x[r][1] - asked[1]) / scale[1]),
                      y[r][0]);
  std::sort(near.begin(), near.end());
  near.resize(k);
  double weights = 0;
  double mean = 0;
  for (const auto& [distance, target] : near) {
    weights += 1 / distance;
    mean += target / distance;
  }
  mean /= weights;
  double variance = 0;
  for (const auto& [distance, target] : near)
    variance += (target - mean) * (target - mean) / distance / weights;
  return {mean, std::sqrt(variance)};
}

}  // namespace

TEST_CASE("answers are the weighted mean of the nearest, on any number of ranks")
{
  Table x = normal_rows(500, 2, 1);
  // Far from zero: distances by products of such numbers would have no digit left.
  for (auto& row : x) row = {1e6 + row[0], 1e-3 * row[1]};
  const Table y = targets_of(x);
  Table asked = normal_rows(100, 2, 2);
  for (auto& row : asked) row = {1e6 + row[0], 1e-3 * row[1]};
  for (const int ranks : {1, 2, 3, 5, 7}) {
    CAPTURE(ranks);
    Ranks all{"kind = 'knn'\nneighbours = 5", two_to_one, ranks};
    for (std::size_t r = 0; r < x.size(); ++r)
      all.see(r * r % (all.size() > 4 ? 4 : all.size()), {x[r]}, {y[r]});
    all.publish();
    const Answer answer = ask(all[0], two_to_one, asked);
    for (std::size_t r = 0; r < asked.size(); ++r) {
      const Expected expected = by_hand(x, y, asked[r], 5);
      CHECK(answer.values[r][0] == doctest::Approx(expected.value).epsilon(1e-9));
      CHECK(answer.spread[r][0] == doctest::Approx(expected.spread).epsilon(1e-7));
      // Negative control: another number of neighbours is another answer.
      CHECK(std::abs(answer.values[r][0] - by_hand(x, y, asked[r], 6).value) > 1e-12);
    }
    for (std::size_t other = 1; other < all.size(); ++other)
      CHECK(all.state(other) == all.state(0));
  }
}

TEST_CASE("a stored input gets its own target")
{
  const Table x = normal_rows(300, 2, 3);
  const Table y = targets_of(x);
  Ranks all{"kind = 'knn'", two_to_one, 2};
  all.see(0, x, y);
  all.publish();
  const auto model = cardan::test::model("kind = 'knn'", two_to_one);
  model->read(all.state(1).data());
  const Answer answer = ask(*model, two_to_one, x);
  CHECK(answer.values == y);
  for (const auto& row : answer.spread) CHECK(row[0] == 0);
  // The learner, which is asked for validation, leaves the sample itself out.
  const Answer others = ask(all[0], two_to_one, {x[7]});
  Table x_others = x;
  Table y_others = y;
  x_others.erase(x_others.begin() + 7);
  y_others.erase(y_others.begin() + 7);
  // (One sample fewer hardly changes the deviations that distances are divided by.)
  CHECK(others.values[0][0] ==
        doctest::Approx(by_hand(x_others, y_others, x[7], 8).value).epsilon(1e-2));
  CHECK(others.values[0][0] != y[7][0]);
  // Twice the same input with two targets: their mean, and how far they are apart.
  all.see(1, {x[0]}, {{y[0][0] + 2}});
  all.publish();
  model->read(all.state(0).data());
  const Answer twice = ask(*model, two_to_one, {x[0]});
  CHECK(twice.values[0][0] == doctest::Approx(y[0][0] + 1));
  CHECK(twice.spread[0][0] == doctest::Approx(1));
}

TEST_CASE("what is stored is a uniform sample of what all ranks saw")
{
  // 300 runs of 3 ranks that see 20, 60 and 120 samples, into 20 places: each tenth of all is
  // expected 600 times. An input that is stored gets its own number.
  const Signature signature{features("x", 1), features("y", 1)};
  const auto model = cardan::test::model("kind = 'knn'\nneighbours = 1\ncapacity = 20", signature);
  std::vector<int> tenths(10, 0);
  std::vector<int> kept(200, 0);
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Ranks all{"kind = 'knn'\nneighbours = 1\ncapacity = 20", signature, 3, seed};
    Table asked;
    for (int i = 0; i < 200; ++i) {
      const std::size_t rank = i < 20 ? 0 : i < 80 ? 1 : 2;
      const double number = i;
      all.see(rank, {{number}}, {{number}});
      asked.push_back({number});
    }
    all.publish();
    model->read(all.state(0).data());
    const Answer answer = ask(*model, signature, asked);
    int stored = 0;
    for (std::size_t i = 0; i < 200; ++i)
      if (answer.values[i][0] == asked[i][0]) {
        ++tenths[i / 20];
        ++kept[i];
        ++stored;
      }
    CHECK(stored == 20);
  }
  double chi_squared = 0;
  for (const int count : tenths) chi_squared += (count - 600.0) * (count - 600.0) / 600.0;
  // Nine degrees of freedom: 27.9 is exceeded by chance once in a thousand times; the seeds are
  // fixed.
  CHECK(chi_squared < 27.9);
  CHECK(*std::min_element(kept.begin(), kept.end()) > 0);
}

TEST_CASE("bad input gives numbers")
{
  Ranks all{"kind = 'knn'", two_to_one, 2};
  all.publish();
  CHECK(ask(all[0], two_to_one, {{1, 2}}).values[0][0] == 0);
  CHECK(ask(all[0], two_to_one, {{1, 2}}).spread[0][0] == infinity);
  CHECK(ask(all[0], two_to_one, {}).values.empty());
  // Fewer than neighbours, one input constant.
  all.see(0, {{1, 7}, {3, 7}}, {{10}, {20}});
  all.publish();
  const double none = std::numeric_limits<double>::quiet_NaN();
  const Answer answer = ask(all[0], two_to_one, {{2, 7}, {none, 7}, {1e300, 1}});
  CHECK(answer.values[0][0] == doctest::Approx(15));
  CHECK(answer.spread[0][0] == doctest::Approx(5));
  CHECK(answer.values[1][0] == 0);
  CHECK(answer.spread[1][0] == infinity);
  CHECK(std::isfinite(answer.values[2][0]));
}

TEST_CASE("features of several dtypes, and a state that goes to a model")
{
  const Signature signature{{{"a", Dtype::int32, {}}, {"b", Dtype::float32, {1}}},
                            {{"c", Dtype::uint8, {}}, {"d", Dtype::float64, {2}}}};
  Ranks all{"kind = 'knn'\ncapacity = 64", signature, 2};
  Table x;
  Table y;
  for (int i = 0; i < 50; ++i) {
    x.push_back({static_cast<double>(i - 20), 0.5 * i});
    y.push_back({static_cast<double>(5 * i), 0.1 * i, -0.1 * i});
  }
  all.see(1, x, y);
  all.publish();
  const auto model = cardan::test::model("kind = 'knn'\ncapacity = 64", signature);
  REQUIRE(model->state_bytes() == all[0].state_bytes());
  CHECK(model->has_spread());
  model->read(all.state(0).data());
  CHECK(ask(*model, signature, x).values == y);
}

TEST_CASE("a wrong table is an error with its line")
{
  std::string message;
  try {
    learner("kind = 'knn'\ncapacity = 4", two_to_one);
  } catch (const cardan::Error& error) {
    message = error.what();
  }
  CHECK(message.find("the capacity, which is 4") != std::string::npos);
}
