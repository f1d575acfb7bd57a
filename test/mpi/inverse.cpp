// A Gaussian linear problem, whose posterior is known in closed form: by random walks, by delayed
// acceptance with good, bad and wrong surrogates, and its most likely point by a design.

#include "support/gaussian_inverse.hpp"

#include <cardan/archive.hpp>
#include <cardan/error.hpp>
#include <cardan/session.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

using namespace test::gaussian;

TEST_CASE("walks without a surrogate find the posterior, the same on any number of ranks")
{
  for (const std::string kind : {"random_walk", "pcn", "preconditioned", "langevin"}) {
    CAPTURE(kind);
    const auto outcome =
        run("chains = 6\nsteps = 1500\nwarmup = 400\nproposal = { kind = \"" + kind + "\" }\n",
            linear());
    if (!outcome.simulates) continue;
    const auto& report = outcome.report;
    check_posterior(report, posterior(linear()));
    CHECK(report.steps == 9000);
    CHECK(report.decided == 9000);
    CHECK(report.accepted > 500);
    CHECK(report.failed == 0);
    CHECK(report.versions == 0);
    // One at the begin of each chain, one for each step, two along a gradient.
    CHECK(report.solves == (kind == "langevin" ? 2 : 1) * (6 + 6 * 1900));
    CHECK(report.solves - report.solves_before == (kind == "langevin" ? 2 : 1) * 9000);
    // Covariances are found from a rank's own chains where there is no ML rank.
    if (world_size() > 1 && kind == "random_walk")
      CHECK(report.mean[0] == doctest::Approx(0.616).epsilon(0.1));
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    for (const auto& sample : outcome.samples) {
      CHECK(sample.theta.size() == 3);
      if (ml_ranks() == 0) CHECK(sample.chain % 1 == 0);
    }
  }
}

TEST_CASE("a surrogate, good, bad or wrong, changes how fast a chain is and not where it goes")
{
  if (world_size() == 1) return;
  struct Case {
    std::string stage;
    double least_acceptance;
  };
  const std::string good = "model = { kind = \"linear\" }";
  const std::vector<Case> cases{
      {good + ", subchain = 1", 0.9},
      {good + ", subchain = 20", 0.9},
      {good + ", subchain = 5, wrong = 0.3, plain = 0.1", 0.1},
      {good + ", subchain = 5, error_model = \"none\", proposal = { kind = \"pcn\" }", 0.9},
      {"model = { kind = \"linear\", ridge = 5 }, subchain = 3, error_model = \"diagonal\"", 0.03},
      {"model = { kind = \"knn\", neighbours = 3 }, subchain = 3", 0.03}};
  for (const auto& each : cases) {
    CAPTURE(each.stage);
    const auto outcome = run(
        "chains = 5\nsteps = 1500\nwarmup = 400\nthin = 3\nfirst_stage = { " + each.stage + " }\n",
        linear());
    if (!outcome.simulates) continue;
    const auto& report = outcome.report;
    check_posterior(report, posterior(linear()));
    CHECK(report.versions == 4);
    CHECK(report.passed <= report.proposed);
    CHECK(report.decided <= report.steps);
    CHECK(report.mean_age > 0);
    CHECK(static_cast<double>(report.accepted) >=
          each.least_acceptance * static_cast<double>(report.decided));
    if (each.least_acceptance > 0.5) CHECK(report.surrogate_error < 1e-6);
    for (const auto& sample : outcome.samples) CHECK(sample.step % 3 == 0);
  }
}

