// Diagnostics of chains against known ones, the rule of delayed acceptance on a small space, and
// what searches and proposals are made of.

#include "couplers/inverse/acceptance.hpp"
#include "couplers/inverse/autocovariance.hpp"
#include "couplers/inverse/covariance.hpp"
#include "couplers/inverse/diagnostics.hpp"
#include "couplers/inverse/lbfgs.hpp"
#include "couplers/inverse/random.hpp"
#include "couplers/inverse/settings.hpp"
#include "couplers/inverse/whitening.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace cardan::inverse;
using cardan::Config;

namespace {

/// x' = rho x + noise, of deviation 1: its integrated autocorrelation time is (1 + rho) / (1 -
/// rho).
std::vector<double> autoregressive(double rho, std::size_t count, std::uint64_t seed)
{
  Random random{seed};
  std::vector<double> series(count);
  double x = random.normal();
  for (double& each : series) {
    each = x;
    x = rho * x + std::sqrt(1 - rho * rho) * random.normal();
  }
  return series;
}

double effective(const std::vector<double>& series)
{
  return effective_samples({series.data(), series.size(), 1});
}

using Matrix = std::vector<std::vector<double>>;

Matrix product(const Matrix& a, const Matrix& b)
{
  Matrix result(a.size(), std::vector<double>(a.size(), 0));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < a.size(); ++k)
      for (std::size_t j = 0; j < a.size(); ++j) result[i][j] += a[i][k] * b[k][j];
  return result;
}

/// A walk on a ring by Metropolis's rule for a density (not normalised).
Matrix metropolis(const std::vector<double>& density)
{
  const std::size_t n = density.size();
  Matrix chain(n, std::vector<double>(n, 0));
  for (std::size_t i = 0; i < n; ++i) {
    for (const std::size_t j : {(i + 1) % n, (i + n - 1) % n})
      chain[i][j] += 0.5 * std::min(1.0, density[j] / density[i]);
    double left = 0;
    for (const double each : chain[i]) left += each;
    chain[i][i] += 1 - left;
  }
  return chain;
}

}  // namespace

TEST_CASE("effective samples of autoregressive chains")
{
  constexpr std::size_t count = 100000;
  for (const double rho : {0.0, 0.5, 0.9, 0.97}) {
    CAPTURE(rho);
    const double wanted = static_cast<double>(count) * (1 - rho) / (1 + rho);
    CHECK(effective(autoregressive(rho, count, 3)) == doctest::Approx(wanted).epsilon(0.12));
  }
  CHECK(effective(std::vector<double>(100, 2.5)) == 0);
  CHECK(effective({1, 2}) == 0);
  // A stride: every second number of two chains side by side.
  const auto one = autoregressive(0.8, 20000, 4);
  const auto other = autoregressive(0.1, 20000, 5);
  std::vector<double> both;
  for (std::size_t i = 0; i < one.size(); ++i) {
    both.push_back(one[i]);
    both.push_back(other[i]);
  }
  CHECK(effective_samples({both.data(), one.size(), 2}) == doctest::Approx(effective(one)));
}

TEST_CASE("the potential scale reduction tells chains that agree from those that do not")
{
  std::vector<Moments> parts;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const auto series = autoregressive(0.5, 20000, 10 + seed);
    parts.push_back(moments({series.data(), series.size(), 1}));
  }
  CHECK(scale_reduction(parts) == doctest::Approx(1).epsilon(0.002));
  // One that is two deviations away: variance between 1 means of (0, 0, 0, 2) is 1.
  parts[3].mean += 2;
  CHECK(scale_reduction(parts) == doctest::Approx(std::sqrt(2.0)).epsilon(0.02));
  CHECK(std::isnan(scale_reduction({parts.data(), 1})));
}

TEST_CASE("moments are joined")
{
  const auto series = autoregressive(0.3, 1001, 8);
  const Moments all = moments({series.data(), series.size(), 1});
  const Moments parts =
      joined(moments({series.data(), 400, 1}), moments({series.data() + 400, 601, 1}));
  CHECK(parts.count == all.count);
  CHECK(parts.mean == doctest::Approx(all.mean));
  CHECK(parts.variance() == doctest::Approx(all.variance()));
}

TEST_CASE("delayed acceptance leaves the exact distribution as it is, whatever the surrogate")
{
  const std::vector<double> prior{1, 2, 1, 0.5, 1, 3, 1};
  const std::vector<double> exact{0.1, 1, 3, 0.2, 2, 0.7, 0.4};
  const std::vector<std::vector<double>> surrogates{
      exact, {1, 1, 1, 1, 1, 1, 1}, {3, 0.2, 0.1, 5, 0.3, 2, 1}};
  const std::size_t n = prior.size();
  for (const auto& surrogate : surrogates)
    for (const int subchain : {1, 2, 7}) {
      CAPTURE(subchain);
      std::vector<double> believed(n);
      for (std::size_t i = 0; i < n; ++i) believed[i] = prior[i] * surrogate[i];
      const Matrix once = metropolis(believed);
      Matrix proposal = once;
      for (int i = 1; i < subchain; ++i) proposal = product(proposal, once);
      std::vector<double> after(n, 0);
      for (std::size_t i = 0; i < n; ++i) {
        const double weight = prior[i] * exact[i];
        double left = 1;
        for (std::size_t j = 0; j < n; ++j) {
          if (j == i) continue;
          const double ratio = delayed_log_ratio({std::log(exact[i]), std::log(surrogate[i])},
                                                 {std::log(exact[j]), std::log(surrogate[j])});
          const double moves = proposal[i][j] * std::min(1.0, std::exp(ratio));
          after[j] += weight * moves;
          left -= moves;
        }
        after[i] += weight * left;
      }
      for (std::size_t i = 0; i < n; ++i)
        CHECK(after[i] == doctest::Approx(prior[i] * exact[i]).epsilon(1e-12));
    }
}

