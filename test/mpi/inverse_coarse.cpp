// A coarse model before the exact one, alone and corrected by a model that learns: on a Gaussian
// linear problem, whose posterior is known in closed form.

#include "support/gaussian_inverse.hpp"

#include <cardan/error.hpp>
#include <cardan/inverse.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string>

using namespace test::gaussian;

namespace {

/// Off by a tenth, and by a constant.
void register_coarse()
{
  cardan::register_coarse_model("rough", [] {
    return [](std::span<const double> theta, std::span<double> predicted) {
      solve(theta, predicted);
      for (double& number : predicted) number = 0.9 * number + 0.3;
    };
  });
}

std::string keys(const std::string& stage)
{
  return "chains = 5\nsteps = 1500\nwarmup = 400\nfirst_stage = { coarse = \"rough\", " + stage +
         " }\n";
}

/// What a run that must not come to its end says, on this rank.
std::string refusal(const std::string& text)
{
  const test::RunFile file{MPI_COMM_WORLD, "inverse_coarse", text};
  try {
    cardan::Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      static_cast<void>(session.serve());
      return {};
    }
    static_cast<void>(session.inverse("p", linear()).run());
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a coarse model, alone or corrected, changes how fast a chain is and not where it goes")
{
  if (world_size() == 1) return;
  register_coarse();
  struct Case {
    std::string stage;
    double least_acceptance;
    bool learns;
  };
  for (const auto& each :
       {Case{"subchain = 10", 0.5, false}, Case{"subchain = 1, error_model = \"none\"", 0.3, false},
        Case{"subchain = 10, wrong = 0.2", 0.1, false},
        Case{"subchain = 10, ahead = 0, plain = 0.2", 0.5, false},
        Case{"subchain = 20, model = { kind = \"linear\" }", 0.98, true}}) {
    CAPTURE(each.stage);
    const auto outcome = run(keys(each.stage), linear());
    if (!outcome.simulates) continue;
    const auto& report = outcome.report;
    check_posterior(report, posterior(linear()));
    CHECK(report.versions == 4);
    CHECK(static_cast<double>(report.accepted) >=
          each.least_acceptance * static_cast<double>(report.decided));
    if (each.learns) CHECK(report.surrogate_error < 1e-6);
    // A step is a coarse solve, unless the chain stood still; and each solve is compared with one.
    CHECK(report.coarse_solves >= report.proposed);
    // At most one at the begin of each chain and one for each step.
    CHECK(report.solves <= 5 + 5 * 1900);
  }
}

TEST_CASE("chains go ahead by the coarse model: no solve is made far away")
{
  if (world_size() == 1) return;
  register_coarse();
  const auto wanted = posterior(linear());
  for (const bool ahead : {true, false}) {
    CAPTURE(ahead);
    auto problem = linear();
    problem.start = {40, -40, 40};
    double farthest = 0;
    problem.solve = [&](std::span<const double> theta, std::span<double> predicted) {
      for (std::size_t i = 0; i < theta.size(); ++i)
        farthest = std::max(farthest, std::abs(theta[i] - wanted.mean[i]) / wanted.deviation[i]);
      solve(theta, predicted);
    };
    static_cast<void>(
        run("chains = 4\nsteps = 20\nwarmup = 20\nfirst_stage = { coarse = \"rough\", ahead = " +
                std::string(ahead ? "2000" : "0") + " }\n",
            problem));
    MPI_Allreduce(MPI_IN_PLACE, &farthest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    CHECK((farthest < 8) == ahead);
  }
}

TEST_CASE("a coarse model that nobody knows, or that throws, ends the run with a message")
{
  if (world_size() == 1) return;
  register_coarse();
  cardan::register_coarse_model("torn", [] {
    return [](std::span<const double>, std::span<double>) {
      throw std::runtime_error{"the coarse mesh is torn"};
    };
  });
  const auto text = [](const std::string& stage) {
    return test::quiet_run(ml_ranks(), "[inverse.p]\nfirst_stage = { " + stage + " }\n");
  };
  struct Case {
    const char* stage;
    const char* message;
  };
  const Case cases[]{
      {"coarse = \"rouhg\"", "Did you mean 'rough'?"},
      {"coarse = \"torn\"", "the coarse mesh is torn"},
      {"subchain = 3", "neither a model nor a coarse one"},
      {"ahead = 5, model = { kind = \"linear\" }", "no coarse model to go ahead by"}};
  const bool simulates = test::rank_in(MPI_COMM_WORLD) == 0;
  for (const Case& each : cases) {
    CAPTURE(each.stage);
    const std::string said = refusal(text(each.stage));
    INFO(said);
    if (simulates) CHECK(said.find(each.message) != std::string::npos);
  }
}
