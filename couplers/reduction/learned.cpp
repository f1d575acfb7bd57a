#include "couplers/reduction/learned.hpp"

#include "couplers/reduction/conv.hpp"

#include <cardan/error.hpp>

#include <cstring>
#include <string>

namespace cardan::reduction {

namespace {

std::size_t at(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}

Error unfit(const std::string& why)
{
  return Error{"the trained model is no encoder of blocks", why,
               "Take kind = \"autoencoder\" with hidden = [], or kind = \"conv_autoencoder\", with "
               "one member."};
}

/// A layer's weights as doubles, and its extents.
struct Layer {
  std::vector<std::int64_t> shape;
  std::vector<double> numbers;
};

Layer layer(const State& state, const std::string& name)
{
  const std::string path = "published/weights/" + name;
  if (!state.has(path)) throw unfit("it has no weights '" + name + "'");
  const State::Array& array = state.array(path);
  Layer layer{array.shape, std::vector<double>(at(array.numbers()))};
  if (array.dtype == Dtype::float64) {
    std::memcpy(layer.numbers.data(), array.data.data(), array.data.size());
  } else if (array.dtype == Dtype::float32) {
    std::vector<float> floats(layer.numbers.size());
    std::memcpy(floats.data(), array.data.data(), array.data.size());
    layer.numbers.assign(floats.begin(), floats.end());
  } else {
    throw unfit("its weights '" + name + "' are " + to_string(array.dtype));
  }
  return layer;
}

/// Torch has a layer's weights as outputs x inputs: turned round.
std::vector<double> matrix(const State& state, const std::string& name)
{
  const Layer weights = layer(state, name);
  if (weights.shape.size() != 2) throw unfit("its weights '" + name + "' are no matrix");
  const std::int64_t out = weights.shape[0];
  const std::int64_t in = weights.shape[1];
  std::vector<double> turned(weights.numbers.size());
  for (std::int64_t o = 0; o < out; ++o)
    for (std::int64_t i = 0; i < in; ++i) turned[at(i * out + o)] = weights.numbers[at(o * in + i)];
  return turned;
}
std::vector<double> bias(const State& state, const std::string& name)
{
  return layer(state, name).numbers;
}

std::unique_ptr<Transform> linear_of(const State& state)
{
  if (state.has("published/weights/encoder/layer1/weight")) throw unfit("it has hidden layers");
  const auto mean_in = state.numbers("normalisation/input_mean");
  const auto deviation_in = state.numbers("normalisation/input_deviation");
  auto centre = state.numbers("normalisation/output_mean");
  const auto deviation_out = state.numbers("normalisation/output_deviation");
  auto encoder = matrix(state, "encoder/layer0/weight");
  const auto encoder_bias = bias(state, "encoder/layer0/bias");
  auto decoder = matrix(state, "decoder/layer0/weight");
  const auto decoder_bias = bias(state, "decoder/layer0/bias");
  const std::size_t numbers = mean_in.size();
  const std::size_t latent = encoder_bias.size();
  if (encoder.size() != numbers * latent || decoder.size() != numbers * latent ||
      decoder_bias.size() != numbers || centre.size() != numbers)
    throw unfit("it does not answer with the block that it reads");
  // The latents without the encoder's bias; what that adds to the answer is the centre's.
  for (std::size_t n = 0; n < numbers; ++n) {
    double sum = decoder_bias[n];
    for (std::size_t k = 0; k < latent; ++k) {
      sum += encoder_bias[k] * decoder[k * numbers + n];
      encoder[n * latent + k] /= deviation_in[n];
      decoder[k * numbers + n] *= deviation_out[n];
    }
    centre[n] += deviation_out[n] * sum;
  }
  return linear_transform(mean_in, std::move(centre), std::move(encoder), std::move(decoder));
}

std::unique_ptr<Transform> conv_of(const State& state)
{
  ConvNetwork network;
  network.mean_in = state.numbers("normalisation/input_mean");
  network.deviation_in = state.numbers("normalisation/input_deviation");
  network.mean_out = state.numbers("normalisation/output_mean");
  network.deviation_out = state.numbers("normalisation/output_deviation");
  network.order = state.integers("published/buffers/order");
  network.patch_in = matrix(state, "patch_in/weight");
  network.patch_in_bias = bias(state, "patch_in/bias");
  network.to_latent = matrix(state, "to_latent/weight");
  network.to_latent_bias = bias(state, "to_latent/bias");
  network.bypass_in = matrix(state, "bypass_in/weight");
  network.from_latent = matrix(state, "from_latent/weight");
  network.from_latent_bias = bias(state, "from_latent/bias");
  network.patch_out = matrix(state, "patch_out/weight");
  network.patch_out_bias = bias(state, "patch_out/bias");
  network.bypass_out = matrix(state, "bypass_out/weight");
  network.patch = static_cast<std::int64_t>(network.patch_out_bias.size());
  network.features = static_cast<std::int64_t>(network.patch_in_bias.size());
  network.latent = static_cast<std::int64_t>(network.to_latent_bias.size());
  return conv_transform(std::move(network));
}

}  // namespace

Signature block_signature(std::int64_t numbers)
{
  const Features block{{"block", Dtype::float64, {numbers}}};
  return {block, block};
}

std::unique_ptr<Transform> transform_of(const Learner& learner)
{
  return transform_of(learner.checkpoint());
}

std::unique_ptr<Transform> transform_of(const State& checkpoint)
{
  if (checkpoint.has("published/buffers/order")) return conv_of(checkpoint);
  if (checkpoint.has("published/weights/encoder/layer0/weight")) return linear_of(checkpoint);
  throw unfit("its weights have other names");
}

}  // namespace cardan::reduction
