#include "mlp/mlp_learner.torch.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::mlp {

namespace {

/// Rewrites first and last layer for another normalisation so that the function stays the same (van Hasselt et
/// al. 2016, "Learning values across many orders of magnitude", there for the last layer).
void rescale(const Network& network, at::Tensor& flat, const Normalisation& from, const Normalisation& to)
{
  at::NoGradGuard no_gradient;
  const auto vector = [](const std::vector<double>& values) {
    return at::from_blob(const_cast<double*>(values.data()), {static_cast<std::int64_t>(values.size())},
                         at::kDouble).clone();
  };
  const Layer& first = network.layers().front();
  at::Tensor weights = network.weights(flat, first);
  const at::Tensor before = vector(from.input.deviation);
  const at::Tensor shift = ((vector(to.input.mean) - vector(from.input.mean)) / before).view({1, -1, 1});
  network.biases(flat, first).add_((weights.to(at::kDouble) * shift).sum(1, true).to(at::kFloat));
  weights.mul_((vector(to.input.deviation) / before).view({1, -1, 1}).to(at::kFloat));

  const Layer& last = network.layers().back();
  const at::Tensor ratio = (vector(from.output.deviation) / vector(to.output.deviation)).view({1, 1, -1});
  const at::Tensor moved = ((vector(from.output.mean) - vector(to.output.mean)) /
                            vector(to.output.deviation)).view({1, 1, -1});
  network.weights(flat, last).mul_(ratio.to(at::kFloat));
  network.biases(flat, last).mul_(ratio.to(at::kFloat)).add_(moved.to(at::kFloat));
}

}  // namespace

MlpLearner::MlpLearner(const Settings& settings, const OptimizerSettings& optimizer, Signature signature,
                       std::uint64_t seed)
    : published_(settings, signature),
      statistics_(signature, settings.head),
      settings_(optimizer),
      flat_(published_.network.initial(seed))
{
  published_.flat.copy_(flat_);
  flat_.set_requires_grad(true);
  flat_.mutable_grad() = at::zeros_like(flat_);
  adam_ = std::make_unique<torch::optim::Adam>(std::vector<at::Tensor>{flat_},
                                               torch::optim::AdamOptions(optimizer.rate));
}

// Small changes of the statistics are not worth the disturbance of Adam's moments; the range of the inputs is
// always taken.
void MlpLearner::normalise(const Tally& joined)
{
  Normalisation next = statistics_.normalisation(joined);
  Normalisation& current = published_.normalisation;
  if (!normalised_ || next.input.far_from(current.input) || next.output.far_from(current.output)) {
    if (normalised_) {
      at::Tensor trained = flat_.detach();
      rescale(published_.network, trained, current, next);
      rescale(published_.network, published_.flat, current, next);
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
  for (std::size_t i = 0; i < increments.size(); ++i) increments[i] = targets.data[i] - inputs.data[i];
  return normalised({increments.data(), targets.count, targets.width}, published_.normalisation.output);
}

at::Tensor MlpLearner::loss(const at::Tensor& flat, Rows inputs, Rows targets) const
{
  const Network& network = published_.network;
  const at::Tensor raw = network.forward(flat, normalised(inputs, published_.normalisation.input));
  const at::Tensor out = project(raw, published_.normalisation.output, network.settings().head);
  return (out - targets_of(inputs, targets)).square().mean();
}

// The mean is over members too; each member's gradient is scaled back by their number, so that a member learns as
// it would alone (Adam does not care, a clipped or plain gradient would).
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
  at::NoGradGuard no_gradient;
  const auto t = static_cast<double>(steps_);
  const double decay = std::min(settings_.average, t / (t + 10));
  published_.flat.lerp_(flat_.detach(), 1 - decay);
}

double MlpLearner::validate(Rows inputs, Rows targets)
{
  at::NoGradGuard no_gradient;
  return loss(published_.flat, inputs, targets).item<double>();
}

std::vector<double> MlpLearner::calibration(Rows inputs, Rows targets, double coverage)
{
  const auto width = static_cast<std::size_t>(targets.width);
  const auto count = static_cast<std::size_t>(inputs.count);
  std::vector<double> outputs(count * width);
  std::vector<double> spread(count * width);
  std::vector<std::uint8_t> inside(count);
  const std::vector<double> before = published_.calibration;
  published_.calibration.assign(width, 1.0);
  published_.predict(inputs, {outputs.data(), spread.data(), inside.data()});
  published_.calibration = before;
  std::vector<double> factors;
  std::vector<double> ratios(count);
  for (std::size_t j = 0; j < width && count > 0; ++j) {
    for (std::size_t r = 0; r < count; ++r) {
      const std::size_t at = r * width + j;
      ratios[r] = std::abs(outputs[at] - targets.data[at]) / std::max(spread[at], 1e-300);
    }
    const auto last = static_cast<double>(count - 1);
    const auto place = static_cast<std::ptrdiff_t>(std::ceil(coverage * last));
    std::nth_element(ratios.begin(), ratios.begin() + place, ratios.end());
    factors.push_back(ratios[static_cast<std::size_t>(place)]);
  }
  factors.resize(width, 1.0);
  return factors;
}

}  // namespace cardan::mlp