TEST_CASE("each rank has the samples of its chains, and a second run goes on")
{
  const auto outcome = run("chains = 4\nsteps = 50\nwarmup = 20\n", linear(), 2);
  if (!outcome.simulates) return;
  CHECK(outcome.report.steps == 4 * 100);
  CHECK(outcome.report.solves == 4 * (1 + 20 + 100));
  const int ranks = world_size() - ml_ranks();
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  std::int64_t step = 0;
  std::size_t chains = 0;
  for (const auto& sample : outcome.samples) {
    CHECK(sample.step == step);
    step = (step + 1) % 100;
    if (sample.step == 0) ++chains;
    double log_prior = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto problem = linear();
      const double away = (sample.theta[i] - problem.prior_mean[i]) / problem.prior_deviation[i];
      log_prior -= 0.5 * away * away;
    }
    CHECK(sample.log_prior == doctest::Approx(log_prior));
    CHECK(sample.chain % ranks == outcome.samples.front().chain % ranks);
  }
  CHECK(chains <= static_cast<std::size_t>(4 / ranks + 1));
}

TEST_CASE("predictions that are not numbers are rejected")
{
  auto problem = linear();
  problem.solve = [](std::span<const double> theta, std::span<double> predicted) {
    solve(theta, predicted);
    if (theta[0] > 0.8) predicted[1] = std::numeric_limits<double>::quiet_NaN();
  };
  const std::string surrogate =
      world_size() > 1 ? "first_stage = { model = { kind = \"linear\" }, subchain = 4 }\n" : "";
  const auto outcome = run("chains = 3\nsteps = 300\nwarmup = 100\n" + surrogate, problem);
  if (!outcome.simulates) return;
  CHECK(outcome.report.failed > 0);
  for (const auto& sample : outcome.samples) CHECK(sample.theta[0] <= 0.8);
}

TEST_CASE("what one rank's solve throws ends the run on all")
{
  std::string message;
  try {
    auto problem = linear();
    const int last = world_size() - ml_ranks() - 1;
    int solved = 0;
    problem.solve = [&](std::span<const double> theta, std::span<double> predicted) {
      int rank = 0;
      MPI_Comm_rank(MPI_COMM_WORLD, &rank);
      if (rank == last && ++solved == 10) throw std::runtime_error{"the mesh is torn"};
      solve(theta, predicted);
    };
    const test::RunFile file{
        MPI_COMM_WORLD, "inverse",
        test::quiet_run(ml_ranks(), "[inverse.p]\nchains = 12\nsteps = 100000\n")};
    cardan::Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      static_cast<void>(session.serve());
      return;
    }
    static_cast<void>(session.inverse("p", problem).run());
  } catch (const std::exception& error) {
    message = error.what();
  }
  CHECK(message.find("the mesh is torn") != std::string::npos);
}

TEST_CASE("without a gradient nothing can follow one")
{
  if (world_size() > 1) return;
  auto problem = linear();
  problem.pull_back = nullptr;
  std::string message;
  try {
    if (!run("proposal = { kind = \"langevin\" }\n", problem, 1, true).simulates) return;
  } catch (const std::exception& error) {
    message = error.what();
  }
  CHECK(message.find("gradient to follow") != std::string::npos);
}

TEST_CASE("a design is the most likely point, by the adjoint or through the surrogate")
{
  const auto wanted = posterior(linear());
  for (const bool adjoint : {true, false}) {
    if (!adjoint && world_size() == 1) continue;
    CAPTURE(adjoint);
    auto problem = linear();
    if (!adjoint) problem.pull_back = nullptr;
    const auto outcome =
        run("mode = \"design\"\nchains = 3\nscatter = 1\ndesign = { iterations = 30 }\n" +
                std::string(adjoint ? "" : "first_stage = { model = { kind = \"linear\" } }\n"),
            problem);
    if (!outcome.simulates) continue;
    const auto& report = outcome.report;
    REQUIRE(report.design.size() == 3);
    for (std::size_t i = 0; i < 3; ++i)
      CHECK(report.design[i] == doctest::Approx(wanted.mean[i]).epsilon(1e-3));
    std::vector<double> predicted(4);
    solve(report.design, predicted);
    double misfit = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const double error = (predicted[j] - problem.data[j]) / problem.data_deviation[j];
      misfit += 0.5 * error * error;
    }
    CHECK(report.misfit == doctest::Approx(misfit));
    CHECK(report.misfits.size() == static_cast<std::size_t>(report.solves / (adjoint ? 2 : 1)));
  }
}
