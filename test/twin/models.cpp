// Lorenz-96 of one scale and two: tendencies by hand, the order of the scheme, corrections.
#include "climate.hpp"
#include "increments.hpp"
#include "lorenz96.hpp"
#include "two_scale.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

using twin::CorrectedModel;
using twin::CorrectionPlace;
using twin::Lorenz96;
using twin::Model;
using twin::TwoScale;

namespace {

TwoScale::Settings two_scale(double dt = 0.005)
{
  TwoScale::Settings settings;
  settings.slow = 5;
  settings.fast = 4;
  settings.forcing = 10;
  settings.dt = dt;
  return settings;
}

// The distance from a run of 1/64 of the step, after 0.4 time units.
double error_of(double dt, const std::function<std::unique_ptr<Model>(double)>& make,
                const std::vector<double>& start)
{
  const auto after = [&](double step) {
    std::vector<double> state = start;
    make(step)->advance(state, static_cast<int>(std::lround(0.4 / step)));
    return state;
  };
  const std::vector<double> coarse = after(dt);
  const std::vector<double> fine = after(dt / 64);
  double largest = 0;
  for (std::size_t i = 0; i < coarse.size(); ++i) {
    largest = std::max(largest, std::abs(coarse[i] - fine[i]));
  }
  return largest;
}

}  // namespace

TEST_CASE("the tendency of one scale is what a hand finds")
{
  const Lorenz96 model({5, 8, 0.05});
  const std::vector<double> x = {1, 2, 3, 4, 5};
  std::vector<double> rates(5);
  model.tendency(x.data(), rates.data());
  // (x2 - x4) x5 - x1 + 8 and so on round the ring.
  CHECK(rates == std::vector<double>{(2 - 4) * 5 - 1 + 8, (3 - 5) * 1 - 2 + 8, (4 - 1) * 2 - 3 + 8,
                                     (5 - 2) * 3 - 4 + 8, (1 - 3) * 4 - 5 + 8});
}

TEST_CASE("the tendency of two scales is what a hand finds")
{
  TwoScale::Settings settings;
  settings.slow = 4;
  settings.fast = 1;
  settings.forcing = 6;
  settings.coupling = 0.5;
  settings.amplitudes = 2;
  settings.times = 4;
  const TwoScale model(settings);
  const std::vector<double> state = {1, 2, 3, 4, 0.1, 0.2, 0.3, 0.4};
  std::vector<double> rates(8);
  model.tendency(state.data(), rates.data());
  // h c / b = 1, c b = 8.
  const std::vector<double> known = {
      (2 - 3) * 4 - 1 + 6 - 0.1,           (3 - 4) * 1 - 2 + 6 - 0.2,
      (4 - 1) * 2 - 3 + 6 - 0.3,           (1 - 2) * 3 - 4 + 6 - 0.4,
      8 * (0.4 - 0.3) * 0.2 - 4 * 0.1 + 1, 8 * (0.1 - 0.4) * 0.3 - 4 * 0.2 + 2,
      8 * (0.2 - 0.1) * 0.4 - 4 * 0.3 + 3, 8 * (0.3 - 0.2) * 0.1 - 4 * 0.4 + 4};
  for (std::size_t i = 0; i < known.size(); ++i) CHECK(rates[i] == doctest::Approx(known[i]));
}

TEST_CASE("advection keeps the energy")
{
  // sum x dx = sum (F x - x^2), and what the scales exchange cancels; c b and b scale Y's part.
  auto settings = two_scale();
  settings.amplitudes = 7;
  TwoScale model(settings);
  const std::vector<double> state = twin::attractor_state(model, 4);
  std::vector<double> rates(state.size());
  model.tendency(state.data(), rates.data());
  double gain = 0;
  double known = 0;
  for (std::size_t i = 0; i < state.size(); ++i) {
    gain += state[i] * rates[i];
    known += i < model.slow() ? settings.forcing * state[i] - state[i] * state[i]
                              : -settings.times * state[i] * state[i];
  }
  CHECK(gain == doctest::Approx(known).epsilon(1e-10));
}

TEST_CASE("the scheme is of fourth order")
{
  SUBCASE("one scale")
  {
    const auto make = [](double dt) {
      return std::make_unique<Lorenz96>(Lorenz96::Settings{12, 8, dt});
    };
    const auto start = twin::attractor_state(*make(0.01), 1);
    const double ratio = error_of(0.02, make, start) / error_of(0.01, make, start);
    CHECK(std::log2(ratio) == doctest::Approx(4).epsilon(0.06));
  }
  SUBCASE("two scales")
  {
    const auto make = [](double dt) { return std::make_unique<TwoScale>(two_scale(dt)); };
    const auto start = twin::attractor_state(*make(0.005), 1);
    const double ratio = error_of(0.0025, make, start) / error_of(0.00125, make, start);
    CHECK(std::log2(ratio) == doctest::Approx(4).epsilon(0.06));
  }
}

