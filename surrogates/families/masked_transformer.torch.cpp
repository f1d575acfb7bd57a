#include "families/masked_transformer.torch.hpp"

#include "families/dense.torch.hpp"

#include <torch/nn/modules/normalization.h>

#include <cmath>

namespace cardan::families {

namespace {

struct Settings {
  std::int64_t width;
  std::int64_t heads;
  Activation activation;
};

torch::nn::LayerNorm layer_norm(std::int64_t width)
{
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}));
}

std::string layer_norm(const std::string& layer, const std::string& width)
{
  return "torch.layer_norm(x, [" + width + "], self." + layer + ".weight, self." + layer + ".bias)";
}

/// Attention over all sites, then each site by itself; both added to what comes in.
class Block : public Network {
 public:
  explicit Block(const Settings& settings)
      : settings_(settings),
        before_attention_(register_module("before_attention", layer_norm(settings.width))),
        attends_(register_module("attends", torch::nn::Linear(settings.width, 3 * settings.width))),
        attended_(register_module("attended", torch::nn::Linear(settings.width, settings.width))),
        before_dense_(register_module("before_dense", layer_norm(settings.width))),
        first_(register_module("first", torch::nn::Linear(settings.width, 2 * settings.width))),
        second_(register_module("second", torch::nn::Linear(2 * settings.width, settings.width)))
  {}

  /// (n, sites, width) to the same.
  at::Tensor forward(const at::Tensor& samples) override
  {
    const std::int64_t count = samples.size(0);
    const std::int64_t sites = samples.size(1);
    const std::int64_t each = settings_.width / settings_.heads;
    // (3, n, heads, sites, each)
    const at::Tensor parts = attends_(before_attention_(samples))
                                 .view({count, sites, 3, settings_.heads, each})
                                 .permute({2, 0, 3, 1, 4});
    const at::Tensor looks = at::matmul(parts.select(0, 0), parts.select(0, 1).transpose(2, 3)) /
                             std::sqrt(static_cast<double>(each));
    const at::Tensor seen = at::matmul(at::softmax(looks, 3), parts.select(0, 2))
                                .transpose(1, 2)
                                .reshape({count, sites, settings_.width});
    const at::Tensor x = samples + attended_(seen);
    return x + second_(activate(first_(before_dense_(x)), settings_.activation));
  }

  [[nodiscard]] std::string script() const override
  {
    const std::string width = std::to_string(settings_.width);
    const std::string heads = std::to_string(settings_.heads);
    const std::string each = std::to_string(settings_.width / settings_.heads);
    return "def forward(self, x):\n"
           "    parts = " +
           linear("attends", layer_norm("before_attention", width)) +
           ".view([x.size(0), x.size(1), 3, " + heads + ", " + each +
           "]).permute([2, 0, 3, 1, 4])\n"
           "    looks = torch.matmul(parts.select(0, 0), parts.select(0, 1).transpose(2, 3)) / (" +
           each +
           " ** 0.5)\n"
           "    seen = torch.matmul(torch.softmax(looks, 3), parts.select(0, 2)).transpose(1, 2)"
           ".reshape([x.size(0), x.size(1), " +
           width +
           "])\n"
           "    x = x + " +
           linear("attended", "seen") + "\n    return x + " +
           linear("second", activated(linear("first", layer_norm("before_dense", width)),
                                      settings_.activation)) +
           "\n";
  }

 private:
  Settings settings_;
  torch::nn::LayerNorm before_attention_;
  torch::nn::Linear attends_;
  torch::nn::Linear attended_;
  torch::nn::LayerNorm before_dense_;
  torch::nn::Linear first_;
  torch::nn::Linear second_;
};

class MaskedTransformer : public Network {
 public:
  MaskedTransformer(const NetworkShape& shape, const Settings& settings, std::int64_t depth)
      : sites_(shape.parts[0]),
        features_((shape.in - sites_) / sites_),
        channels_(shape.out / sites_),
        width_(settings.width),
        embed_(register_module("embed", torch::nn::Linear(2 + features_, width_))),
        places_(register_parameter("places", 0.3 * at::randn({sites_, width_}))),
        last_norm_(register_module("last_norm", layer_norm(width_))),
        last_(register_module("last", torch::nn::Linear(width_, channels_)))
  {
    for (std::int64_t i = 0; i < depth; ++i)
      blocks_.push_back(
          register_module("block" + std::to_string(i), std::make_shared<Block>(settings)));
  }

