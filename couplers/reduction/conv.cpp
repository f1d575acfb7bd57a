#include "couplers/reduction/conv.hpp"

#include "couplers/reduction/matrix.hpp"
#include "couplers/reduction/transform_bytes.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::reduction {

namespace {

std::size_t at(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}

using Numbers = std::vector<double>;

/// In the order of their bytes.
constexpr Numbers ConvNetwork::*all_numbers[] = {
    &ConvNetwork::mean_in,        &ConvNetwork::deviation_in,     &ConvNetwork::mean_out,
    &ConvNetwork::deviation_out,  &ConvNetwork::patch_in,         &ConvNetwork::patch_in_bias,
    &ConvNetwork::to_latent,      &ConvNetwork::to_latent_bias,   &ConvNetwork::bypass_in,
    &ConvNetwork::from_latent,    &ConvNetwork::from_latent_bias, &ConvNetwork::patch_out,
    &ConvNetwork::patch_out_bias, &ConvNetwork::bypass_out};

void check(const ConvNetwork& n)
{
  const auto numbers = n.order.size();
  const auto wrong = [](const char* what) {
    return Error{"a convolutional transform is wrong", what};
  };
  if (n.patch < 1 || n.features < 1 || n.latent < 0 || numbers < 1 || numbers % at(n.patch) != 0)
    throw wrong("its patches do not make a block");
  std::vector<bool> seen(numbers);
  for (const std::int64_t i : n.order) {
    if (i < 0 || at(i) >= numbers || seen[at(i)])
      throw wrong("its patches do not have each number once");
    seen[at(i)] = true;
  }
  const std::size_t patch = at(n.patch);
  const std::size_t features = at(n.features);
  const std::size_t latent = at(n.latent);
  const std::size_t hidden = numbers / patch * features;
  for (const auto* each : {&n.mean_in, &n.deviation_in, &n.mean_out, &n.deviation_out})
    if (each->size() != numbers) throw wrong("its normalisation has another size");
  if (n.patch_in.size() != patch * features || n.patch_in_bias.size() != features ||
      n.to_latent.size() != hidden * latent || n.to_latent_bias.size() != latent ||
      n.bypass_in.size() != numbers * latent || n.from_latent.size() != latent * hidden ||
      n.from_latent_bias.size() != hidden || n.patch_out.size() != features * patch ||
      n.patch_out_bias.size() != patch || n.bypass_out.size() != latent * numbers)
    throw wrong("its layers do not fit each other");
}

void leak(double* numbers, std::int64_t count)
{
  for (std::int64_t i = 0; i < count; ++i)
    numbers[i] = numbers[i] > 0 ? numbers[i] : conv_slope * numbers[i];
}

class Conv : public Transform {
 public:
  explicit Conv(ConvNetwork network) : network_(std::move(network))
  {
    const ConvNetwork& n = network_;
    check(n);
    patches_ = numbers() / n.patch;
    hidden_ = patches_ * n.features;
    patch_in_ = Matrix(n.patch, n.features, n.patch_in);
    to_latent_ = Matrix(hidden_, n.latent, n.to_latent);
    bypass_in_ = Matrix(numbers(), n.latent, n.bypass_in);
    from_latent_ = Matrix(n.latent, hidden_, n.from_latent);
    patch_out_ = Matrix(n.features, n.patch, n.patch_out);
    bypass_out_ = Matrix(n.latent, numbers(), n.bypass_out);
    measure_weights();
  }

  [[nodiscard]] const char* kind() const override { return "conv"; }
  [[nodiscard]] std::int64_t numbers() const override
  {
    return static_cast<std::int64_t>(network_.order.size());
  }
  [[nodiscard]] std::int64_t latent() const override { return network_.latent; }

