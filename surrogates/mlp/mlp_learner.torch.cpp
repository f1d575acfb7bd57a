#include "mlp/mlp_learner.torch.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::mlp {

namespace {

/// Rewrites first and last layer for another normalisation so that the function stays the same (van
/// Hasselt et al. 2016, "Learning values across many orders of magnitude", there for the last
/// layer).
void rescale(const Network& network, at::Tensor& flat, const Normalisation& from,
             const Normalisation& to)
{
  c10::NoGradGuard no_gradient;
  const auto vector = [](const std::vector<double>& values) {
    return at::from_blob(const_cast<double*>(values.data()),
                         {static_cast<std::int64_t>(values.size())}, at::kDouble)
        .clone();
  };
  const Layer& first = network.layers().front();
  at::Tensor weights = network.weights(flat, first);
  const at::Tensor before = vector(from.input.deviation);
  const at::Tensor shift =
      ((vector(to.input.mean) - vector(from.input.mean)) / before).view({1, -1, 1});
  network.biases(flat, first).add_((weights.to(at::kDouble) * shift).sum(1, true).to(at::kFloat));
  weights.mul_((vector(to.input.deviation) / before).view({1, -1, 1}).to(at::kFloat));

  const Layer& last = network.layers().back();
  const at::Tensor ratio =
      (vector(from.output.deviation) / vector(to.output.deviation)).view({1, 1, -1});
  const at::Tensor moved =
      ((vector(from.output.mean) - vector(to.output.mean)) / vector(to.output.deviation))
          .view({1, 1, -1});
  network.weights(flat, last).mul_(ratio.to(at::kFloat));
  network.biases(flat, last).mul_(ratio.to(at::kFloat)).add_(moved.to(at::kFloat));
}

}  // namespace

MlpLearner::MlpLearner(const Settings& settings, const OptimizerSettings& optimizer,
                       Signature signature, std::uint64_t seed)
    : published_(settings, signature),
      statistics_(signature, settings.head),
      settings_(optimizer),
      flat_(published_.network.initial(seed))
{
  average_ = flat_.clone();
  flat_.set_requires_grad(true);
  flat_.mutable_grad() = at::zeros_like(flat_);
  adam_ = std::make_unique<torch::optim::Adam>(
      std::vector<at::Tensor>{flat_}, torch::optim::AdamOptions(optimizer.rate).betas({0.9, 0.99}));
}

// Small changes of the statistics are not worth the disturbance of Adam's moments; the range of the
// inputs is always taken.
void MlpLearner::normalise(const Tally& joined)
{
  Normalisation next = statistics_.normalisation(joined);
  Normalisation& current = published_.normalisation;
  if (!normalised_ || next.input.far_from(current.input) || next.output.far_from(current.output)) {
    if (normalised_) {
      at::Tensor trained = flat_.detach();
      rescale(published_.network, trained, current, next);
      rescale(published_.network, average_, current, next);
    }
    current = std::move(next);
    normalised_ = true;
  } else {
    current.low = next.low;
    current.high = next.high;
  }
}

at::Tensor MlpLearner::targets_of(Rows inputs, Rows targets) const
{
  if (published_.network.settings().head == Head::plain)
    return normalised(targets, published_.normalisation.output);
  std::vector<double> increments(static_cast<std::size_t>(targets.count * targets.width));
  for (std::size_t i = 0; i < increments.size(); ++i)
    increments[i] = targets.data[i] - inputs.data[i];
  return normalised({increments.data(), targets.count, targets.width},
                    published_.normalisation.output);
}

at::Tensor MlpLearner::loss(const at::Tensor& flat, Rows inputs, Rows targets) const
{
  const Network& network = published_.network;
  const at::Tensor raw = network.forward(flat, normalised(inputs, published_.normalisation.input));
  const at::Tensor out = project(raw, published_.normalisation.output, network.settings().head);
  return (out - targets_of(inputs, targets)).square().mean();
}

// The mean is over members too; each member's gradient is scaled back by their number, so that a
// member learns as it would alone (Adam does not care, a clipped or plain gradient would).
double MlpLearner::differentiate(Rows inputs, Rows targets)
{
  flat_.mutable_grad().zero_();
  const at::Tensor value = loss(flat_, inputs, targets);
  (value * static_cast<double>(published_.network.settings().members)).backward();
  return value.item<double>();
}

