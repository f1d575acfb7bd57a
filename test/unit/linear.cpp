// Running least squares against the closed form, whatever the ranks.
#include "support/learners.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using cardan::Dtype;
using cardan::Signature;
using namespace cardan::test;

namespace {

/// y = 3 - 2 x0 + 0.5 x1 + noise, and a second output of another size.
Table targets_of(const Table& x, double noise)
{
  const Table random = normal_rows(x.size(), 2, 77);
  Table y;
  for (std::size_t r = 0; r < x.size(); ++r)
    y.push_back({3 - 2 * x[r][0] + 0.5 * x[r][1] + noise * random[r][0],
                 1e6 * x[r][0] - 4e6 * x[r][1] + 1e6 * noise * random[r][1]});
  return y;
}

using Long = long double;
/// Solves A x = b for a symmetric positive matrix, in more digits than the code under test has.
std::vector<Long> solve(std::vector<std::vector<Long>> a, std::vector<Long> b)
{
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t i = k + 1; i < n; ++i) {
      const Long factor = a[i][k] / a[k][k];
      for (std::size_t j = k; j < n; ++j) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k][j] * b[j];
    b[k] /= a[k][k];
  }
  return b;
}

/// The closed form: (X^T W X)^-1 X^T W y with a leading 1, and what follows from it.
struct Closed {
  std::vector<std::vector<Long>> normal;
  std::vector<Long> coefficients;
  Long deviation = 0;

  Closed(const Table& x, const Table& y, std::size_t output, Long forget = 1)
  {
    const std::size_t n = x.front().size() + 1;
    normal.assign(n, std::vector<Long>(n, 0));
    std::vector<Long> right(n, 0);
    Long weights = 0;
    const auto row = [&](std::size_t r, std::size_t i) {
      return i == 0 ? Long{1} : static_cast<Long>(x[r][i - 1]);
    };
    const auto weight = [&](std::size_t r) {
      return std::pow(forget, static_cast<Long>(x.size() - 1 - r));
    };
    for (std::size_t r = 0; r < x.size(); ++r) {
      weights += weight(r);
      for (std::size_t i = 0; i < n; ++i) {
        right[i] += weight(r) * row(r, i) * static_cast<Long>(y[r][output]);
        for (std::size_t j = 0; j < n; ++j) normal[i][j] += weight(r) * row(r, i) * row(r, j);
      }
    }
    coefficients = solve(normal, right);
    Long squares = 0;
    for (std::size_t r = 0; r < x.size(); ++r) {
      const Long left = static_cast<Long>(y[r][output]) - answer(x[r]);
      squares += weight(r) * left * left;
    }
    deviation = std::sqrt(squares / (weights - static_cast<Long>(n)));
  }
  [[nodiscard]] Long answer(const std::vector<double>& x) const
  {
    Long value = coefficients[0];
    for (std::size_t i = 0; i < x.size(); ++i)
      value += coefficients[i + 1] * static_cast<Long>(x[i]);
    return value;
  }
  [[nodiscard]] Long spread(const std::vector<double>& x) const
  {
    std::vector<Long> one{1};
    one.insert(one.end(), x.begin(), x.end());
    const auto inverse = solve(normal, one);
    Long leverage = 1;
    for (std::size_t i = 0; i < one.size(); ++i) leverage += one[i] * inverse[i];
    return deviation * std::sqrt(leverage);
  }
};

double relative(double value, Long wanted)
{
  return static_cast<double>(std::abs((static_cast<Long>(value) - wanted) / wanted));
}

const Signature two_to_two{features("x", 2), features("y", 2)};

}  // namespace

TEST_CASE("answers and spread are those of the closed form, on any number of ranks")
{
  const Table x = normal_rows(1000, 2, 3);
  const Table y = targets_of(x, 0.1);
  const Table asked{{0.3, -0.7}, {5, 5}, {-20, 3}};
  for (const int ranks : {1, 2, 3, 5, 7}) {
    CAPTURE(ranks);
    Ranks all{"kind = 'linear'", two_to_two, ranks};
    // Uneven: rank 1 sees nothing where there are more than two, and batches differ in size.
    std::size_t rank = 0;
    for (std::size_t begin = 0; begin < x.size(); begin += 40 + rank) {
      rank = (rank + 1) % all.size();
      if (all.size() > 2 && rank == 1) rank = 2;
      const std::size_t end = std::min(x.size(), begin + 40 + rank);
      const auto cut = [&](const Table& rows) {
        return Table(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                     rows.begin() + static_cast<std::ptrdiff_t>(end));
      };
      all.see(rank, cut(x), cut(y));
    }
    all.publish();
    const Answer answer = ask(all[0], two_to_two, asked);
    for (std::size_t output = 0; output < 2; ++output) {
      const Closed closed{x, y, output};
      for (std::size_t r = 0; r < asked.size(); ++r) {
        CHECK(relative(answer.values[r][output], closed.answer(asked[r])) < 1e-12);
        CHECK(relative(answer.spread[r][output], closed.spread(asked[r])) < 1e-10);
      }
    }
    for (std::size_t other = 1; other < all.size(); ++other)
      CHECK(all.state(other) == all.state(0));
    // Negative control: less data is another fit.
    const Closed half{Table(x.begin(), x.begin() + 500), Table(y.begin(), y.begin() + 500), 0};
    CHECK(relative(answer.values[0][0], half.answer(asked[0])) > 1e-6);
  }
}

