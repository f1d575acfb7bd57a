// The Fourier neural operator, against exact solutions of Burgers' and the heat equation.
#include "torch/cole_hopf.hpp"
#include "torch/fit.torch.hpp"
#include "torch/waves.torch.hpp"

#include <doctest/doctest.h>

namespace {

constexpr double pi = M_PI;

/// From -a sin(pi x + p) + b sin(2 pi x + q) at t = 0 to the solution at t = 0.5, nu = 0.05, on
/// [-1, 1).
test::Samples burgers(std::int64_t count, std::int64_t points, std::uint64_t seed)
{
  torch::manual_seed(seed);
  const at::Tensor draws = at::rand({count, 4}, at::kDouble);
  const auto draw = draws.accessor<double, 2>();
  test::Samples samples{at::empty({count, 1, points}), at::empty({count, 1, points})};
  auto x = samples.x.accessor<float, 3>();
  auto y = samples.y.accessor<float, 3>();
  for (std::int64_t i = 0; i < count; ++i) {
    const test::Burgers problem{0.05,
                                {{-0.5 - 0.5 * draw[i][0], 1, 2 * pi * draw[i][1]},
                                 {0.5 * draw[i][2], 2, 2 * pi * draw[i][3]}}};
    for (std::int64_t j = 0; j < points; ++j) {
      const double place = 2.0 * static_cast<double>(j) / static_cast<double>(points) - 1;
      double start = 0;
      for (const auto& wave : problem.start)
        start += wave.amplitude * std::sin(wave.k * pi * place + wave.phase);
      x[i][0][j] = static_cast<float>(start);
      y[i][0][j] = static_cast<float>(test::cole_hopf(problem, place, 0.5, 200).value);
    }
  }
  return samples;
}

}  // namespace

TEST_CASE("the Cole-Hopf solution has the largest slope that is known of it")
{
  // Basdevant et al., "Spectral and finite difference solutions of the Burgers equation", 1986.
  const test::Burgers problem{0.01 / pi, {{-1, 1, 0}}};
  const auto slope = [&](double pi_t) { return test::cole_hopf(problem, 0, pi_t / pi).slope; };
  CHECK(slope(1.6037) == doctest::Approx(-152.00516).epsilon(1e-7));
  MESSAGE("largest slope " << std::to_string(slope(1.6037)));
  CHECK(slope(1.6037) < slope(1.6036 - 1e-3));
  CHECK(slope(1.6037) < slope(1.6038 + 1e-3));
  CHECK(test::cole_hopf(problem, 0, 0.5).value == doctest::Approx(0).epsilon(1e-12));
  // u_t + u u_x = nu u_xx, by differences.
  const test::Burgers mild{0.05, {{-0.7, 1, 0.4}, {0.3, 2, 1.1}}};
  const double h = 1e-4;
  const auto u = [&](double x, double t) { return test::cole_hopf(mild, x, t); };
  const auto at = u(0.3, 0.5);
  const double u_t = (u(0.3, 0.5 + h).value - u(0.3, 0.5 - h).value) / (2 * h);
  const double u_xx = (u(0.3 + h, 0.5).slope - u(0.3 - h, 0.5).slope) / (2 * h);
  CHECK(u_t + at.value * at.slope == doctest::Approx(0.05 * u_xx).epsilon(1e-6));
  CHECK(u(0.3, 0.5).value == doctest::Approx(test::cole_hopf(mild, 0.3, 0.5, 200).value));
}

TEST_CASE("fno learns Burgers' equation, and answers on a finer grid")
{
  const test::Samples known = burgers(400, 64, 1);
  const test::Samples held_out = burgers(100, 64, 2);
  const test::Samples finer = burgers(100, 128, 2);
  CHECK(test::difference(held_out.x, held_out.y) > 0.5);

  const auto network =
      test::make("fno", "width = 24\nmodes = 16\ncoordinates = false", test::image({64}));
  test::train(*network, known, {700, 20, 3e-3});
  const double error = test::error_of(*network, held_out);
  const double on_finer = test::error_of(*network, finer);
  MESSAGE("relative error " << error << ", on 128 points " << on_finer);
  CHECK(error < 0.02);
  CHECK(on_finer < 0.02);

  // Without Fourier coefficients beside the mean a point knows nothing of its neighbours.
  const double blind = test::fitted_error("fno", "width = 24\nmodes = 1\ncoordinates = false",
                                          test::image({64}), known, held_out, {100, 20, 3e-3});
  CHECK(blind > 0.2);
}

TEST_CASE("fno learns the heat equation on a plane")
{
  torch::manual_seed(3);
  const auto sample = [](std::int64_t count, double last) {
    const at::Tensor start = test::random_fields({16, 24}, count, 5e-4);
    const at::Tensor end = test::after_heat(start, last);
    return test::Samples{start, end};
  };
  const double last = 2e-3;
  const test::Samples known = sample(300, last);
  const test::Samples held_out = sample(50, last);
  CHECK(test::difference(held_out.x, held_out.y) > 0.5);
  const double error = test::fitted_error("fno", "width = 12\ndepth = 3\nmodes = [8, 10]",
                                          test::image({16, 24}), known, held_out, {400, 16, 5e-3});
  MESSAGE("relative error " << error);
  CHECK(error < 0.05);
}

TEST_CASE("fno takes every coefficient that a grid has, and coarser grids than the declared one")
{
  const c10::NoGradGuard no_gradient;
  for (const std::int64_t points : {8, 9}) {
    CAPTURE(points);
    const std::string modes =
        "width = 4\ncoordinates = false\nmodes = " + std::to_string(points / 2 + 1);
    const auto line = test::make("fno", modes, test::image({points}));
    CHECK(line->forward(at::randn({3, 1, points})).sizes() == at::IntArrayRef{3, 1, points});
    const auto plane = test::make("fno", modes, test::image({points, points}));
    const at::Tensor x = at::randn({3, 1, points, points});
    const at::Tensor y = plane->forward(x);
    CHECK(y.sizes() == x.sizes());
    // Without coordinates a shifted field has the shifted answer.
    CHECK(test::difference(plane->forward(x.roll({2, 3}, {2, 3})), y.roll({2, 3}, {2, 3})) < 1e-5);
    CHECK(plane->forward(at::randn({3, 1, 5, 4})).sizes() == at::IntArrayRef{3, 1, 5, 4});
    // With them it has not.
    const auto placed = test::make("fno", "width = 4", test::image({points, points}));
    CHECK(test::difference(placed->forward(x.roll(2, 2)), placed->forward(x).roll(2, 2)) > 1e-4);
  }
}
