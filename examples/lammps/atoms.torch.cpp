// Energy and force of an atom from where it sees its neighbours: turned neighbours, turned force;
// in whatever order they come, and however many there are.
#include <cardan/torch.hpp>

#include <ATen/ATen.h>
#include <torch/nn/modules/linear.h>

namespace {

/// Each distance r passes Gaussians of 1/r and a layer of neurons; an atom's density is the sum of
/// these over its neighbours. Energy: a linear and a nonlinear function of the density. Force: the
/// bonds' directions, weighted by a linear function of the same neurons.
class Atoms : public cardan::Network {
 public:
  Atoms(std::int64_t neighbours, std::int64_t width, double nearest, double cutoff)
      : neighbours_(neighbours),
        centres_(register_buffer("centres", at::linspace(1 / cutoff, 1 / nearest, gaussians))),
        spacing_((1 / nearest - 1 / cutoff) / (gaussians - 1)),
        bond_(register_module("bond", torch::nn::Linear(gaussians, width))),
        force_(register_module("force", torch::nn::Linear(width, 1))),
        pairwise_(register_module("pairwise", torch::nn::Linear(width, 1))),
        hidden_(register_module("hidden", torch::nn::Linear(width, width))),
        crowded_(register_module("crowded", torch::nn::Linear(width, 1)))
  {}

  at::Tensor forward(const at::Tensor& samples) override
  {
    const at::Tensor bonds = samples.view({samples.size(0), neighbours_, 3});
    const at::Tensor squares = bonds.square().sum(-1, true);
    const at::Tensor there = squares > 0;
    const at::Tensor inverse = at::where(there, squares, at::ones_like(squares)).rsqrt();
    const at::Tensor seen = at::exp(-((inverse - centres_) / spacing_).square());
    const at::Tensor neurons = at::silu(bond_(seen)) * there;
    const at::Tensor force = (force_(neurons) * there * inverse * bonds).sum(1);
    const at::Tensor density = neurons.sum(1);
    const at::Tensor energy = pairwise_(density) + crowded_(at::silu(hidden_(density)));
    return at::cat({energy, force}, 1);
  }

 private:
  static constexpr std::int64_t gaussians = 20;
  std::int64_t neighbours_;
  at::Tensor centres_;
  double spacing_;
  torch::nn::Linear bond_;
  torch::nn::Linear force_;
  torch::nn::Linear pairwise_;
  torch::nn::Linear hidden_;
  torch::nn::Linear crowded_;
};

/// Mean squares of errors in units of the targets' variances: energy and forces count alike.
at::Tensor relative(const at::Tensor& answers, const at::Tensor& targets)
{
  const at::Tensor variance = (targets - targets.mean(0)).square().mean(0);
  return ((answers - targets).square().mean(0) / (variance + 1e-6)).mean();
}

[[maybe_unused]] const bool registered = [] {
  cardan::register_network(
      "atoms", cardan::NetworkShape::Layout::rows,
      [](const cardan::Config& model, const cardan::NetworkShape& shape) {
        const auto width = model.get<std::int64_t>("width", 32);
        const auto nearest = model.get<double>("nearest", 0.7);
        const auto cutoff = model.get<double>("cutoff");
        if (width < 1) throw model.error("width", "must be at least 1");
        if (nearest <= 0) throw model.error("nearest", "must be positive");
        if (cutoff <= nearest) throw model.error("cutoff", "must be larger than nearest");
        if (shape.in % 3 != 0 || shape.out != 4)
          throw model.error("kind", "answers an energy and a force for neighbours' positions");
        return std::make_shared<Atoms>(shape.in / 3, width, nearest, cutoff);
      });
  cardan::register_loss("relative", relative);
  return true;
}();

}  // namespace