TEST_CASE("inputs far from zero and badly scaled lose no digits")
{
  // Normal equations of these, uncentred, are singular in double.
  Table x = normal_rows(500, 2, 4);
  for (auto& row : x) row = {1e6 + 1e-2 * row[0], 1e-8 * (row[1] + 30 * row[0])};
  Table y;
  for (const auto& row : x) y.push_back({3 * (row[0] - 1e6) + 1e9 * row[1], row[0]});
  Ranks all{"kind = 'linear'", two_to_two, 2};
  all.see(0, Table(x.begin(), x.begin() + 100), Table(y.begin(), y.begin() + 100));
  all.see(1, Table(x.begin() + 100, x.end()), Table(y.begin() + 100, y.end()));
  all.publish();
  const Answer answer = ask(all[1], two_to_two, x);
  for (std::size_t r = 0; r < x.size(); ++r) {
    CHECK(answer.values[r][0] == doctest::Approx(y[r][0]).epsilon(1e-9));
    CHECK(answer.values[r][1] == doctest::Approx(y[r][1]).epsilon(1e-12));
  }
}

TEST_CASE("forgetting is weighted least squares")
{
  const Table x = normal_rows(400, 2, 5);
  Table y = targets_of(x, 0.1);
  for (std::size_t r = 0; r < 200; ++r) y[r][0] += 100;  // another world, long ago
  Ranks all{"kind = 'linear'\nforget = 0.95", two_to_two, 1};
  for (std::size_t r = 0; r < x.size(); r += 10)
    all.see(0,
            Table(x.begin() + static_cast<std::ptrdiff_t>(r),
                  x.begin() + static_cast<std::ptrdiff_t>(r + 10)),
            Table(y.begin() + static_cast<std::ptrdiff_t>(r),
                  y.begin() + static_cast<std::ptrdiff_t>(r + 10)));
  all.publish();
  const Table asked{{0.5, 0.5}};
  const Answer answer = ask(all[0], two_to_two, asked);
  const Closed closed{x, y, 0, 0.95L};
  CHECK(relative(answer.values[0][0], closed.answer(asked[0])) < 1e-10);
  CHECK(relative(answer.spread[0][0], closed.spread(asked[0])) < 1e-10);
  CHECK(std::abs(answer.values[0][0] - (3 - 1 + 0.25)) < 0.2);
  // Negative control: without forgetting, the old samples pull.
  CHECK(std::abs(static_cast<double>(Closed(x, y, 0).answer(asked[0])) - 2.25) > 10);
}

TEST_CASE("a ridge is that of the scaled inputs")
{
  // One input: the slope shrinks by 1 / (1 + ridge).
  const Signature signature{features("x", 1), features("y", 1)};
  Ranks all{"kind = 'linear'\nridge = 0.25", signature, 1};
  all.see(0, {{1}, {2}, {3}, {4}}, {{10}, {20}, {30}, {40}});
  all.publish();
  const Answer answer = ask(all[0], signature, {{2.5}, {3.5}});
  CHECK(answer.values[0][0] == doctest::Approx(25));
  CHECK(answer.values[1][0] == doctest::Approx(25 + 10 / 1.25));
}

