// Filters on Lorenz-96: the same bits on any number of ranks, and errors that a wrong filter does
// not have. Longer runs are twin-check's.
#include "climate.hpp"
#include "experiment.hpp"
#include "lorenz96.hpp"
#include "support/world.hpp"
#include "two_scale.hpp"

#include <doctest/doctest.h>
#include <mpi.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using twin::Ensemble;
using twin::FilterKind;
using twin::FilterSettings;
using twin::Lorenz96;
using twin::Observation;

namespace {

std::vector<double> after_cycles(MPI_Comm comm, const FilterSettings& settings, std::size_t members)
{
  Lorenz96 model({17, 8, 0.05});
  const twin::Climate climate = twin::climate_of(model, 1, 50);
  std::vector<double> truth = twin::attractor_state(model, 1);
  Ensemble ensemble(comm, members, model.size());
  twin::scatter(ensemble, truth, 0.5, 2);
  const auto filter = twin::make_filter(settings, &climate);
  for (int cycle = 0; cycle < 6; ++cycle) {
    model.advance(truth, 2);
    twin::forecast(ensemble, model, 2);
    const auto sites = twin::choose_sites({twin::SiteRule::spread, 9, 1}, ensemble, cycle);
    filter->analyse(ensemble, twin::observe(truth, sites, 1, 3, cycle), cycle);
  }
  const auto everything = ensemble.gather();
  return {everything.begin(), everything.end()};
}

}  // namespace

TEST_CASE("any number of ranks gives the same bits")
{
  FilterSettings settings;
  settings.inflation = 1.02;
  SUBCASE("stochastic")
  {
    settings.kind = FilterKind::stochastic;
  }
  SUBCASE("deterministic")
  {
    settings.kind = FilterKind::deterministic;
  }
  SUBCASE("square root") {}
  SUBCASE("square root, rotated")
  {
    settings.rotate = true;
  }
  SUBCASE("square root, adaptive")
  {
    settings.adaptive = true;
  }
  SUBCASE("local")
  {
    settings.kind = FilterKind::local;
  }
  SUBCASE("local, rotated, in batches")
  {
    settings.kind = FilterKind::local;
    settings.batch = 3;
    settings.rotate = true;
  }
  SUBCASE("variational")
  {
    settings.kind = FilterKind::variational;
  }
  // Fewer members than ranks as well.
  for (const std::size_t members : {2U, 7U, 23U}) {
    const auto shared = after_cycles(MPI_COMM_WORLD, settings, members);
    CHECK(shared == after_cycles(MPI_COMM_SELF, settings, members));
    CHECK(std::ranges::all_of(shared, [](double x) { return std::isfinite(x); }));
    settings.seed = 2;
    const bool draws = settings.rotate || settings.kind == FilterKind::stochastic;
    CHECK((after_cycles(MPI_COMM_WORLD, settings, members) != shared) == draws);
    settings.seed = 1;
  }
}

TEST_CASE("nothing seen changes nothing, and what cannot have been seen is refused")
{
  for (const FilterKind kind :
       {FilterKind::stochastic, FilterKind::square_root, FilterKind::local}) {
    Ensemble ensemble(MPI_COMM_WORLD, 5, 8);
    twin::scatter(ensemble, std::vector<double>(8), 1, 1);
    const std::vector<double> before(ensemble.states().begin(), ensemble.states().end());
    FilterSettings settings;
    settings.kind = kind;
    settings.inflation = 1.1;
    settings.rotate = true;
    const auto filter = twin::make_filter(settings);
    filter->analyse(ensemble, {}, 0);
    CHECK(std::ranges::equal(ensemble.states(), before));
    CHECK_THROWS_AS(filter->analyse(ensemble, {{8}, {0}, {1}}, 0), std::invalid_argument);
    CHECK_THROWS_AS(filter->analyse(ensemble, {{-1}, {0}, {1}}, 0), std::invalid_argument);
    CHECK_THROWS_AS(filter->analyse(ensemble, {{1, 1}, {0, 0}, {1, 1}}, 0), std::invalid_argument);
    CHECK_THROWS_AS(filter->analyse(ensemble, {{1}, {0, 0}, {1}}, 0), std::invalid_argument);
    CHECK_THROWS_AS(filter->analyse(ensemble, {{1}, {0}, {0}}, 0), std::invalid_argument);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(filter->analyse(ensemble, {{1}, {nan}, {1}}, 0), std::invalid_argument);
    CHECK(std::ranges::equal(ensemble.states(), before));
    // One rank's member is every rank's error.
    for (const double bad : {nan, 1e200}) {
      Ensemble lost = ensemble;
      if (lost.first() == 0 && lost.count() > 0) lost.states()[7] = bad;
      CHECK_THROWS_AS(filter->analyse(lost, {{7}, {0}, {1}}, 0), std::runtime_error);
    }
    Ensemble single(MPI_COMM_WORLD, 1, 8);
    CHECK_THROWS_AS(filter->analyse(single, {{1}, {0}, {1}}, 0), std::invalid_argument);
  }
}

