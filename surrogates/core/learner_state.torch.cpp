// What a restart, and what a federation needs of a learner.

#include "core/learner.torch.hpp"
#include "core/tensor_state.torch.hpp"

#include <cardan/error.hpp>

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>

#include <mutex>

namespace cardan::torch_module {

namespace {

void put(State& state, const std::string& group, const Normalisation& normalisation)
{
  state.put(group + "/input_mean", normalisation.input.mean);
  state.put(group + "/input_deviation", normalisation.input.deviation);
  state.put(group + "/output_mean", normalisation.output.mean);
  state.put(group + "/output_deviation", normalisation.output.deviation);
}

void get(const State& state, const std::string& group, Normalisation& normalisation)
{
  normalisation.input.mean = state.numbers(group + "/input_mean");
  normalisation.input.deviation = state.numbers(group + "/input_deviation");
  normalisation.output.mean = state.numbers(group + "/output_mean");
  normalisation.output.deviation = state.numbers(group + "/output_deviation");
}

/// Torch's generator of random numbers, which noise and dropout draw from.
template <class Work>
void with_generator(at::Device device, Work&& work)
{
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  work(generator);
}

}  // namespace

// The tally's arrays have one row for each rank: those of several ranks, one behind the other, are
// joined.
State TorchLearner::checkpoint() const
{
  State state;
  const auto names = ensemble_->parameter_names();
  const auto buffers = ensemble_->buffer_names();
  put_tensors(state, "weights", names, trained_->split(trained_->values()));
  put_tensors(state, "buffers", buffers, ensemble_->buffers());
  put_tensors(state, "average", names, trained_->split(average_));
  put_tensors(state, "published/weights", names, trained_->split(published_.parameters().values()));
  put_tensors(state, "published/buffers", buffers, published_.buffers());
  put(state, "normalisation", published_.normalisation);
  state.put("normalised", static_cast<std::int64_t>(normalised_));
  put_tensors(state, "kept/weights", names, trained_->split(kept_.values));
  put_tensors(state, "kept/buffers", buffers, kept_.buffers);
  put_tensors(state, "kept/average", names, trained_->split(kept_.average));
  put(state, "kept/normalisation", *kept_.normalisation);
  state.put("optimiser", optimiser_->checkpoint());

  const auto& sums = statistics_.tally().sums;
  state.put("tally/sums", Dtype::float64, {1, static_cast<std::int64_t>(sums.size())}, sums.data());
  with_generator(published_.device(), [&](at::Generator& generator) {
    put_tensor(state, "tally/generator", generator.get_state().unsqueeze(0));
  });
  return state;
}

void TorchLearner::restore(const State& state)
{
  check_alike(state, checkpoint(), {"optimiser/", "tally/"});
  const auto width = static_cast<std::int64_t>(statistics_.tally().sums.size());
  std::vector<double> rows;
  std::int64_t ranks = 0;
  if (state.has("tally/sums")) {
    ranks = state.array("tally/sums").numbers() / width;
    rows.resize(static_cast<std::size_t>(ranks * width));
    state.get("tally/sums", Dtype::float64, {ranks, width}, rows.data());
  }
  // The last that may throw before anything is changed.
  optimiser_->restore(state.group("optimiser"));

  Tally joined{std::vector<double>(static_cast<std::size_t>(width), 0.0), {}};
  for (std::size_t i = 0; i < rows.size(); ++i)
    joined.sums[i % static_cast<std::size_t>(width)] += rows[i];
  statistics_.set(joined);
  with_generator(published_.device(), [&](at::Generator& generator) {
    // Other ranks than those that the numbers were drawn for: others are drawn.
    if (ranks == 1)
      generator.set_state(tensor_of(state, "tally/generator").squeeze(0));
    else
      generator.set_current_seed(generator.current_seed() +
                                 0x9e3779b97f4a7c15U *
                                     static_cast<std::uint64_t>(optimiser_->steps() + 1));
  });

  c10::NoGradGuard no_gradient;
  const auto names = ensemble_->parameter_names();
  const auto buffers = ensemble_->buffer_names();
  get_tensors(state, "weights", names, trained_->split(trained_->values()));
  get_tensors(state, "buffers", buffers, ensemble_->buffers());
  get_tensors(state, "average", names, trained_->split(average_));
  get_tensors(state, "published/weights", names, trained_->split(published_.parameters().values()));
  get_tensors(state, "published/buffers", buffers, published_.buffers());
  get(state, "normalisation", published_.normalisation);
  normalised_ = state.integer("normalised") != 0;
  get_tensors(state, "kept/weights", names, trained_->split(kept_.values));
  get_tensors(state, "kept/buffers", buffers, kept_.buffers);
  get_tensors(state, "kept/average", names, trained_->split(kept_.average));
  get(state, "kept/normalisation", *kept_.normalisation);
}

void TorchLearner::get_weights(double* to) const
{
  c10::NoGradGuard no_gradient;
  at::from_blob(to, {trained_->count()}, at::kDouble).copy_(trained_->values());
}

// The moving average has nothing to remember of other weights.
void TorchLearner::set_weights(const double* from)
{
  c10::NoGradGuard no_gradient;
  trained_->values().copy_(
      at::from_blob(const_cast<double*>(from), {trained_->count()}, at::kDouble));
  average_.copy_(trained_->values());
}

}  // namespace cardan::torch_module