float* MlpLearner::gradient()
{
  return flat_.mutable_grad().data_ptr<float>();
}

std::size_t MlpLearner::gradient_size() const
{
  return static_cast<std::size_t>(published_.network.parameters());
}

void MlpLearner::step()
{
  adam_->step();
  ++steps_;
  c10::NoGradGuard no_gradient;
  const auto t = static_cast<double>(steps_);
  const double decay = std::min(settings_.average, t / (t + 10));
  average_.lerp_(flat_.detach(), 1 - decay);
}

// For the mean square error the best last layer, given the hidden ones, is the solution of a linear
// least-squares problem: its normal equations are sums over samples, so ranks join them exactly.
// What Adam leaves of the error in many thousand steps this takes away at once (variable
// projection, Golub and Pereyra 1973).
std::vector<double> MlpLearner::settling_sums(Rows inputs, Rows targets)
{
  if (settings_.last_layer == LastLayer::gradient) return {};
  c10::NoGradGuard no_gradient;
  const Network& network = published_.network;
  const std::int64_t members = network.settings().members;
  const Layer& last = network.layers().back();
  const std::int64_t width = last.in + 1;
  at::Tensor left = at::zeros({members, width, width}, at::kDouble);
  at::Tensor right = at::zeros({members, width, last.out}, at::kDouble);
  constexpr std::int64_t chunk = 1024;
  for (std::int64_t begin = 0; begin < inputs.count; begin += chunk) {
    const std::int64_t count = std::min(chunk, inputs.count - begin);
    const Rows x{inputs.data + begin * inputs.width, count, inputs.width};
    const Rows y{targets.data + begin * targets.width, count, targets.width};
    const at::Tensor hidden =
        network.features(average_, normalised(x, published_.normalisation.input)).to(at::kDouble);
    const at::Tensor all = at::cat({hidden, at::ones({members, count, 1}, at::kDouble)}, 2);
    const at::Tensor wanted =
        targets_of(x, y).to(at::kDouble).unsqueeze(0).expand({members, count, last.out});
    left.baddbmm_(all.transpose(1, 2), all);
    right.baddbmm_(all.transpose(1, 2), wanted);
  }
  const at::Tensor sums = at::cat({left.flatten(), right.flatten(),
                                   at::full({1}, static_cast<double>(inputs.count), at::kDouble)});
  return {sums.data_ptr<double>(), sums.data_ptr<double>() + sums.numel()};
}

void MlpLearner::settle(const std::vector<double>& joined)
{
  c10::NoGradGuard no_gradient;
  published_.flat.copy_(average_);
  if (joined.empty() || !(joined.back() > 0)) return;
  const Network& network = published_.network;
  const std::int64_t members = network.settings().members;
  const Layer& last = network.layers().back();
  const std::int64_t width = last.in + 1;
  const at::Tensor sums = at::from_blob(const_cast<double*>(joined.data()),
                                        {static_cast<std::int64_t>(joined.size())}, at::kDouble) /
                          joined.back();
  const at::Tensor left = sums.narrow(0, 0, members * width * width).view({members, width, width});
  const at::Tensor right = sums.narrow(0, members * width * width, members * width * last.out)
                               .view({members, width, last.out});
  // Hidden values are of order one: so small a ridge only keeps the system regular.
  constexpr double ridge = 1e-8;
  const at::Tensor solved = at::linalg_solve(left + ridge * at::eye(width, at::kDouble), right);
  if (!solved.isfinite().all().item<bool>()) return;
  network.weights(published_.flat, last).copy_(solved.narrow(1, 0, last.in));
  network.biases(published_.flat, last).copy_(solved.narrow(1, last.in, 1));
}

double MlpLearner::validate(Rows inputs, Rows targets)
{
  c10::NoGradGuard no_gradient;
  constexpr std::int64_t chunk = 256;
  double sum = 0;
  for (std::int64_t begin = 0; begin < inputs.count; begin += chunk) {
    const std::int64_t count = std::min(chunk, inputs.count - begin);
    const Rows x{inputs.data + begin * inputs.width, count, inputs.width};
    const Rows y{targets.data + begin * targets.width, count, targets.width};
    sum += loss(published_.flat, x, y).item<double>() * static_cast<double>(count);
  }
  return sum / static_cast<double>(inputs.count);
}

}  // namespace cardan::mlp
