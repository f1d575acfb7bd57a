#include "families/unet.torch.hpp"

#include "families/grid.torch.hpp"

namespace cardan::families {

namespace {

struct Settings {
  std::int64_t width;
  std::int64_t levels;
  std::int64_t kernel;
  Activation activation;
  bool normalised;
  Padding padding;
  bool coordinates;
};

/// Means over two points along each dimension.
at::Tensor coarser(const at::Tensor& x)
{
  return x.dim() == 3 ? at::avg_pool1d(x, 2) : at::avg_pool2d(x, 2);
}

/// Each value twice along each dimension.
at::Tensor finer(const at::Tensor& x)
{
  at::Tensor y = x;
  for (std::int64_t d = 2; d < x.dim(); ++d) y = y.repeat_interleave(2, d);
  return y;
}

/// Twice convolution, normalisation, activation.
class Stage : public Network {
 public:
  Stage(std::int64_t dimensions, std::int64_t in, std::int64_t out, const Settings& settings)
      : activation_(settings.activation)
  {
    for (const std::int64_t from : {in, out}) {
      const std::string number = std::to_string(convolutions_.size());
      convolutions_.push_back(register_module(
          "convolution" + number,
          std::make_shared<Convolution>(dimensions, from, out, settings.kernel, settings.padding)));
      if (settings.normalised) norms_.push_back(register_module("norm" + number, group_norm(out)));
    }
  }

  at::Tensor forward(const at::Tensor& samples) override
  {
    at::Tensor x = samples;
    for (std::size_t i = 0; i < convolutions_.size(); ++i) {
      x = convolutions_[i]->forward(x);
      if (!norms_.empty()) x = norms_[i](x);
      x = activate(x, activation_);
    }
    return x;
  }

  [[nodiscard]] std::string script() const override
  {
    std::string text = "def forward(self, x):\n";
    for (std::size_t i = 0; i < convolutions_.size(); ++i) {
      const std::string number = std::to_string(i);
      text += "    x = self.convolution" + number + ".forward(x)\n";
      if (!norms_.empty()) text += "    x = " + group_norm("norm" + number, norms_[i], "x") + "\n";
      text += "    x = " + activated("x", activation_) + "\n";
    }
    return text + "    return x\n";
  }

 private:
  std::vector<std::shared_ptr<Convolution>> convolutions_;
  std::vector<torch::nn::GroupNorm> norms_;
  Activation activation_;
};

class Unet : public Network {
 public:
  Unet(const NetworkShape& shape, std::int64_t dimensions, const Settings& settings)
      : multiple_(std::int64_t{1} << settings.levels),
        dimensions_(dimensions),
        coordinates_(settings.coordinates)
  {
    const auto stage = [&](const std::string& name, std::int64_t level, std::int64_t in,
                           std::int64_t out) {
      return register_module(name + std::to_string(level),
                             std::make_shared<Stage>(dimensions, in, out, settings));
    };
    std::int64_t in = shape.in + (coordinates_ ? dimensions : 0);
    for (std::int64_t level = 0; level <= settings.levels; ++level) {
      const std::int64_t out = settings.width << level;
      down_.push_back(stage("down", level, in, out));
      in = out;
    }
    for (std::int64_t level = settings.levels - 1; level >= 0; --level) {
      const std::int64_t out = settings.width << level;
      up_.push_back(stage("up", level, in + out, out));
      in = out;
    }
    last_ = register_module(
        "last", std::make_shared<Convolution>(dimensions, in, shape.out, 1, Padding::zeros));
  }

  at::Tensor forward(const at::Tensor& samples) override
  {
    for (std::int64_t d = 2; d < samples.dim(); ++d)
      if (samples.size(d) % multiple_ != 0)
        throw Error{"a grid of " + std::to_string(samples.size(d)) + " points for a unet",
                    "not a multiple of " + std::to_string(multiple_)};
    std::vector<at::Tensor> sides;
    at::Tensor x = down_.front()->forward(coordinates_ ? with_coordinates(samples) : samples);
    for (std::size_t level = 1; level < down_.size(); ++level) {
      sides.push_back(x);
      x = down_[level]->forward(coarser(x));
    }
    for (auto& stage : up_) {
      x = stage->forward(at::cat({finer(x), sides.back()}, 1));
      sides.pop_back();
    }
    return last_->forward(x);
  }

  [[nodiscard]] std::string script() const override
  {
    const bool line = dimensions_ == 1;
    std::string text = "def forward(self, x):\n";
    if (coordinates_) text += families::with_coordinates(dimensions_);
    text += "    x = self.down0.forward(x)\n";
    for (std::size_t level = 1; level < down_.size(); ++level) {
      const std::string number = std::to_string(level);
      text += "    side" + std::to_string(level - 1) + " = x\n    x = self.down" + number +
              ".forward(torch." + (line ? "avg_pool1d(x, [2])" : "avg_pool2d(x, [2, 2])") + ")\n";
    }
    for (std::size_t level = up_.size(); level-- > 0;) {
      const std::string number = std::to_string(level);
      text += "    x = torch.repeat_interleave(x, 2, 2)\n";
      if (!line) text += "    x = torch.repeat_interleave(x, 2, 3)\n";
      text += "    x = self.up" + number + ".forward(torch.cat([x, side" + number + "], 1))\n";
    }
    return text + "    return self.last.forward(x)\n";
  }

 private:
  std::vector<std::shared_ptr<Stage>> down_;
  std::vector<std::shared_ptr<Stage>> up_;
  std::shared_ptr<Convolution> last_;
  std::int64_t multiple_;
  std::int64_t dimensions_;
  bool coordinates_;
};

}  // namespace

//= [surrogate.NAME.model] unet
std::shared_ptr<Network> make_unet(const Config& model, const NetworkShape& shape)
{
  const std::int64_t dimensions = dimensions_of(model, shape);
  //= channels on the finest grid; they double at each level
  const Settings settings{read_count(model, "width", 16),
                          //= how often the grid is halved. Every extent must be a multiple of
                          //= 2^`levels`
                          read_count(model, "levels", 3), read_kernel(model, 3),
                          read_activation(model, "gelu"),
                          //= `"group"`: group normalisation after each convolution. It forgets a
                          //= field's mean and amplitude: good where only the pattern matters
                          model.choice("norm", {"none", "group"}, "none") == "group",
                          read_padding(model), read_coordinates(model, false)};
  if (settings.levels > 16) throw model.error("levels", "must be at most 16");
  std::vector<std::int64_t> coarsest = shape.size;
  for (auto& points : coarsest) {
    const std::int64_t multiple = std::int64_t{1} << settings.levels;
    if (points % multiple != 0) {
      std::int64_t possible = 0;
      while (points % (std::int64_t{2} << possible) == 0) ++possible;
      throw wrong(model, "levels",
                  "a grid of " + std::to_string(points) + " points cannot be halved " +
                      std::to_string(settings.levels) + " times",
                  possible > 0 ? "Use at most " + std::to_string(possible) +
                                     ", or a grid whose extents are multiples of " +
                                     std::to_string(multiple) + "."
                               : "Use kind = \"cnn\" or \"fno\", or a grid whose extents are "
                                 "multiples of " +
                                     std::to_string(multiple) + ".");
    }
    points /= multiple;
  }
  check_padding(model, coarsest, settings.kernel, settings.padding);
  return std::make_shared<Unet>(shape, dimensions, settings);
}

}  // namespace cardan::families
