// A one-scale twin of a two-scale asset: its analysis increments teach what it lacks.
#include "climate.hpp"
#include "filter.hpp"
#include "increments.hpp"
#include "lorenz96.hpp"
#include "two_scale.hpp"

#include <doctest/doctest.h>
#include <mpi.h>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace {

// The rate as a straight line of the site's state.
struct Line {
  double constant = 0;
  double slope = 0;
};

class LeastSquares {
 public:
  void add(double x, double y)
  {
    n_ += 1;
    x_ += x;
    y_ += y;
    xx_ += x * x;
    xy_ += x * y;
  }
  [[nodiscard]] Line line() const
  {
    const double slope = (n_ * xy_ - x_ * y_) / (n_ * xx_ - x_ * x_);
    return {(y_ - slope * x_) / n_, slope};
  }

 private:
  double n_ = 0;
  double x_ = 0;
  double y_ = 0;
  double xx_ = 0;
  double xy_ = 0;
};

struct Outcome {
  double analysis = 0;
  double forecast = 0;
  Line learned;
};

// Wilks' (2005) asset, all slow sites seen each 0.05 with error variance 0.1. The increments of the
// first 1200 cycles teach; the last 1200 count.
Outcome run(std::uint64_t seed, twin::CorrectionPlace place, bool corrects)
{
  twin::TwoScale asset({});
  twin::Lorenz96 base({8, 20, 0.05});
  twin::CorrectedModel model(base, place);
  std::vector<double> truth = twin::attractor_state(asset, seed);
  twin::Ensemble ensemble(MPI_COMM_SELF, 20, 8);
  twin::scatter(ensemble, std::span(truth).first(8), 0.5, seed);
  twin::FilterSettings settings;
  settings.inflation = 1.4;
  settings.rotate = true;
  settings.seed = seed;
  const auto filter = twin::make_filter(settings);
  const auto sites = twin::every_site(8);
  twin::Increments increments(8);
  LeastSquares squares;
  Outcome outcome;
  for (int cycle = 0; cycle < 2600; ++cycle) {
    increments.begin(ensemble.mean());
    asset.advance(truth, 10);
    twin::forecast(ensemble, model, 1);
    const std::vector<double> forecast = ensemble.mean();
    filter->analyse(ensemble, twin::observe(truth, sites, std::sqrt(0.1), seed, cycle), cycle);
    const std::vector<double> analysis = ensemble.mean();
    const auto pair = increments.end(forecast, analysis, 0.05);
    for (std::size_t i = 0; i < 8 && cycle >= 100 && cycle < 1300; ++i) {
      squares.add(pair.before[i], pair.rate[i]);
    }
    if (cycle == 1300) {
      outcome.learned = squares.line();
      const Line line = outcome.learned;
      if (corrects) {
        model.use([line](std::span<const double> states, std::span<double> rates) {
          for (std::size_t i = 0; i < states.size(); ++i) {
            rates[i] = line.constant + line.slope * states[i];
          }
        });
      }
    }
    if (cycle < 1400) continue;
    double a = 0;
    double f = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      a += std::pow(analysis[i] - truth[i], 2) / 8;
      f += std::pow(forecast[i] - truth[i], 2) / 8;
    }
    outcome.analysis += std::sqrt(a) / 1200;
    outcome.forecast += std::sqrt(f) / 1200;
  }
  return outcome;
}

}  // namespace

TEST_CASE("increments teach the twin of a two-scale asset what it lacks")
{
  for (const std::uint64_t seed : {1U, 2U}) {
    const Outcome without = run(seed, twin::CorrectionPlace::end, false);
    // The fast sites hold the slow ones back: Wilks' own fit falls by about 0.8 for each unit.
    CHECK(without.learned.slope < -0.4);
    CHECK(without.learned.slope > -1.2);
    for (const auto place : {twin::CorrectionPlace::end, twin::CorrectionPlace::within}) {
      const Outcome with = run(seed, place, true);
      CHECK(with.forecast < 0.8 * without.forecast);
      CHECK(with.analysis < 0.95 * without.analysis);
    }
  }
}
