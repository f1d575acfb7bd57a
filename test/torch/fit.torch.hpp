/// Makes a network by its kind, fits it to samples, and measures it on others.
#pragma once

#include "families/families.torch.hpp"

#include <torch/optim/adam.h>
#include <torch/utils.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

namespace test {

/// Inputs and targets, the first dimension of both over samples.
struct Samples {
  at::Tensor x;
  at::Tensor y;
};

struct Fit {
  int steps;
  std::int64_t batch;
  double rate;
};

/// A network of `kind`, with the further keys of its `model` in TOML, from a fixed seed.
inline std::shared_ptr<cardan::Network> make(const std::string& kind, const std::string& keys,
                                             const cardan::NetworkShape& shape)
{
  const cardan::Config run =
      cardan::Config::from_text("[model]\nkind = \"" + kind + "\"\n" + keys + "\n", "test.toml");
  torch::manual_seed(7);
  for (const auto& family : cardan::families::families())
    if (family.kind == kind) {
      run.table("model").ask("kind");
      auto network = family.make(run.table("model"), shape);
      run.reject_unknown();
      return network;
    }
  throw std::runtime_error("no family '" + kind + "'");
}

inline cardan::NetworkShape rows(std::int64_t in, std::int64_t out)
{
  return {cardan::NetworkShape::Layout::rows, in, out, {}, {in}};
}

inline cardan::NetworkShape image(std::vector<std::int64_t> size, std::int64_t in = 1,
                                  std::int64_t out = 1)
{
  return {cardan::NetworkShape::Layout::image, in, out, std::move(size), {in}};
}

/// Adam on the mean squared error and the network's penalty, the rate along half a cosine to zero.
inline void train(cardan::Network& network, const Samples& samples, const Fit& how)
{
  network.train();
  auto parameters = network.parameters();
  torch::optim::Adam adam(parameters, torch::optim::AdamOptions(how.rate));
  for (int step = 0; step < how.steps; ++step) {
    const double done = static_cast<double>(step) / how.steps;
    for (auto& group : adam.param_groups())
      static_cast<torch::optim::AdamOptions&>(group.options())
          .lr(how.rate * 0.5 * (1 + std::cos(M_PI * done)));
    const at::Tensor drawn = at::randint(samples.x.size(0), {how.batch}, at::kLong);
    at::Tensor loss = at::mse_loss(network.forward(samples.x.index_select(0, drawn)),
                                   samples.y.index_select(0, drawn));
    if (const at::Tensor penalty = network.penalty(); penalty.defined()) loss = loss + penalty;
    adam.zero_grad();
    loss.backward();
    adam.step();
  }
}

/// ||a - b|| / ||b|| over everything.
inline double difference(const at::Tensor& a, const at::Tensor& b)
{
  if (a.sizes() != b.sizes()) throw std::runtime_error("tensors of other shapes");
  return (a - b).norm().item<double>() / b.norm().item<double>();
}

/// The relative error of a network in evaluation mode.
inline double error_of(cardan::Network& network, const Samples& samples)
{
  const c10::NoGradGuard no_gradient;
  network.eval();
  return difference(network.forward(samples.x), samples.y);
}

/// The error of a network that was fitted.
inline double fitted_error(const std::string& kind, const std::string& keys,
                           const cardan::NetworkShape& shape, const Samples& known,
                           const Samples& held_out, const Fit& how)
{
  const auto network = make(kind, keys, shape);
  train(*network, known, how);
  return error_of(*network, held_out);
}

}  // namespace test
