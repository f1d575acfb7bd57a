#include "core/torch_model.torch.hpp"

#include "core/numbers.hpp"
#include "core/projection.torch.hpp"
#include "core/said.hpp"

#include <cardan/error.hpp>

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstring>

namespace cardan::torch_module {

namespace {

Ensemble& moved(Ensemble& ensemble, at::Device device)
{
  c10::NoGradGuard no_gradient;
  if (device.is_cpu()) return ensemble;
  for (auto& parameter : ensemble.parameters()) parameter.set_data(parameter.to(device));
  for (auto& buffer : ensemble.buffers()) buffer.set_data(buffer.to(device));
  return ensemble;
}

}  // namespace

Tensors to_device(Tensors tensors, at::Device device)
{
  if (device.is_cpu()) return tensors;
  // Pinned memory lets the copy run beside the host.
  for (auto& tensor : tensors) tensor = tensor.pin_memory().to(device, true);
  return tensors;
}

TorchModel::TorchModel(const Plan& plan)
    : normalisation(plan.layout.inputs.groups(), plan.layout.outputs.groups()),
      plan_(plan),
      device_(device_of(plan.settings)),
      ensemble_(plan.make()),
      parameters_(std::make_unique<FlatParameters>(moved(*ensemble_, device_).parameters())),
      buffers_(ensemble_->buffers())
{
  const bool adds = plan.settings.head == Head::increment || plan.settings.head == Head::conserving;
  const std::int64_t inputs = plan.layout.inputs.numbers();
  const std::int64_t outputs = plan.layout.outputs.numbers();
  if (adds && (inputs != outputs || plan.layout.kind != Layout::Kind::rows))
    throw Error{"model head 'increment' or 'conserving' needs rows with as many outputs as inputs",
                std::to_string(inputs) + " inputs, " + std::to_string(outputs) + " outputs",
                "Use head = \"plain\"."};
  try_once();
}

// What the model makes of samples of the stream's shapes, before the first step: ones, since a
// model may divide by what it is given.
void TorchModel::try_once()
{
  constexpr std::int64_t count = 3;
  std::vector<std::vector<std::byte>> memory;
  std::vector<const std::byte*> columns;
  for (const auto& feature : plan_.layout.signature.inputs) {
    const at::Tensor ones = plan_.layout.as_streamed
                                ? at::ones({count * feature.numbers()}, scalar_type(feature.dtype))
                                : at::Tensor{};
    memory.emplace_back(static_cast<std::size_t>(count * feature.bytes()));
    if (ones.defined()) std::memcpy(memory.back().data(), ones.data_ptr(), memory.back().size());
    columns.push_back(memory.back().data());
  }
  c10::NoGradGuard no_gradient;
  const Tensors samples =
      to_tensors(plan_.layout, true, {count, columns.data()}, nullptr, normalisation.input);
  static_cast<void>(answer(plan_, *ensemble_, normalisation, to_device(samples, device_)));
}

Tensors TorchModel::answer(const Plan& plan, Ensemble& ensemble, const Normalisation& normalisation,
                           const Tensors& samples)
{
  Tensors answers;
  try {
    answers = ensemble.forward(samples);
  } catch (const Error& error) {
    throw Error{ensemble.name() + " does not fit the stream " + to_string(plan.layout.signature),
                error.what()};
  } catch (const std::exception& error) {
    throw Error{ensemble.name() + " cannot evaluate " + describe(samples, 1) +
                    " a sample of the stream " + to_string(plan.layout.signature),
                said(error.what()),
                "Does the model take the inputs in this order, with these shapes and dtypes?"};
  }
  check_answers(ensemble.name(), plan.layout, answers, samples[0].size(0), plan.settings.head);
  if (plan.settings.head == Head::conserving)
    answers[0] = Projection{normalisation.output}.apply(answers[0]);
  return answers;
}

void TorchModel::predict(const Batch& inputs, const Answers& answers)
{
  if (inputs.count == 0) return;
  c10::NoGradGuard no_gradient;
  ensemble_->set_training(false);
  const std::int64_t chunk = plan_.chunk > 0 ? plan_.chunk : inputs.count;
  const auto& features = plan_.layout.signature.inputs;
  std::vector<const std::byte*> columns(features.size());
  for (std::int64_t begin = 0; begin < inputs.count; begin += chunk) {
    const std::int64_t count = std::min(chunk, inputs.count - begin);
    for (std::size_t f = 0; f < columns.size(); ++f)
      columns[f] = inputs.columns[f] + begin * features[f].bytes();
    const Tensors samples = to_device(
        to_tensors(plan_.layout, true, {count, columns.data()}, nullptr, normalisation.input),
        device_);
    Tensors out = answer(plan_, *ensemble_, normalisation, samples);
    for (auto& tensor : out) tensor = tensor.to(at::kCPU);
    from_tensors(plan_.layout, out, inputs, begin, count, normalisation.output, plan_.settings.head,
                 answers);
  }
}

void TorchModel::save(const std::string& path) const
{
  ensemble_->save(path, plan_, normalisation);
}

bool TorchModel::has_spread() const
{
  return ensemble_->members() > 1 || plan_.settings.head == Head::gaussian;
}

std::size_t TorchModel::state_bytes() const
{
  std::size_t bytes = sizeof(double) * normalisation.numbers() + parameters_->values().nbytes();
  for (const auto& buffer : buffers_) bytes += buffer.nbytes();
  return bytes;
}

void TorchModel::write(std::byte* state) const
{
  std::vector<double> numbers(normalisation.numbers());
  normalisation.write(numbers.data());
  std::memcpy(state, numbers.data(), sizeof(double) * numbers.size());
  state += sizeof(double) * numbers.size();
  const auto put = [&](const at::Tensor& tensor) {
    const at::Tensor dense = tensor.detach().to(at::kCPU).contiguous();
    std::memcpy(state, dense.data_ptr(), dense.nbytes());
    state += dense.nbytes();
  };
  put(parameters_->values());
  for (const auto& buffer : buffers_) put(buffer);
}

void TorchModel::read(const std::byte* state)
{
  c10::NoGradGuard no_gradient;
  std::vector<double> numbers(normalisation.numbers());
  std::memcpy(numbers.data(), state, sizeof(double) * numbers.size());
  normalisation.read(numbers.data());
  state += sizeof(double) * numbers.size();
  const auto get = [&](at::Tensor tensor) {
    at::Tensor dense = at::empty(tensor.sizes(), tensor.options().device(at::kCPU));
    std::memcpy(dense.data_ptr(), state, dense.nbytes());
    tensor.copy_(dense);
    state += dense.nbytes();
  };
  get(parameters_->values());
  for (const auto& buffer : buffers_) get(buffer);
}

}  // namespace cardan::torch_module
