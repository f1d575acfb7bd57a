// What all families promise, and what run files say wrongly of them.
#include "kinds.hpp"
#include "torch/fit.torch.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <set>

using cardan::NetworkShape;

namespace {

NetworkShape shape_of(const cardan::families::Family& family)
{
  if (family.layout == NetworkShape::Layout::image) return test::image({16, 8}, 2, 2);
  if (family.kind == "deeponet") return {family.layout, 6, 4, {}, {2, 4}};
  return test::rows(6, 6);
}

at::Tensor samples_of(const NetworkShape& shape, std::int64_t count)
{
  std::vector<std::int64_t> extents{count, shape.in};
  extents.insert(extents.end(), shape.size.begin(), shape.size.end());
  return at::randn(extents);
}

/// Checks that a network is refused with this message.
void refused(const std::string& kind, const std::string& keys, const NetworkShape& shape,
             const std::string& message)
{
  CAPTURE(kind);
  CAPTURE(keys);
  CHECK_THROWS_WITH_AS(static_cast<void>(test::make(kind, keys, shape)), message.c_str(),
                       cardan::Error);
}

}  // namespace

TEST_CASE("every family: shapes, float32, gradients, one sample at a time, the same from a seed")
{
  std::set<std::string> kinds;
  for (const auto& family : cardan::families::families()) {
    CAPTURE(family.kind);
    CHECK(kinds.insert(family.kind).second);
    CHECK(cardan::module_of_kind(family.kind) == "torch");
    const NetworkShape shape = shape_of(family);
    const auto network = test::make(family.kind, "", shape);
    const at::Tensor x = samples_of(shape, 5);

    network->train();
    at::Tensor loss = network->forward(x).square().mean();
    loss.backward();
    for (const auto& parameter : network->parameters()) {
      CHECK((parameter.scalar_type() == at::kFloat));
      CHECK(parameter.grad().defined());
    }

    const c10::NoGradGuard no_gradient;
    network->eval();
    const at::Tensor y = network->forward(x);
    std::vector<std::int64_t> extents = x.sizes().vec();
    extents[1] = shape.out;
    CHECK(y.sizes() == at::IntArrayRef{extents});
    CHECK((y.scalar_type() == at::kFloat));
    CHECK(test::difference(network->forward(x.narrow(0, 3, 1)), y.narrow(0, 3, 1)) < 1e-5);

    const auto again = test::make(family.kind, "", shape);
    again->eval();
    CHECK(at::equal(again->forward(x), y));
  }
}

TEST_CASE("every image family works on a line and on a plane")
{
  const c10::NoGradGuard no_gradient;
  for (const auto& family : cardan::families::families()) {
    if (family.layout != NetworkShape::Layout::image) continue;
    CAPTURE(family.kind);
    for (const std::string coordinates : {"true", "false"}) {
      const std::string keys = "coordinates = " + coordinates;
      CHECK(test::make(family.kind, keys, test::image({24}, 3, 2))
                ->forward(at::randn({4, 3, 24}))
                .sizes() == at::IntArrayRef{4, 2, 24});
      CHECK(test::make(family.kind, keys, test::image({8, 16}, 3, 2))
                ->forward(at::randn({4, 3, 8, 16}))
                .sizes() == at::IntArrayRef{4, 2, 8, 16});
    }
    refused(family.kind, "", test::image({8, 8, 8}),
            "test.toml:2: kind = \"" + family.kind +
                "\" (needs a grid of one or two dimensions, not of 3)");
  }
}

TEST_CASE("what a run file says wrongly is refused with its line")
{
  const NetworkShape line = test::image({20});
  refused("fno", "modes = 12", line,
          "test.toml:3: modes = 12 (a grid of 20 points has 11). Use 1 to 11.");
  refused(
      "fno", "modes = [3, 3]", line,
      "test.toml:3: modes = [ 3, 3 ] (the grid has 1 dimension(s)). Give one number, or one for "
      "each dimension.");
  refused("fno", "width = 0", line, "test.toml:3: width = 0 (must be at least 1)");
  refused("cnn", "kernel = 4", line,
          "test.toml:3: kernel = 4 (must be odd, so that the grid keeps its size). Use 5.");
  refused("cnn", "kernel = 43\npadding = \"circular\"", line,
          "test.toml:3: kernel = 43 (reaches 21 points beyond a grid of 20 points, more than its "
          "padding has). Use a smaller one, or padding = \"zeros\".");
  refused("cnn", "channels = [8, 0]", line,
          "test.toml:3: channels = [ 8, 0 ] (every layer must have a width of at least 1)");
  refused("cnn", "padding = \"cyclic\"", line,
          "test.toml:3: unknown padding 'cyclic' in [model] (known: zeros, circular, reflect)");
  refused("unet", "", line,
          "test.toml:2: kind = \"unet\" (default of 'levels': a grid of 20 points cannot be halved "
          "3 times). Use at most 2, or a grid whose extents are multiples of 8.");
  refused("unet", "levels = 1", test::image({9}),
          "test.toml:3: levels = 1 (a grid of 9 points cannot be halved 1 times). Use kind = "
          "\"cnn\" or \"fno\", or a grid whose extents are multiples of 2.");
  refused("unet", "levels = 2\npadding = \"reflect\"", test::image({4}),
          "test.toml:2: kind = \"unet\" (default of 'kernel': reaches 1 points beyond a grid of 1 "
          "points, more than its padding has). Use a smaller one, or padding = \"zeros\".");
  refused("resnet_mlp", "depth = 0", test::rows(3, 1),
          "test.toml:3: depth = 0 (must be at least 1)");
  refused("deeponet", "", test::rows(3, 1),
          "test.toml:2: kind = \"deeponet\" (needs two input features, the function's values and "
          "the points, not 1). Name two fields in 'inputs'.");
  refused("deeponet", "dimension = 1", {NetworkShape::Layout::rows, 6, 3, {}, {4, 2}},
          "test.toml:3: dimension = 1 (2 points of 1 coordinate(s) cannot have 3 values)");
  refused("deeponet", "branch = []", {NetworkShape::Layout::rows, 6, 2, {}, {4, 2}},
          "test.toml:3: branch = [] (at least one layer is needed)");
  refused("masked_transformer", "width = 6", test::rows(3, 3),
          "test.toml:2: kind = \"masked_transformer\" (default of 'heads': does not divide the "
          "width of "
          "6 numbers)");
  refused(
      "masked_transformer", "", {NetworkShape::Layout::rows, 10, 4, {}, {4, 6}},
      "test.toml:2: kind = \"masked_transformer\" (6 numbers that are known of 4 sites are not as "
      "many for each)");
  refused(
      "masked_transformer", "", test::rows(4, 6),
      "test.toml:2: kind = \"masked_transformer\" (an answer of 6 numbers for 4 sites is not as "
      "many for each)");
  refused("autoencoder", "answer = \"latent\"\nlatent = 2", test::rows(6, 3),
          "test.toml:4: latent = 2 (the answer, which is the latent numbers, has 3)");
  refused("autoencoder", "", test::rows(6, 3),
          "test.toml:2: kind = \"autoencoder\" (default of 'answer': a reconstruction of 6 numbers "
          "cannot have 3). Give the outputs as many numbers as the inputs.");
  refused("vae", "beta = -1.0", test::rows(6, 6),
          "test.toml:3: beta = -1.0 (must not be negative)");
}