TEST_CASE("localisation leaves far sites alone")
{
  FilterSettings settings;
  settings.kind = FilterKind::local;
  settings.radius = 1;
  Ensemble ensemble(MPI_COMM_WORLD, 5, 20);
  twin::scatter(ensemble, std::vector<double>(20), 1, 1);
  const std::vector<double> before = ensemble.mean();
  twin::make_filter(settings)->analyse(ensemble, {{19}, {4}, {0.5}}, 0);
  const std::vector<double> after = ensemble.mean();
  for (std::size_t i = 0; i < 20; ++i) {
    // 3.64 radii to either side, across the ring's ends.
    const bool near = i <= 2 || i >= 16;
    CHECK((std::abs(after[i] - before[i]) > 1e-9) == near);
  }
  CHECK(twin::gaspari_cohn(0, 4) == 1);
  CHECK(twin::gaspari_cohn(4, 4) == doctest::Approx(std::exp(-0.5)).epsilon(0.02));
  CHECK(twin::gaspari_cohn(1.82 * 4, 4) == doctest::Approx(5.0 / 24));
  CHECK(std::abs(twin::gaspari_cohn(3.639999 * 4, 4)) < 1e-12);
  CHECK(twin::gaspari_cohn(15, 4) == 0);
}

TEST_CASE("a filter tracks Lorenz-96, and a wrong one does not")
{
  // What a run gives is the same on any number of ranks.
  if (test::world_size() > 1) return;
  Lorenz96 asset({});
  Lorenz96 model({});
  twin::ExperimentSettings settings;
  settings.members = 24;
  settings.cycles = 400;
  settings.spin_up = 200;
  FilterSettings right;
  right.inflation = 1.02;
  right.rotate = true;
  const auto error = [&](const FilterSettings& filter) {
    return twin::run_experiment(MPI_COMM_WORLD, settings, asset, model, *twin::make_filter(filter))
        .analysis;
  };
  const double tracked = error(right);
  CHECK(tracked > 0.15);
  CHECK(tracked < 0.21);
  // Too sure of itself, it loses track.
  FilterSettings wrong = right;
  wrong.inflation = 0.95;
  CHECK(error(wrong) > 1);
  // So it does when it believes in another forcing.
  model.force(11);
  CHECK(error(right) > 0.4);
}

TEST_CASE("a longer asset is seen through its first sites")
{
  if (test::world_size() > 1) return;
  twin::TwoScale::Settings two;
  two.slow = 8;
  two.fast = 4;
  two.forcing = 8;
  twin::TwoScale asset(two);
  Lorenz96 model({8, 8, 0.05});
  twin::ExperimentSettings settings;
  settings.members = 10;
  settings.cycles = 300;
  settings.spin_up = 50;
  FilterSettings filter;
  filter.inflation = 1.2;
  const auto score =
      twin::run_experiment(MPI_COMM_WORLD, settings, asset, model, *twin::make_filter(filter), 10);
  CHECK(score.analysis < score.forecast);
  CHECK(score.analysis < 1);
  CHECK_THROWS_AS(
      twin::run_experiment(MPI_COMM_WORLD, settings, model, asset, *twin::make_filter(filter)),
      std::invalid_argument);
}

TEST_CASE("settings of filters")
{
  for (const auto kind :
       {FilterKind::free_run, FilterKind::climatology, FilterKind::optimal_interpolation,
        FilterKind::variational, FilterKind::stochastic, FilterKind::deterministic,
        FilterKind::square_root, FilterKind::local}) {
    CHECK(twin::filter_kind(twin::to_string(kind)) == kind);
  }
  CHECK_THROWS_AS(twin::filter_kind("kalman"), std::invalid_argument);
  FilterSettings settings;
  settings.inflation = 0;
  CHECK_THROWS_WITH_AS(twin::make_filter(settings),
                       "filter: inflation = 0.000000 (must be positive and finite)",
                       std::invalid_argument);
  settings = {};
  settings.batch = 0;
  CHECK_THROWS_AS(twin::make_filter(settings), std::invalid_argument);
  settings = {};
  settings.radius = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(twin::make_filter(settings), std::invalid_argument);
}