  at::Tensor forward(const at::Tensor& samples) override
  {
    const std::int64_t count = samples.size(0);
    const at::Tensor tokens = samples.narrow(1, 0, sites_).unsqueeze(2);
    const at::Tensor known =
        samples.narrow(1, sites_, sites_ * features_).reshape({count, sites_, features_});
    const at::Tensor masked = at::eq(tokens, 0).to(tokens.scalar_type());
    at::Tensor x = embed_(at::cat({tokens, masked, known}, 2)) + places_;
    for (auto& block : blocks_) x = block->forward(x);
    return last_(last_norm_(x)).transpose(1, 2).reshape({count, channels_ * sites_});
  }

  [[nodiscard]] std::string script() const override
  {
    const std::string sites = std::to_string(sites_);
    const std::string features = std::to_string(features_);
    std::string text =
        "def forward(self, x):\n"
        "    count = x.size(0)\n"
        "    tokens = torch.narrow(x, 1, 0, " +
        sites +
        ").unsqueeze(2)\n"
        "    known = torch.narrow(x, 1, " +
        sites + ", " + std::to_string(sites_ * features_) + ").reshape([count, " + sites + ", " +
        features +
        "])\n"
        "    masked = torch.eq(tokens, 0).to(tokens.dtype)\n"
        "    x = torch.cat([tokens, masked, known], 2)\n"
        "    x = " +
        linear("embed", "x") + " + self.places\n";
    for (std::size_t i = 0; i < blocks_.size(); ++i)
      text.append("    x = self.block").append(std::to_string(i)).append(".forward(x)\n");
    return text + "    x = " + layer_norm("last_norm", std::to_string(width_)) + "\n    return " +
           linear("last", "x") + ".transpose(1, 2).reshape([count, " +
           std::to_string(channels_ * sites_) + "])\n";
  }

 private:
  std::int64_t sites_;
  std::int64_t features_;
  std::int64_t channels_;
  std::int64_t width_;
  torch::nn::Linear embed_;
  at::Tensor places_;
  std::vector<std::shared_ptr<Block>> blocks_;
  torch::nn::LayerNorm last_norm_;
  torch::nn::Linear last_;
};

void check_shape(const Config& model, const NetworkShape& shape)
{
  if (shape.parts.size() > 2)
    throw model.error("kind",
                      "needs one or two input features, the sites' tokens and what is known of "
                      "them, not " +
                          std::to_string(shape.parts.size()),
                      "Name two fields in 'inputs'.");
  const std::int64_t sites = shape.parts[0];
  if (shape.in % sites != 0)
    throw model.error("kind", std::to_string(shape.in - sites) + " numbers that are known of " +
                                  std::to_string(sites) + " sites are not as many for each");
  if (shape.out % sites != 0)
    throw model.error("kind", "an answer of " + std::to_string(shape.out) + " numbers for " +
                                  std::to_string(sites) + " sites is not as many for each");
}

}  // namespace

//= [surrogate.NAME.model] masked_transformer
std::shared_ptr<Network> make_masked_transformer(const Config& model, const NetworkShape& shape)
{
  check_shape(model, shape);
  //= numbers of each site
  const std::int64_t width = read_count(model, "width", 32);
  //= layers of attention
  const std::int64_t depth = read_count(model, "depth", 2);
  //= of each layer: ways to look at the other sites; divides `width`
  const std::int64_t heads = read_count(model, "heads", 4);
  if (width % heads != 0)
    throw wrong(model, "heads",
                "does not divide the width of " + std::to_string(width) + " numbers");
  return std::make_shared<MaskedTransformer>(
      shape, Settings{width, heads, read_activation(model, "gelu")}, depth);
}

}  // namespace cardan::families