TEST_CASE("rows do not see each other, and forcing adds to the tendency")
{
  Lorenz96 model({6, 8, 0.05});
  const std::vector<double> one = twin::attractor_state(model, 1);
  const std::vector<double> two = twin::attractor_state(model, 2);
  std::vector<double> both = one;
  both.insert(both.end(), two.begin(), two.end());
  std::vector<double> forcing(12, 0);
  std::fill(forcing.begin() + 6, forcing.end(), 1.5);
  model.advance(both, 3, forcing);

  std::vector<double> first = one;
  model.advance(first, 3);
  Lorenz96 stronger({6, 9.5, 0.05});
  std::vector<double> second = two;
  stronger.advance(second, 3);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(both[i] == first[i]);
    CHECK(both[6 + i] == doctest::Approx(second[i]).epsilon(1e-12));
  }
  model.force(9.5);
  std::vector<double> changed = two;
  model.advance(changed, 3);
  CHECK(changed == second);
}

TEST_CASE("a correction of the forcing makes up for it")
{
  Lorenz96 wrong({8, 7, 0.05});
  Lorenz96 right({8, 8, 0.05});
  const auto start = twin::attractor_state(right, 3);
  const auto error = [&](Model& model) {
    std::vector<double> state = start;
    std::vector<double> truth = start;
    model.advance(state, 2);
    right.advance(truth, 2);
    double largest = 0;
    for (std::size_t i = 0; i < 8; ++i) largest = std::max(largest, std::abs(state[i] - truth[i]));
    return largest;
  };
  const double without = error(wrong);
  int calls = 0;
  const auto one = [&](std::span<const double> states, std::span<double> rates) {
    ++calls;
    CHECK(states.size() == rates.size());
    CHECK(std::equal(states.begin(), states.end(), start.begin()));
    std::ranges::fill(rates, 1.0);
  };
  CorrectedModel within(wrong, CorrectionPlace::within);
  CHECK(error(within) == without);
  within.use(one);
  CHECK(error(within) < 1e-12);
  CorrectedModel end(wrong, CorrectionPlace::end);
  end.use(one);
  // Of second order in the interval.
  CHECK(error(end) < without / 2);
  CHECK(calls == 2);
  end.use({});
  CHECK(error(end) == without);
}

TEST_CASE("increments teach the whole error, with a correction or without")
{
  twin::Increments increments(2);
  CHECK(increments.end(std::vector<double>{0, 0}, std::vector<double>{1, 1}, 0.5).rate.empty());
  increments.begin(std::vector<double>{1, 2});
  auto pair = increments.end(std::vector<double>{3, 4}, std::vector<double>{3.5, 3}, 0.5);
  CHECK(pair.before == std::vector<double>{1, 2});
  CHECK(pair.rate == std::vector<double>{1, -2});
  // Half of the error is corrected already: the forecast is nearer, the pair is the same.
  increments.begin(std::vector<double>{1, 2}, std::vector<double>{0.5, -1});
  pair = increments.end(std::vector<double>{3.25, 3.5}, std::vector<double>{3.5, 3}, 0.5);
  CHECK(pair.rate == std::vector<double>{1, -2});
  increments.begin(std::vector<double>{1, 2});
  increments.drop();
  CHECK(increments.end(std::vector<double>{0, 0}, std::vector<double>{1, 1}, 0.5).rate.empty());
}

TEST_CASE("two neighbours part by the Lyapunov exponent")
{
  Lorenz96 chaotic({});
  CHECK(twin::lyapunov_exponent(chaotic, 1, 2000) == doctest::Approx(1.69).epsilon(0.03));
  // Without forcing all states decay by x' = -x.
  Lorenz96 still({40, 0, 0.05});
  CHECK(twin::lyapunov_exponent(still, 1, 100) == doctest::Approx(-1).epsilon(0.01));
}

TEST_CASE("settings that make no sense are refused")
{
  CHECK_THROWS_AS(Lorenz96({3, 8, 0.05}), std::invalid_argument);
  CHECK_THROWS_AS(Lorenz96({40, 8, 0}), std::invalid_argument);
  CHECK_THROWS_AS(Lorenz96({40, NAN, 0.05}), std::invalid_argument);
  auto settings = two_scale();
  settings.fast = 0;
  CHECK_THROWS_AS(TwoScale{settings}, std::invalid_argument);
  settings = two_scale();
  settings.amplitudes = 0;
  CHECK_THROWS_AS(TwoScale{settings}, std::invalid_argument);
}
