#include "mlp/mlp.torch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <stdexcept>

namespace cardan::mlp {

namespace {

at::Tensor activate(const at::Tensor& x, Activation activation)
{
  switch (activation) {
    case Activation::tanh: return at::tanh(x);
    case Activation::silu: return at::silu(x);
    case Activation::gelu: return at::gelu(x);
    case Activation::relu: return at::relu(x);
  }
  return x;
}

/// Rows that are evaluated at once: the activations of all members stay in a core's cache.
constexpr std::int64_t chunk = 256;

}  // namespace

Network::Network(const Settings& settings, Signature signature)
    : settings_(settings), signature_(signature)
{
  std::int64_t in = signature.inputs;
  const auto add = [&](std::int64_t out) {
    Layer layer{in, out, parameters_, parameters_ + settings_.members * in * out};
    parameters_ = layer.biases + settings_.members * out;
    layers_.push_back(layer);
    in = out;
  };
  for (const auto width : settings.hidden) add(width);
  add(signature.outputs);
}

at::Tensor Network::weights(const at::Tensor& flat, const Layer& layer) const
{
  return flat.narrow(0, layer.weights, settings_.members * layer.in * layer.out)
      .view({settings_.members, layer.in, layer.out});
}

at::Tensor Network::biases(const at::Tensor& flat, const Layer& layer) const
{
  return flat.narrow(0, layer.biases, settings_.members * layer.out)
      .view({settings_.members, 1, layer.out});
}

at::Tensor Network::initial(std::uint64_t seed) const
{
  c10::NoGradGuard no_gradient;
  auto generator = at::detail::createCPUGenerator(seed);
  at::Tensor flat = at::zeros({parameters_}, at::kFloat);
  for (const auto& layer : layers_) {
    at::Tensor part = weights(flat, layer);
    part.normal_(0.0, 1.0 / std::sqrt(static_cast<double>(layer.in)), generator);
    if (&layer == &layers_.back()) continue;
    at::Tensor bias = biases(flat, layer);
    bias.normal_(0.0, 0.5, generator);
  }
  return flat;
}

at::Tensor Network::features(const at::Tensor& flat, const at::Tensor& inputs) const
{
  at::Tensor x = inputs.unsqueeze(0).expand({settings_.members, inputs.size(0), inputs.size(1)});
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l)
    x = activate(at::baddbmm(biases(flat, layers_[l]), x, weights(flat, layers_[l])),
                 settings_.activation);
  return x;
}

at::Tensor Network::forward(const at::Tensor& flat, const at::Tensor& inputs) const
{
  const Layer& last = layers_.back();
  return at::baddbmm(biases(flat, last), features(flat, inputs), weights(flat, last));
}

at::Tensor normalised(Rows rows, const Scale& scale)
{
  at::Tensor tensor = at::empty({rows.count, rows.width}, at::kFloat);
  auto* to = tensor.data_ptr<float>();
  for (std::int64_t r = 0; r < rows.count; ++r)
    for (std::int64_t i = 0; i < rows.width; ++i) {
      const auto k = static_cast<std::size_t>(i);
      to[r * rows.width + i] =
          static_cast<float>((rows.data[r * rows.width + i] - scale.mean[k]) / scale.deviation[k]);
    }
  return tensor;
}

// Of all corrections that make the sum zero this one is the smallest in units of the deviations; so
// a small component beside large ones (Robertson's y2 beside y1 and y3) is hardly touched.
at::Tensor project(const at::Tensor& raw, const Scale& output, Head head)
{
  if (head != Head::conserving) return raw;
  const auto count = static_cast<std::int64_t>(output.mean.size());
  at::Tensor s = at::empty({count}, at::kFloat);
  double square = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double deviation = output.deviation[static_cast<std::size_t>(i)];
    s.data_ptr<float>()[i] = static_cast<float>(deviation);
    square += deviation * deviation;
  }
  const double offset = std::accumulate(output.mean.begin(), output.mean.end(), 0.0);
  const at::Tensor excess = (raw * s).sum(-1, true) + offset;
  return raw - excess * (s / square);
}

