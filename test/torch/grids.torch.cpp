// Convolutional networks, against difference formulas and the heat equation's exact solution.
#include "torch/fit.torch.hpp"
#include "torch/waves.torch.hpp"

#include <doctest/doctest.h>

#include <functional>

namespace {

/// u + (5-point Laplacian of u) / 5 on a periodic plane: a step of the heat equation.
at::Tensor heat_step(const at::Tensor& u)
{
  return u + 0.2 * (u.roll(1, 2) + u.roll(-1, 2) + u.roll(1, 3) + u.roll(-1, 3) - 4 * u);
}

/// A step of Burgers' equation by centred differences on a periodic line.
at::Tensor advection_step(const at::Tensor& u)
{
  return u - 0.3 * u * (u.roll(-1, 2) - u.roll(1, 2));
}

test::Samples sampled(const at::Tensor& x, const std::function<at::Tensor(const at::Tensor&)>& map)
{
  return {x, map(x)};
}

}  // namespace

TEST_CASE("cnn learns a step of the heat equation on a plane")
{
  torch::manual_seed(1);
  const test::Samples known = sampled(at::randn({200, 1, 12, 10}), heat_step);
  const test::Samples held_out = sampled(at::randn({50, 1, 12, 10}), heat_step);
  CHECK(test::difference(held_out.x, held_out.y) > 0.5);
  const std::string small = "channels = [16]\n";
  const test::Fit how{600, 16, 1e-2};
  const auto network = test::make("cnn", small + "padding = \"circular\"", test::image({12, 10}));
  test::train(*network, known, how);
  const double error = test::error_of(*network, held_out);
  MESSAGE("relative error " << error);
  CHECK(error < 0.02);
  // It has seen no other size than that.
  CHECK(test::error_of(*network, sampled(at::randn({10, 1, 7, 31}), heat_step)) < 0.02);
  // The wrong neighbours at the ends.
  const double zeros = test::fitted_error("cnn", small + "padding = \"zeros\"",
                                          test::image({12, 10}), known, held_out, how);
  CHECK(zeros > 0.05);
}

TEST_CASE("cnn learns a step of Burgers' equation on a line")
{
  torch::manual_seed(1);
  const test::Samples known = sampled(test::random_fields({33}, 400, 1e-3), advection_step);
  const test::Samples held_out = sampled(test::random_fields({33}, 100, 1e-3), advection_step);
  CHECK(test::difference(held_out.x, held_out.y) > 0.1);
  const double error = test::fitted_error(
      "cnn", "channels = [24, 24]\nkernel = 3\nactivation = \"silu\"\npadding = \"circular\"",
      test::image({33}), known, held_out, {1200, 32, 5e-3});
  MESSAGE("relative error " << error);
  CHECK(error < 0.02);
}

TEST_CASE("what lies beyond the ends of a grid")
{
  const c10::NoGradGuard no_gradient;
  const at::Tensor x = at::randn({2, 1, 6, 8});
  const auto answer = [](const std::string& keys, const at::Tensor& samples) {
    return test::make("cnn", "channels = [4]\n" + keys, test::image({6, 8}))->forward(samples);
  };
  const std::string circular = "padding = \"circular\"";
  const std::string reflect = "padding = \"reflect\"";
  const std::string placed = circular + "\ncoordinates = true";
  // Periodic: shifted with the field. Mirrored with it in both dimensions: all three.
  CHECK(test::difference(answer(circular, x.roll({2, 3}, {2, 3})),
                         answer(circular, x).roll({2, 3}, {2, 3})) < 1e-5);
  CHECK(test::difference(answer(placed, x.roll(2, 2)), answer(placed, x).roll(2, 2)) > 0.01);
  CHECK(test::difference(answer(reflect, x.roll(2, 2)), answer(reflect, x).roll(2, 2)) > 0.01);
  // A field that is even about its first point, on twice the grid: the half answers as the whole.
  const at::Tensor even = at::cat({x, x.narrow(3, 1, 6).flip(3)}, 3);
  CHECK(test::difference(answer(circular, even).narrow(3, 1, 6).narrow(2, 2, 2),
                         answer(reflect, x).narrow(3, 1, 6).narrow(2, 2, 2)) < 1e-5);
}

TEST_CASE("unet learns what is far away, and keeps what is near: the heat equation at a late time")
{
  struct Case {
    std::vector<std::int64_t> size;
    /// The answer: so much of the field itself, and of its average over a Gaussian of deviation
    /// sqrt(2 t) = 0.1, 6 points of 64.
    double near;
    double far;
    int steps;
  };
  for (const Case& now : {Case{{64}, 1, 4, 800}, Case{{16, 24}, 0, 2, 300}}) {
    CAPTURE(now.size.size());
    const auto sample = [&](std::int64_t count) {
      return sampled(test::random_fields(now.size, count, 5e-4), [&](const at::Tensor& x) {
        return now.near * x + now.far * test::after_heat(x, 5e-3);
      });
    };
    torch::manual_seed(1);
    const test::Samples known = sample(500);
    const test::Samples held_out = sample(100);
    CHECK(test::difference(held_out.x, held_out.y) > 0.5);
    const double error =
        test::fitted_error("unet", "width = 8\npadding = \"circular\"", test::image(now.size),
                           known, held_out, {now.steps, 16, 4e-3});
    MESSAGE("relative error " << error);
    CHECK(error < 0.05);
    // It does not reach as far.
    CHECK(test::fitted_error("cnn", "channels = [16, 16]\npadding = \"circular\"",
                             test::image(now.size), known, held_out, {300, 16, 4e-3}) > 0.1);
  }
}
