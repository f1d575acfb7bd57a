// Networks from rows to rows, against functions and integrals that are known.
#include "torch/fit.torch.hpp"

#include <doctest/doctest.h>

namespace {

/// Two functions of five variables in [-1, 1]: a product within a sine, and a bump.
test::Samples functions(std::int64_t count)
{
  const at::Tensor x = 2 * at::rand({count, 5}) - 1;
  const auto v = x.unbind(1);
  return {x, at::stack({at::sin(M_PI * v[0] * v[1]) + v[2].square() - v[3],
                        at::exp(-2 * (v[3] - v[4]).square()) * v[0]},
                       1)};
}

constexpr std::int64_t sensors = 32;
constexpr std::int64_t queries = 12;

/// A random function sum_k (a_k cos(k pi x) + b_k sin(k pi x)) / k, k = 1 ... 4, at 32 places of
/// [0, 1], 12 random points; and its integral from 0 to each of them.
test::Samples integrals(std::int64_t count)
{
  const at::Tensor k = at::arange(1, 5, at::kFloat) * M_PI;
  const at::Tensor a = at::randn({count, 4}) * M_PI / k;
  const at::Tensor b = at::randn({count, 4}) * M_PI / k;
  const at::Tensor at_sensors = at::outer(k, at::linspace(0, 1, sensors));
  const at::Tensor points = at::rand({count, queries});
  const at::Tensor at_points = points.unsqueeze(1) * k.view({1, 4, 1});
  const at::Tensor integral =
      (a / k).unsqueeze(2) * at::sin(at_points) + (b / k).unsqueeze(2) * (1 - at::cos(at_points));
  const at::Tensor function = at::mm(a, at::cos(at_sensors)) + at::mm(b, at::sin(at_sensors));
  return {at::cat({function, points}, 1), integral.sum(1)};
}

/// Eight spins, of which the last four repeat the first, with numbers known of each site that say
/// nothing; one is masked, and the answer is what it was.
test::Samples repeated(std::int64_t count)
{
  const at::Tensor half = 2 * at::randint(2, {count, 4}, at::kFloat) - 1;
  const at::Tensor spins = at::cat({half, half}, 1);
  const at::Tensor masked = at::randint(8, {count, 1}, at::kLong);
  return {at::cat({spins.scatter(1, masked, 0), at::randn({count, 16})}, 1), spins};
}

}  // namespace

TEST_CASE("masked_transformer finds what is masked at another site")
{
  torch::manual_seed(1);
  const test::Samples known = repeated(4000);
  const test::Samples held_out = repeated(400);
  const cardan::NetworkShape shape{cardan::NetworkShape::Layout::rows, 8 + 16, 8, {}, {8, 16}};
  const auto network = test::make("masked_transformer", "width = 16\ndepth = 1", shape);
  test::train(*network, known, {800, 64, 1e-2});
  const double error = test::error_of(*network, held_out);
  MESSAGE("relative error " << error);
  // Whoever looks at each site alone has 1 / sqrt(8).
  CHECK(error < 0.1);
}

TEST_CASE("resnet_mlp learns functions of five variables")
{
  torch::manual_seed(1);
  const test::Samples known = functions(16000);
  const test::Samples held_out = functions(1000);
  const test::Fit how{2000, 128, 1e-2};
  const double error = test::fitted_error("resnet_mlp", "", test::rows(5, 2), known, held_out, how);
  MESSAGE("relative error " << error);
  CHECK(error < 0.02);
  const double deep = test::fitted_error("resnet_mlp", "width = 32\ndepth = 24", test::rows(5, 2),
                                         known, held_out, {600, 128, 4e-3});
  MESSAGE("relative error of 24 blocks " << deep);
  CHECK(deep < 0.1);
}

TEST_CASE("deeponet learns to integrate")
{
  torch::manual_seed(1);
  const test::Samples known = integrals(8000);
  const test::Samples held_out = integrals(500);
  const cardan::NetworkShape shape{
      cardan::NetworkShape::Layout::rows, sensors + queries, queries, {}, {sensors, queries}};
  const auto network = test::make("deeponet", "activation = \"silu\"", shape);
  test::train(*network, known, {2500, 64, 1.6e-2});
  const double error = test::error_of(*network, held_out);
  MESSAGE("relative error " << error);
  CHECK(error < 0.02);
  // Points of other functions: it must read both inputs.
  test::Samples mixed = held_out;
  mixed.x = at::cat(
      {held_out.x.narrow(1, 0, sensors), held_out.x.narrow(1, sensors, queries).roll(1, 0)}, 1);
  CHECK(test::error_of(*network, mixed) > 0.3);
}

TEST_CASE("deeponet's answer stands channel by channel, point by point")
{
  const c10::NoGradGuard no_gradient;
  // Two channels at three points of a plane.
  const cardan::NetworkShape shape{cardan::NetworkShape::Layout::rows, 4 + 6, 6, {}, {4, 6}};
  const auto network =
      test::make("deeponet", "dimension = 2\nbranch = 8\ntrunk = 8\nwidth = 5", shape);
  const at::Tensor x = at::randn({7, 10});
  const at::Tensor y = network->forward(x);
  REQUIRE(y.sizes() == at::IntArrayRef{7, 6});
  // The points in another order: the values in that order.
  const at::Tensor turned = at::cat({x.narrow(1, 0, 4), x.narrow(1, 6, 4), x.narrow(1, 4, 2)}, 1);
  CHECK(test::difference(network->forward(turned).view({7, 2, 3}), y.view({7, 2, 3}).roll(-1, 2)) <
        1e-5);
}