TEST_CASE("L-BFGS finds the bottom of Rosenbrock's valley")
{
  Lbfgs search{{-1.2, 1}, {200, 1e-8}};
  int evaluations = 0;
  for (; !search.done() && evaluations < 1000; ++evaluations) {
    const double x = search.trial()[0];
    const double y = search.trial()[1];
    const std::vector<double> gradient{-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)};
    search.give(100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x), gradient);
  }
  CHECK(evaluations < 100);
  CHECK(search.best()[0] == doctest::Approx(1).epsilon(1e-5));
  CHECK(search.best()[1] == doctest::Approx(1).epsilon(1e-5));
  Lbfgs lost{{0.0}, {10, 1e-8}};
  lost.give(std::nan(""), std::vector<double>{1.0});
  CHECK(lost.done());
}

TEST_CASE("proposals get the posterior's covariance of a linear problem")
{
  Measure measure;
  measure.prior_mean = {0, 1};
  measure.prior_deviation = {1, 2};
  measure.data = {1, 2, 3};
  measure.data_deviation = {0.5, 0.25, 1};
  const std::vector<double> jacobian{1, 2, 0, 1, -1, 0.5};
  Random random{7};
  std::vector<double> thetas;
  std::vector<double> predictions;
  constexpr std::size_t count = 400;
  for (std::size_t i = 0; i < count; ++i) {
    const double a = random.normal();
    const double b = 1 + 2 * random.normal();
    thetas.insert(thetas.end(), {a, b});
    for (std::size_t j = 0; j < 3; ++j)
      predictions.push_back(4 + jacobian[2 * j] * a + jacobian[2 * j + 1] * b);
  }
  const auto found = regressed_jacobian(measure, thetas, predictions, count);
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == doctest::Approx(jacobian[i]).epsilon(0.01));
  Information information{measure};
  information.add(jacobian);
  const auto factor = information.factor();
  // The inverse of [[1/1 + 4 + 0 + 1, 8 - 0.5], [7.5, 16 + 16 + 0.25 + 1/4]], by hand.
  const double determinant = 6 * 32.5 - 7.5 * 7.5;
  CHECK(factor[1] == 0);
  CHECK(factor[0] * factor[0] == doctest::Approx(32.5 / determinant));
  CHECK(factor[0] * factor[2] == doctest::Approx(-7.5 / determinant));
  CHECK(factor[2] * factor[2] + factor[3] * factor[3] == doctest::Approx(6 / determinant));
}

TEST_CASE("residuals are made white by the data's and the surrogate's error")
{
  const std::vector<double> deviation{1, 2};
  const std::vector<double> rows{1, 2, -3, 0.5};
  std::vector<double> half(2);
  half_squares(whitening_of(deviation, {}, 0, false), rows, 2, half);
  CHECK(half[0] == doctest::Approx(1));
  CHECK(half[1] == doctest::Approx(4.53125));
  // Errors of variance 3 in the first: 1 + 3 in all.
  const std::vector<double> errors{std::sqrt(3.0), 0, -std::sqrt(3.0), 0};
  for (const bool full : {false, true}) {
    half_squares(whitening_of(deviation, errors, 2, full), rows, 2, half);
    CHECK(half[0] == doctest::Approx(0.5 * (0.25 + 1)));
  }
}

TEST_CASE("run files that cannot be are refused with their line")
{
  const auto refused = [](const std::string& text, const std::string& what) {
    CAPTURE(text);
    std::string message;
    try {
      static_cast<void>(read_settings(Config::from_text("[inverse.p]\n" + text, "run.toml"), "p"));
    } catch (const cardan::Error& error) {
      message = error.what();
    }
    CHECK(message.find(what) != std::string::npos);
  };
  refused("chains = 0\n", "run.toml:2: chains = 0 (must be positive)");
  refused("mode = \"desing\"\n", "Did you mean 'design'?");
  refused("first_stage = { subchain = 2 }\n", "model");
  refused("warmup = 0\nfirst_stage = { model = { kind = \"linear\" } }\n", "run.toml:2: warmup");
  refused("warmup = 2\nstages = 3\n", "run.toml:3: stages");
  refused("proposal = { kind = \"pcn\", step = 2 }\n", "up to 1");
  refused(
      "proposal = { kind = \"langevin\" }\nfirst_stage = { plain = 0.1, model = { kind = "
      "\"linear\" } "
      "}\n",
      "no gradient");
}

TEST_CASE("autocovariances are what their sums say")
{
  for (const std::size_t count : {1U, 5U, 64U, 100U}) {
    Random random{3};
    std::vector<double> numbers(count);
    for (double& number : numbers) number = random.normal();
    const auto found = autocovariances(numbers);
    REQUIRE(found.size() == count);
    for (std::size_t lag = 0; lag < count; ++lag) {
      double sum = 0;
      for (std::size_t i = 0; i + lag < count; ++i) sum += numbers[i] * numbers[i + lag];
      CHECK(std::abs(found[lag] - sum / static_cast<double>(count)) < 1e-12);
    }
  }
}
