/// A Gaussian linear problem, whose posterior is known in closed form, and runs of it.
#pragma once

#include "mpi/comm.hpp"
#include "support/run_file.hpp"

#include <cardan/session.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace test::gaussian {

constexpr std::array<std::array<double, 3>, 4> matrix{
    {{1, 0.5, 0}, {0, 1, 0.3}, {0.2, 0, 0.1}, {1, 1, 1}}};

inline int world_size()
{
  return cardan::mpi::size(MPI_COMM_WORLD);
}

inline int ml_ranks()
{
  return world_size() > 3 ? 2 : world_size() > 1 ? 1 : 0;
}

inline void solve(std::span<const double> theta, std::span<double> predicted)
{
  for (std::size_t j = 0; j < predicted.size(); ++j) {
    predicted[j] = 0;
    for (std::size_t i = 0; i < theta.size(); ++i) predicted[j] += matrix[j][i] * theta[i];
  }
}

inline cardan::InverseProblem linear()
{
  cardan::InverseProblem problem;
  problem.prior_mean = {0, 0.5, -1};
  problem.prior_deviation = {1, 2, 1.5};
  problem.data = {1, 0.4, 0.1, 0.8};
  problem.data_deviation = {0.3, 0.5, 0.4, 0.6};
  problem.solve = solve;
  problem.pull_back = [](std::span<const double>, std::span<const double> weights,
                         std::span<double> gradient) {
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] = 0;
      for (std::size_t j = 0; j < weights.size(); ++j) gradient[i] += matrix[j][i] * weights[j];
    }
  };
  return problem;
}

/// Mean and standard deviations of the posterior: Gauss-Jordan on the normal equations.
struct Posterior {
  std::array<double, 3> mean{};
  std::array<double, 3> deviation{};
};

inline Posterior posterior(const cardan::InverseProblem& problem)
{
  std::array<std::array<double, 7>, 3> rows{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double precision = 1 / (problem.prior_deviation[i] * problem.prior_deviation[i]);
    rows[i][i] = precision;
    rows[i][3 + i] = 1;
    rows[i][6] = precision * problem.prior_mean[i];
    for (std::size_t j = 0; j < 4; ++j) {
      const double weight = 1 / (problem.data_deviation[j] * problem.data_deviation[j]);
      for (std::size_t k = 0; k < 3; ++k) rows[i][k] += weight * matrix[j][i] * matrix[j][k];
      rows[i][6] += weight * matrix[j][i] * problem.data[j];
    }
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const double pivot = rows[i][i];
    for (double& each : rows[i]) each /= pivot;
    for (std::size_t k = 0; k < 3; ++k) {
      if (k == i) continue;
      const double factor = rows[k][i];
      for (std::size_t c = 0; c < 7; ++c) rows[k][c] -= factor * rows[i][c];
    }
  }
  Posterior result;
  for (std::size_t i = 0; i < 3; ++i) {
    result.mean[i] = rows[i][6];
    result.deviation[i] = std::sqrt(rows[i][3 + i]);
  }
  return result;
}

struct Outcome {
  cardan::InverseReport report;
  std::vector<cardan::InverseSample> samples;
  bool simulates = false;
};

inline Outcome run(const std::string& keys, const cardan::InverseProblem& problem, int times = 1,
                   bool fails = false)
{
  const test::RunFile file{MPI_COMM_WORLD, "inverse",
                           test::quiet_run(ml_ranks(), "[inverse.p]\n" + keys)};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  Outcome outcome;
  if (session.serves()) {
    const int served = session.serve();
    CHECK((fails || served == 0));
    return outcome;
  }
  auto inverse = session.inverse("p", problem);
  for (int i = 0; i < times; ++i) static_cast<void>(inverse.run());
  outcome.report = inverse.report();
  outcome.samples = inverse.samples();
  outcome.simulates = true;
  return outcome;
}

/// Within five standard errors of what the posterior is, by the chains' own effective samples.
inline void check_posterior(const cardan::InverseReport& report, const Posterior& wanted)
{
  REQUIRE(report.mean.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CAPTURE(i);
    CHECK(report.effective[i] > 100);
    const double error = wanted.deviation[i] / std::sqrt(report.effective[i]);
    CHECK(std::abs(report.mean[i] - wanted.mean[i]) < 5 * error);
    CHECK(std::abs(report.deviation[i] - wanted.deviation[i]) < 5 * error);
    CHECK(report.reduction[i] < 1.1);
  }
}

}  // namespace test::gaussian
