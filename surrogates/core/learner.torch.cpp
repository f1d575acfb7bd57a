#include "core/learner.torch.hpp"

#include <cardan/error.hpp>

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace cardan::torch_module {

namespace {

std::unique_ptr<Ensemble> on_device(std::unique_ptr<Ensemble> ensemble, at::Device device)
{
  if (device.is_cpu()) return ensemble;
  for (auto& parameter : ensemble->parameters()) parameter.set_data(parameter.detach().to(device));
  for (auto& buffer : ensemble->buffers()) buffer.set_data(buffer.to(device));
  return ensemble;
}

/// Scattered over all bits, of which the generator takes the lower half (the finaliser of
/// SplitMix64: Steele, Lea and Flood 2014).
std::uint64_t seed_of_step(std::uint64_t seed, std::int64_t step)
{
  std::uint64_t x =
      seed * 0xD1B54A32D192ED03U + static_cast<std::uint64_t>(step + 1) * 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

void check_loss(const at::Tensor& value)
{
  if (value.numel() != 1 || !value.is_floating_point())
    throw Error{"the loss is not a single number", "it is " + describe({value}, 0),
                "Take a mean over samples and components."};
}

}  // namespace

TorchLearner::TorchLearner(const Plan& plan, const TrainingSettings& settings, MemberLoss loss,
                           std::uint64_t seed)
    : settings_(settings),
      loss_(std::move(loss)),
      seed_(seed),
      published_(plan),
      statistics_(plan.layout.inputs, plan.layout.outputs, plan.settings.head),
      ensemble_(on_device(plan.make(), published_.device())),
      trained_(std::make_unique<TrainedParameters>(ensemble_->parameters())),
      optimiser_(
          std::make_unique<Optimiser>(settings.optimizer, trained_->values(), trained_->gradient()))
{
  if (trained_->count() == 0)
    throw Error{"the model has no parameters to train", "a frozen TorchScript file has none",
                "Save it without freezing, or leave out [training]."};
  c10::NoGradGuard no_gradient;
  average_ = trained_->values().clone();
  publish_average();
  keep();
  embedding_ = count_embedding();
}

// Small numbers on both sides, since a loss may divide or take logarithms.
void TorchLearner::try_loss() const
{
  const Layout& layout = published_.plan().layout;
  const std::int64_t members = ensemble_->members();
  constexpr std::int64_t count = 3;
  Tensors answers;
  Tensors targets;
  for (std::size_t i = 0; i < layout.output_shapes.size(); ++i) {
    std::vector<std::int64_t> shape{count};
    shape.insert(shape.end(), layout.output_shapes[i].begin(), layout.output_shapes[i].end());
    const auto options =
        at::TensorOptions(output_type(layout, i)).device(published_.device()).requires_grad(false);
    if (!at::isFloatingType(output_type(layout, i)))
      throw Error{"output '" + layout.signature.outputs[i].name + "' cannot be trained",
                  std::string("a loss of ") + to_string(layout.signature.outputs[i].dtype) +
                      " answers has no gradient",
                  "Set model dtype = \"float32\" or \"float64\"."};
    targets.push_back(at::full(shape, 0.5, options));
    shape.insert(shape.begin(), members);
    if (published_.plan().settings.head == Head::gaussian) shape[2] *= 2;
    answers.push_back(at::full(shape, 0.75, options).set_requires_grad(true));
  }
  at::AutoGradMode enabled{true};
  const at::Tensor value = loss_(answers, targets);
  check_loss(value);
  if (!value.requires_grad())
    throw Error{"the loss has no gradient", "it does not depend on the answers, or detaches them"};
}

Tally TorchLearner::tally() const
{
  return statistics_.tally();
}

// Small changes of the statistics are not worth the disturbance of the optimiser's moments. Where
// the weights cannot be changed so that the function stays the same, only a large one is.
void TorchLearner::normalise(const Tally& joined)
{
  if (!published_.plan().settings.normalise) return;
  Normalisation next = statistics_.normalisation(joined);
  Normalisation& current = published_.normalisation;
  const double share = ensemble_->solvable() ? 0.05 : 0.5;
  const bool far =
      next.input.far_from(current.input, share) || next.output.far_from(current.output, share);
  if (normalised_ && !far) return;
  if (normalised_) {
    c10::NoGradGuard no_gradient;
    if (ensemble_->rescale(current, next)) {
      publish_average();
      published_.ensemble().rescale(current, next);
      average_.copy_(published_.parameters().values());
    }
  }
  current = std::move(next);
  normalised_ = true;
}

Tensors TorchLearner::samples_of(const Batch& inputs) const
{
  return to_device(
      to_tensors(published_.plan().layout, true, inputs, nullptr, published_.normalisation.input),
      published_.device());
}

Tensors TorchLearner::targets_of(const Batch& inputs, const Batch& targets) const
{
  const Head head = published_.plan().settings.head;
  const Layout& layout = published_.plan().layout;
  const bool adds = head == Head::increment || head == Head::conserving;
  return to_device(
      to_tensors(layout, false, targets, adds ? &inputs : nullptr, published_.normalisation.output),
      published_.device());
}

at::Tensor TorchLearner::loss(Ensemble& ensemble, const Tensors& samples,
                              const Tensors& targets) const
{
  const Tensors answers =
      TorchModel::answer(published_.plan(), ensemble, published_.normalisation, samples);
  at::Tensor value = loss_(answers, targets);
  check_loss(value);
  if (const at::Tensor penalty = ensemble.penalty(); penalty.defined()) value = value + penalty;
  return value;
}

// The mean is over members too; each member's gradient is scaled back by their number, so that a
// member learns as it would alone (Adam does not care, a clipped or plain gradient would).
// Networks draw from Torch's default generator, which belongs to the whole process: what they draw
// in a step depends on the seed and the step, and on nothing that the process does beside it, or
// did before a restart.
double TorchLearner::differentiate(const Batch& inputs, const Batch& targets, double weight,
                                   const Whole& whole)
{
  at::manual_seed(seed_of_step(seed_, optimiser_->steps()));
  ensemble_->set_training(true);
  const at::Tensor value = loss(*ensemble_, samples_of(inputs), targets_of(inputs, targets));
  const double scale = weight * static_cast<double>(ensemble_->members());
  trained_->differentiate(value * scale, whole);
  return value.item<double>();
}

void TorchLearner::step(double loss, const Again& again)
{
  trained_->take_buckets();
  optimiser_->step(loss, [&] {
    at::AutoGradMode enabled{true};
    const double value = again();
    trained_->take_buckets();
    return value;
  });
  c10::NoGradGuard no_gradient;
  const auto t = static_cast<double>(optimiser_->steps());
  const double decay = std::min(settings_.optimizer.average, t / (t + 10));
  if (settings_.optimizer.average > 0) average_.lerp_(trained_->values(), 1 - decay);
}

/// The weights to be published, without their last layer being solved.
void TorchLearner::publish_average()
{
  c10::NoGradGuard no_gradient;
  published_.parameters().values().copy_(settings_.optimizer.average > 0 ? average_
                                                                         : trained_->values());
  const Tensors from = ensemble_->buffers();
  Tensors to = published_.ensemble().buffers();
  for (std::size_t i = 0; i < from.size(); ++i) to[i].copy_(from[i]);
}

// For the mean square error the best last layer, given the hidden ones, is the solution of a linear
// least-squares problem: its normal equations are sums over samples, so ranks join them exactly.
// What Adam leaves of the error in many thousand steps this takes away at once (variable
// projection, Golub and Pereyra 1973).
std::vector<double> TorchLearner::settling_sums(const Batch& inputs, const Batch& targets)
{
  publish_average();
  if (settings_.last_layer == LastLayer::gradient) return {};
  c10::NoGradGuard no_gradient;
  const Layout& layout = published_.plan().layout;
  const std::int64_t members = ensemble_->members();
  const std::int64_t out = layout.outputs.numbers();
  at::Tensor left;
  at::Tensor right;
  constexpr std::int64_t chunk = 1024;
  std::vector<const std::byte*> x(layout.signature.inputs.size());
  std::vector<const std::byte*> y(layout.signature.outputs.size());
  // Once even without samples: the sums' length is the same on all ranks.
  for (std::int64_t begin = 0; begin == 0 || begin < inputs.count; begin += chunk) {
    const std::int64_t count = std::min(chunk, inputs.count - begin);
    for (std::size_t f = 0; count > 0 && f < x.size(); ++f)
      x[f] = inputs.columns[f] + begin * layout.signature.inputs[f].bytes();
    for (std::size_t f = 0; count > 0 && f < y.size(); ++f)
      y[f] = targets.columns[f] + begin * layout.signature.outputs[f].bytes();
    const Batch some{count, x.data()};
    const at::Tensor hidden =
        published_.ensemble().features(samples_of(some)[0]).to(at::kCPU).to(at::kDouble);
    const at::Tensor all = at::cat({hidden, at::ones({members, count, 1}, at::kDouble)}, 2);
    const at::Tensor wanted = targets_of(some, {count, y.data()})[0]
                                  .to(at::kCPU)
                                  .to(at::kDouble)
                                  .unsqueeze(0)
                                  .expand({members, count, out});
    if (!left.defined()) {
      left = at::zeros({members, all.size(2), all.size(2)}, at::kDouble);
      right = at::zeros({members, all.size(2), out}, at::kDouble);
    }
    left.baddbmm_(all.transpose(1, 2), all);
    right.baddbmm_(all.transpose(1, 2), wanted);
  }
  const at::Tensor sums = at::cat({left.flatten(), right.flatten(),
                                   at::full({1}, static_cast<double>(inputs.count), at::kDouble)});
  return {sums.data_ptr<double>(), sums.data_ptr<double>() + sums.numel()};
}

void TorchLearner::settle(const std::vector<double>& joined)
{
  if (joined.empty() || !(joined.back() > 0)) return;
  c10::NoGradGuard no_gradient;
  const std::int64_t members = ensemble_->members();
  const std::int64_t out = published_.plan().layout.outputs.numbers();
  // members * width * (width + out) numbers and the count.
  const auto each = (static_cast<std::int64_t>(joined.size()) - 1) / members;
  std::int64_t width = 1;
  while (width * (width + out) < each) ++width;
  const at::Tensor sums = at::from_blob(const_cast<double*>(joined.data()),
                                        {static_cast<std::int64_t>(joined.size())}, at::kDouble) /
                          joined.back();
  const at::Tensor left = sums.narrow(0, 0, members * width * width).view({members, width, width});
  const at::Tensor right =
      sums.narrow(0, members * width * width, members * width * out).view({members, width, out});
  // Hidden values are of order one: so small a ridge only keeps the system regular.
  constexpr double ridge = 1e-8;
  const at::Tensor solved = at::linalg_solve(left + ridge * at::eye(width, at::kDouble), right);
  if (!solved.isfinite().all().item<bool>()) return;
  published_.ensemble().set_last_layer(solved);
}

double TorchLearner::validate(const Batch& inputs, const Batch& targets)
{
  c10::NoGradGuard no_gradient;
  published_.ensemble().set_training(false);
  const Layout& layout = published_.plan().layout;
  constexpr std::int64_t chunk = 256;
  std::vector<const std::byte*> x(layout.signature.inputs.size());
  std::vector<const std::byte*> y(layout.signature.outputs.size());
  double sum = 0;
  for (std::int64_t begin = 0; begin < inputs.count; begin += chunk) {
    const std::int64_t count = std::min(chunk, inputs.count - begin);
    for (std::size_t f = 0; f < x.size(); ++f)
      x[f] = inputs.columns[f] + begin * layout.signature.inputs[f].bytes();
    for (std::size_t f = 0; f < y.size(); ++f)
      y[f] = targets.columns[f] + begin * layout.signature.outputs[f].bytes();
    const Batch some{count, x.data()};
    sum += loss(published_.ensemble(), samples_of(some), targets_of(some, {count, y.data()}))
               .item<double>() *
           static_cast<double>(count);
  }
  return sum / static_cast<double>(std::max<std::int64_t>(1, inputs.count));
}

void TorchLearner::keep()
{
  c10::NoGradGuard no_gradient;
  kept_.values = trained_->values().clone();
  kept_.average = average_.clone();
  kept_.buffers.clear();
  for (const auto& buffer : ensemble_->buffers()) kept_.buffers.push_back(buffer.clone());
  kept_.normalisation = std::make_unique<Normalisation>(published_.normalisation);
}

void TorchLearner::roll_back(double factor)
{
  c10::NoGradGuard no_gradient;
  trained_->values().copy_(kept_.values);
  average_.copy_(kept_.average);
  const Tensors buffers = ensemble_->buffers();
  for (std::size_t i = 0; i < buffers.size(); ++i) at::Tensor{buffers[i]}.copy_(kept_.buffers[i]);
  published_.normalisation = *kept_.normalisation;
  optimiser_->restart(factor);
}

}  // namespace cardan::torch_module
