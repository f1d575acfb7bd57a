#include "families/conv_autoencoder.torch.hpp"

#include <algorithm>

namespace cardan::families {

namespace {

constexpr double slope = 0.01;

std::string list(const std::vector<std::int64_t>& numbers)
{
  std::string text;
  for (const auto number : numbers) text += (text.empty() ? "" : " x ") + std::to_string(number);
  return text;
}

std::int64_t product(const std::vector<std::int64_t>& numbers)
{
  std::int64_t all = 1;
  for (const auto number : numbers) all *= number;
  return all;
}

/// For each extent its largest divisor up to 4.
std::vector<std::int64_t> usual_patch(const std::vector<std::int64_t>& block)
{
  std::vector<std::int64_t> patch;
  for (const auto extent : block) {
    std::int64_t edge = std::min<std::int64_t>(4, extent);
    while (extent % edge != 0) --edge;
    patch.push_back(edge);
  }
  return patch;
}

/// The numbers of a block, patch after patch.
std::vector<std::int64_t> order_of(const ConvAutoencoderSettings& settings)
{
  const std::size_t dimensions = settings.block.size();
  std::vector<std::int64_t> order;
  std::vector<std::int64_t> first(dimensions, 0);
  std::vector<std::int64_t> within(dimensions, 0);
  // Counts a place on, the last extent first; false at the end.
  const auto next = [&](std::vector<std::int64_t>& place, const std::vector<std::int64_t>& step,
                        const std::vector<std::int64_t>& end) {
    for (std::size_t d = dimensions; d-- > 0;) {
      place[d] += step[d];
      if (place[d] < end[d]) return true;
      place[d] = 0;
    }
    return false;
  };
  const std::vector<std::int64_t> one(dimensions, 1);
  do {
    do {
      std::int64_t index = 0;
      for (std::size_t d = 0; d < dimensions; ++d)
        index = index * settings.block[d] + first[d] + within[d];
      order.push_back(index);
    } while (next(within, one, settings.patch));
  } while (next(first, settings.patch, settings.block));
  return order;
}

}  // namespace

//= [surrogate.NAME.model] conv_autoencoder
ConvAutoencoderSettings read_conv_autoencoder(const Config& model, const NetworkShape& shape)
{
  ConvAutoencoderSettings settings;
  //= one line of all inputs | extents of a sample on its grid, channels first: `[2, 8, 8]`
  settings.block = model.get<std::vector<std::int64_t>>("block", {shape.in});
  if (shape.out != shape.in)
    throw model.error("kind", "answers with the " + std::to_string(shape.in) +
                                  " numbers that it reads, and the outputs have " +
                                  std::to_string(shape.out));
  if (settings.block.empty() ||
      *std::min_element(settings.block.begin(), settings.block.end()) < 1 ||
      product(settings.block) != shape.in)
    throw wrong(model, "block", "a sample has " + std::to_string(shape.in) + " numbers");
  //= the largest up to 4 that divide the block's | extents of the convolution's kernel, which is
  // its = stride
  settings.patch = model.get<std::vector<std::int64_t>>("patch", usual_patch(settings.block));
  bool divides = settings.patch.size() == settings.block.size();
  for (std::size_t d = 0; divides && d < settings.block.size(); ++d)
    divides = settings.patch[d] > 0 && settings.block[d] % settings.patch[d] == 0;
  if (!divides)
    throw model.error("patch", "must divide a block of " + list(settings.block) + " numbers");
  //= numbers that the convolution makes of each patch
  settings.channels = read_count(model, "channels", 16);
  //= coordinates
  settings.latent = read_count(model, "latent", 8);
  return settings;
}

ConvAutoencoder::ConvAutoencoder(const NetworkShape& shape, const ConvAutoencoderSettings& settings)
    : patches_(shape.in / product(settings.patch)),
      patch_(product(settings.patch)),
      channels_(settings.channels)
{
  using torch::nn::Linear;
  using torch::nn::LinearOptions;
  const std::int64_t hidden = patches_ * channels_;
  const auto order = order_of(settings);
  order_ = register_buffer("order", at::tensor(order, at::kLong));
  back_ = register_buffer("back", at::argsort(order_));
  patch_in_ = register_module("patch_in", Linear(patch_, channels_));
  to_latent_ = register_module("to_latent", Linear(hidden, settings.latent));
  bypass_in_ =
      register_module("bypass_in", Linear(LinearOptions(shape.in, settings.latent).bias(false)));
  from_latent_ = register_module("from_latent", Linear(settings.latent, hidden));
  patch_out_ = register_module("patch_out", Linear(channels_, patch_));
  bypass_out_ =
      register_module("bypass_out", Linear(LinearOptions(settings.latent, shape.in).bias(false)));
  // Hardly more than linear at first.
  const at::NoGradGuard no_gradient;
  to_latent_->weight.mul_(0.1);
  patch_out_->weight.mul_(0.1);
}

at::Tensor ConvAutoencoder::encode(const at::Tensor& samples)
{
  const at::Tensor patches = samples.index_select(1, order_).reshape({-1, patches_, patch_});
  const at::Tensor hidden = at::leaky_relu(patch_in_(patches), slope);
  return to_latent_(hidden.flatten(1)) + bypass_in_(samples);
}

at::Tensor ConvAutoencoder::decode(const at::Tensor& latent)
{
  const at::Tensor hidden =
      at::leaky_relu(from_latent_(latent), slope).reshape({-1, patches_, channels_});
  return patch_out_(hidden).flatten(1).index_select(1, back_) + bypass_out_(latent);
}

at::Tensor ConvAutoencoder::forward(const at::Tensor& samples)
{
  return decode(encode(samples));
}

std::string ConvAutoencoder::script() const
{
  const std::string patches = std::to_string(patches_);
  return "def encode(self, x):\n"
         "    p = torch.reshape(torch.index_select(x, 1, self.order), [-1, " +
         patches + ", " + std::to_string(patch_) +
         "])\n"
         "    h = torch.leaky_relu(" +
         linear("patch_in", "p") + ", 0.01)\n    return " +
         linear("to_latent", "torch.flatten(h, 1)") +
         " + torch.linear(x, self.bypass_in.weight)\n\n"
         "def decode(self, x):\n"
         "    h = torch.reshape(torch.leaky_relu(" +
         linear("from_latent", "x") + ", 0.01), [-1, " + patches + ", " +
         std::to_string(channels_) + "])\n    y = torch.flatten(" + linear("patch_out", "h") +
         ", 1)\n"
         "    return torch.index_select(y, 1, self.back) + torch.linear(x, "
         "self.bypass_out.weight)\n\n"
         "def forward(self, x):\n    return self.decode(self.encode(x))\n";
}

std::shared_ptr<Network> make_conv_autoencoder(const Config& model, const NetworkShape& shape)
{
  return std::make_shared<ConvAutoencoder>(shape, read_conv_autoencoder(model, shape));
}

}  // namespace cardan::families