TEST_CASE("bad samples give numbers, and a spread that nobody trusts")
{
  const double infinity = std::numeric_limits<double>::infinity();
  SUBCASE("none at all")
  {
    Ranks all{"kind = 'linear'", two_to_two, 2};
    all.see(0, {}, {});
    all.publish();
    const Answer answer = ask(all[0], two_to_two, {{1, 2}});
    CHECK(answer.values[0] == std::vector<double>{0, 0});
    CHECK(answer.spread[0] == std::vector<double>{infinity, infinity});
    CHECK(ask(all[0], two_to_two, {}).values.empty());
  }
  SUBCASE("fewer than unknowns: the least squares of least norm")
  {
    const Signature signature{features("x", 5), features("y", 1)};
    Ranks all{"kind = 'linear'", signature, 2};
    const Table x = normal_rows(3, 5, 6);
    all.see(1, x, {{1}, {2}, {4}});
    all.publish();
    const Answer answer = ask(all[0], signature, x);
    CHECK(answer.values[0][0] == doctest::Approx(1));
    CHECK(answer.values[1][0] == doctest::Approx(2));
    CHECK(answer.values[2][0] == doctest::Approx(4));
    CHECK(answer.spread[0][0] == infinity);
  }
  SUBCASE("a constant input and a copied one")
  {
    const Signature signature{features("x", 3), features("y", 1)};
    Ranks all{"kind = 'linear'", signature, 1};
    Table x;
    Table y;
    for (const auto& row : normal_rows(100, 2, 7)) {
      x.push_back({row[0], 4.2, row[0]});
      y.push_back({2 * row[0] + 1 + 0.01 * row[1]});
    }
    all.see(0, x, y);
    all.publish();
    const Answer answer = ask(all[0], signature, {{1, 4.2, 1}, {1, 5.2, 1}, {1, 4.2, -1}});
    CHECK(answer.values[0][0] == doctest::Approx(3).epsilon(0.01));
    CHECK(answer.spread[0][0] < 0.02);
    // What no sample ever did.
    CHECK(answer.spread[1][0] == infinity);
    CHECK(answer.spread[2][0] == infinity);
  }
  SUBCASE("not-a-numbers are left out")
  {
    const double none = std::numeric_limits<double>::quiet_NaN();
    Ranks all{"kind = 'linear'", two_to_two, 1};
    const Table x = normal_rows(50, 2, 8);
    const Table y = targets_of(x, 0.1);
    all.see(0, x, y);
    all.see(0, {{none, 1}, {1, 1}}, {{1, 1}, {infinity, 1}});
    CHECK(all[0].tally().sums[0] == 50);
    all.publish();
    CHECK(relative(ask(all[0], two_to_two, {{1, 1}}).values[0][0], Closed(x, y, 0).answer({1, 1})) <
          1e-12);
  }
}

TEST_CASE("features of several dtypes, and a state that goes to a model")
{
  const Signature signature{
      {{"a", Dtype::int32, {}}, {"b", Dtype::float32, {2}}, {"c", Dtype::float64, {}}},
      {{"u", Dtype::uint8, {}}, {"v", Dtype::float32, {1}}}};
  Ranks all{"kind = 'linear'", signature, 3};
  Table x;
  Table y;
  for (const auto& row : normal_rows(200, 3, 9)) {
    // A float32 holds the second and third exactly.
    x.push_back({std::round(10 * row[0]), std::round(1024 * row[1]) / 1024,
                 std::round(1024 * row[2]) / 1024, row[0] * row[1]});
    y.push_back({std::round(100 + x.back()[0]), x.back()[1] + 2 * x.back()[2]});
  }
  all.see(2, x, y);
  all.publish();
  const auto model = cardan::test::model("kind = 'linear'", signature);
  REQUIRE(model->state_bytes() == all[1].state_bytes());
  CHECK(model->has_spread());
  CHECK_FALSE(model->ready());
  model->read(all.state(1).data());
  const Answer answer = ask(*model, signature, x);
  for (std::size_t r = 0; r < x.size(); ++r) {
    CHECK(answer.values[r][0] == y[r][0]);
    CHECK(answer.values[r][1] == doctest::Approx(y[r][1]).epsilon(1e-6));
  }
  // An integer is kept within its range.
  const Answer far = ask(*model, signature, {{1000, 0, 0, 0}, {-1000, 0, 0, 0}});
  CHECK(far.values[0][0] == 255);
  CHECK(far.values[1][0] == 0);
  const Columns inputs(signature.inputs, x);
  const Columns targets(signature.outputs, y);
  CHECK(all[0].validate(inputs.batch(), targets.batch()) < 1e-10);
  CHECK(all[0].buckets().empty());
}

TEST_CASE("a wrong table is an error with its line")
{
  const auto message = [](const std::string& text) {
    try {
      learner(text, two_to_two);
    } catch (const cardan::Error& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  CHECK(message("kind = 'linear'\nforget = 1.5").find("test.toml:3: forget = 1.5") !=
        std::string::npos);
  CHECK(message("kind = 'linear'\nridge = -1").find("must not be negative") != std::string::npos);
  CHECK(message("kind = 'linear'\nrigde = 1").find("ridge") != std::string::npos);
  CHECK(message("kind = 'linear'") == "none");
}