  void encode(const double* blocks, std::int64_t count, double* latents) const override
  {
    const ConvNetwork& n = network_;
    Numbers x(at(numbers()));
    Numbers patches(at(numbers()));
    Numbers hidden(at(hidden_));
    for (std::int64_t b = 0; b < count; ++b, blocks += numbers(), latents += n.latent) {
      for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = (blocks[i] - n.mean_in[i]) / n.deviation_in[i];
      for (std::size_t i = 0; i < x.size(); ++i) patches[i] = x[at(n.order[i])];
      for (std::int64_t p = 0; p < patches_; ++p)
        patch_in_.apply(patches.data() + p * n.patch, nullptr, n.patch_in_bias.data(),
                        hidden.data() + p * n.features);
      leak(hidden.data(), hidden_);
      to_latent_.apply(hidden.data(), nullptr, n.to_latent_bias.data(), latents);
      bypass_in_.apply(x.data(), nullptr, latents, latents);
    }
  }

  void decode(const double* latents, std::int64_t count, double* blocks) const override
  {
    const ConvNetwork& n = network_;
    Numbers straight(at(numbers()));
    Numbers patches(at(numbers()));
    Numbers hidden(at(hidden_));
    for (std::int64_t b = 0; b < count; ++b, blocks += numbers(), latents += n.latent) {
      from_latent_.apply(latents, nullptr, n.from_latent_bias.data(), hidden.data());
      leak(hidden.data(), hidden_);
      for (std::int64_t p = 0; p < patches_; ++p)
        patch_out_.apply(hidden.data() + p * n.features, nullptr, n.patch_out_bias.data(),
                         patches.data() + p * n.patch);
      bypass_out_.apply(latents, nullptr, nullptr, straight.data());
      for (std::size_t i = 0; i < patches.size(); ++i) straight[at(n.order[i])] += patches[i];
      for (std::size_t i = 0; i < straight.size(); ++i)
        blocks[i] = n.mean_out[i] + n.deviation_out[i] * straight[i];
    }
  }

  [[nodiscard]] std::vector<double> weights() const override { return weights_; }

  [[nodiscard]] std::vector<std::byte> bytes() const override
  {
    std::vector<std::byte> bytes;
    Writer to = begin_transform(bytes, TransformKind::conv);
    to.count(network_.patch);
    to.count(network_.features);
    to.count(network_.latent);
    to.count(numbers());
    for (const std::int64_t i : network_.order) to.count(i);
    for (const auto member : all_numbers) put(to, network_.*member);
    return bytes;
  }

 private:
  /// By central differences about a latent of zeros, which is where normalised blocks have theirs.
  void measure_weights()
  {
    const std::int64_t latent = network_.latent;
    Numbers z(at(2 * latent));
    Numbers y(at(2 * numbers()));
    for (std::int64_t k = 0; k < latent; ++k) {
      std::fill(z.begin(), z.end(), 0.0);
      z[at(k)] = 1;
      z[at(latent + k)] = -1;
      decode(z.data(), 2, y.data());
      double squares = 0;
      for (std::int64_t i = 0; i < numbers(); ++i) {
        const double d = (y[at(i)] - y[at(numbers() + i)]) / 2;
        squares += d * d;
      }
      weights_.push_back(std::sqrt(squares / static_cast<double>(numbers())));
    }
  }

  ConvNetwork network_;
  std::int64_t patches_ = 0;
  std::int64_t hidden_ = 0;
  Matrix patch_in_, to_latent_, bypass_in_, from_latent_, patch_out_, bypass_out_;
  std::vector<double> weights_;
};

}  // namespace

std::unique_ptr<Transform> conv_transform(ConvNetwork network)
{
  return std::make_unique<Conv>(std::move(network));
}

std::unique_ptr<Transform> read_conv(Reader& from)
{
  ConvNetwork network;
  // So few that no product of them is too large for a count.
  constexpr std::int64_t most = 1 << 16;
  network.patch = from.count(most);
  network.features = from.count(most);
  network.latent = from.count(most);
  const std::int64_t numbers = from.count(std::int64_t{1} << 24);
  for (std::int64_t i = 0; i < numbers; ++i) network.order.push_back(from.count(numbers));
  for (const auto member : all_numbers) network.*member = get_numbers(from);
  return conv_transform(std::move(network));
}

}  // namespace cardan::reduction