Mlp::Mlp(const Settings& settings, Signature signature)
    : network(settings, signature),
      flat(at::zeros({network.parameters()}, at::kFloat)),
      normalisation(signature)
{
  if (settings.head != Head::plain && signature.inputs != signature.outputs)
    throw std::runtime_error(
        "model head 'increment' or 'conserving' needs as many outputs as inputs (" +
        std::to_string(signature.inputs) + " inputs, " + std::to_string(signature.outputs) +
        " outputs). Use head = \"plain\".");
}

// The mean and the spread over members, back in units of the answer. The conserving head's sum is
// made exact in double precision here: what float rounding left goes to the component with the
// largest deviation.
void Mlp::predict(Rows inputs, const Answers& answers)
{
  c10::NoGradGuard no_gradient;
  const std::int64_t members = network.settings().members;
  const Head head = network.settings().head;
  const std::int64_t width = network.signature().outputs;
  const Scale& scale = normalisation.output;
  const auto largest =
      std::max_element(scale.deviation.begin(), scale.deviation.end()) - scale.deviation.begin();
  for (std::int64_t begin = 0; begin < inputs.count; begin += chunk) {
    const Rows part{inputs.data + begin * inputs.width, std::min(chunk, inputs.count - begin),
                    inputs.width};
    const at::Tensor out =
        project(network.forward(flat, normalised(part, normalisation.input)), scale, head)
            .contiguous();
    const auto* values = out.data_ptr<float>();
    for (std::int64_t r = 0; r < part.count; ++r) {
      const double* in = part.data + r * part.width;
      double* answer = answers.outputs + (begin + r) * width;
      double* spread = answers.spread + (begin + r) * width;
      double excess = 0;
      for (std::int64_t j = 0; j < width; ++j) {
        double sum = 0;
        double square = 0;
        for (std::int64_t m = 0; m < members; ++m)
          sum += static_cast<double>(values[(m * part.count + r) * width + j]);
        const double mean = sum / static_cast<double>(members);
        for (std::int64_t m = 0; m < members; ++m) {
          const double off = static_cast<double>(values[(m * part.count + r) * width + j]) - mean;
          square += off * off;
        }
        const auto k = static_cast<std::size_t>(j);
        spread[j] = scale.deviation[k] *
                    std::sqrt(square / static_cast<double>(std::max<std::int64_t>(1, members - 1)));
        answer[j] = scale.mean[k] + scale.deviation[k] * mean;
        excess += answer[j];
      }
      if (head == Head::conserving) answer[largest] -= excess;
      if (head != Head::plain)
        for (std::int64_t j = 0; j < width; ++j) answer[j] += in[j];
      answers.inside[begin + r] = normalisation.inside(in) ? 1 : 0;
    }
  }
}

std::size_t Mlp::state_bytes() const
{
  return sizeof(double) * normalisation.numbers() +
         sizeof(float) * static_cast<std::size_t>(network.parameters());
}

void Mlp::write(std::byte* state) const
{
  std::vector<double> numbers(normalisation.numbers());
  normalisation.write(numbers.data());
  std::memcpy(state, numbers.data(), sizeof(double) * numbers.size());
  std::memcpy(state + sizeof(double) * numbers.size(), flat.data_ptr<float>(),
              sizeof(float) * static_cast<std::size_t>(network.parameters()));
}

void Mlp::read(const std::byte* state)
{
  std::vector<double> numbers(normalisation.numbers());
  std::memcpy(numbers.data(), state, sizeof(double) * numbers.size());
  normalisation.read(numbers.data());
  std::memcpy(flat.data_ptr<float>(), state + sizeof(double) * numbers.size(),
              sizeof(float) * static_cast<std::size_t>(network.parameters()));
}

}  // namespace cardan::mlp
