#include "families/pooled_cnn.torch.hpp"

#include "families/grid.torch.hpp"

#include <algorithm>
#include <string>

namespace cardan::families {

namespace {

struct Settings {
  std::vector<std::int64_t> grid;
  std::int64_t patch;
  std::vector<std::int64_t> channels;
  std::vector<std::int64_t> hidden;
  std::int64_t kernel;
  Activation activation;
  Padding padding;
};

std::int64_t product(const std::vector<std::int64_t>& numbers)
{
  std::int64_t all = 1;
  for (const auto number : numbers) all *= number;
  return all;
}

/// The largest number up to 4 that divides all extents.
std::int64_t usual_patch(const std::vector<std::int64_t>& grid)
{
  std::int64_t patch = 4;
  while (std::any_of(grid.begin(), grid.end(), [&](auto extent) { return extent % patch != 0; }))
    --patch;
  return patch;
}

/// Before which of the convolutions after the first the grid is halved; leaves `grid` as the last
/// one sees it.
std::vector<bool> halvings(std::vector<std::int64_t>& grid, const Settings& settings)
{
  std::vector<bool> halved;
  for (std::size_t layer = 1; layer < settings.channels.size(); ++layer) {
    halved.push_back(std::all_of(grid.begin(), grid.end(), [&](auto extent) {
      return extent % 2 == 0 && extent > settings.kernel;
    }));
    if (halved.back())
      for (auto& extent : grid) extent /= 2;
  }
  return halved;
}

class PooledCnn : public Network {
 public:
  PooledCnn(const NetworkShape& shape, const Settings& settings, std::vector<bool> halved)
      : grid_(settings.grid),
        in_(shape.in / product(settings.grid)),
        patch_(settings.patch),
        halved_(std::move(halved)),
        activation_(settings.activation)
  {
    const auto dimensions = static_cast<std::int64_t>(grid_.size());
    std::int64_t channels = settings.channels.front();
    patch_in_ = register_module(
        "patch_in",
        torch::nn::Linear(in_ * (dimensions == 1 ? patch_ : patch_ * patch_), channels));
    for (std::size_t layer = 1; layer < settings.channels.size(); ++layer) {
      const std::int64_t out = settings.channels[layer];
      convolutions_.push_back(
          register_module("convolution" + std::to_string(layer),
                          std::make_shared<Convolution>(dimensions, channels, out, settings.kernel,
                                                        settings.padding)));
      channels = out;
    }
    last_ = register_module(
        "last", std::make_shared<Dense>(channels, settings.hidden, shape.out, settings.activation));
  }

  at::Tensor forward(const at::Tensor& samples) override
  {
    at::Tensor x = activate(patch_in_(patches(samples)), activation_).movedim(-1, 1);
    for (std::size_t layer = 0; layer < convolutions_.size(); ++layer) {
      if (halved_[layer]) x = grid_.size() == 1 ? at::avg_pool1d(x, 2) : at::avg_pool2d(x, 2);
      x = activate(convolutions_[layer]->forward(x), activation_);
    }
    return last_->forward(x.flatten(2).mean(2));
  }

  [[nodiscard]] std::string script() const override
  {
    const bool line = grid_.size() == 1;
    std::string text = "def forward(self, x):\n    x = torch.reshape(x, [-1, " + shape_text() +
                       "])\n    x = torch.reshape(torch.permute(x, " +
                       (line ? "[0, 2, 1, 3]" : "[0, 2, 4, 1, 3, 5]") + "), " + rows_text() +
                       ")\n    x = torch.movedim(" +
                       activated(linear("patch_in", "x"), activation_) + ", -1, 1)\n";
    for (std::size_t layer = 0; layer < convolutions_.size(); ++layer) {
      if (halved_[layer])
        text +=
            line ? "    x = torch.avg_pool1d(x, [2])\n" : "    x = torch.avg_pool2d(x, [2, 2])\n";
      text +=
          "    x = " +
          activated("self.convolution" + std::to_string(layer + 1) + ".forward(x)", activation_) +
          "\n";
    }
    return text + "    return self.last.forward(torch.mean(torch.flatten(x, 2), [2]))\n";
  }

 private:
  /// Channels, then for each dimension patches and points of a patch.
  [[nodiscard]] std::vector<std::int64_t> shape_of_patches() const
  {
    std::vector<std::int64_t> shape{in_};
    for (const auto extent : grid_) {
      shape.push_back(extent / patch_);
      shape.push_back(patch_);
    }
    return shape;
  }

  /// (n, patches..., numbers of a patch)
  [[nodiscard]] at::Tensor patches(const at::Tensor& samples) const
  {
    auto shape = shape_of_patches();
    shape.insert(shape.begin(), samples.size(0));
    const at::Tensor parts = samples.reshape(shape);
    if (grid_.size() == 1) return parts.permute({0, 2, 1, 3}).flatten(2);
    return parts.permute({0, 2, 4, 1, 3, 5}).flatten(3);
  }

  [[nodiscard]] std::string shape_text() const
  {
    std::string text;
    for (const auto extent : shape_of_patches())
      text += (text.empty() ? "" : ", ") + std::to_string(extent);
    return text;
  }

  [[nodiscard]] std::string rows_text() const
  {
    std::string text = "[-1";
    std::int64_t numbers = in_;
    for (const auto extent : grid_) {
      text += ", " + std::to_string(extent / patch_);
      numbers *= patch_;
    }
    return text + ", " + std::to_string(numbers) + "]";
  }

  std::vector<std::int64_t> grid_;
  std::int64_t in_;
  std::int64_t patch_;
  std::vector<bool> halved_;
  Activation activation_;
  torch::nn::Linear patch_in_{nullptr};
  std::vector<std::shared_ptr<Convolution>> convolutions_;
  std::shared_ptr<Dense> last_;
};

}  // namespace

//= [surrogate.NAME.model] pooled_cnn
std::shared_ptr<Network> make_pooled_cnn(const Config& model, const NetworkShape& shape)
{
  //= one line of all inputs | extents of the grid that a sample is, one or two; its inputs are
  //= channels of it, one after the other
  const auto grid = model.get<std::vector<std::int64_t>>("grid", {shape.in});
  if (grid.empty() || grid.size() > 2 || *std::min_element(grid.begin(), grid.end()) < 1 ||
      shape.in % product(grid) != 0)
    throw wrong(model, "grid",
                "must be one or two extents of a grid; a sample has " + std::to_string(shape.in) +
                    " numbers");
  //= the largest up to 4 that divides the grid's extents | points along each dimension that are
  //= joined first
  const std::int64_t patch = read_count(model, "patch", usual_patch(grid));
  if (std::any_of(grid.begin(), grid.end(), [&](auto extent) { return extent % patch != 0; }))
    throw model.error("patch", "must divide the grid's extents");
  //= of the patches, and of each convolution
  const auto channels = read_widths(model, "channels", {32, 32});
  //= layers behind the means over the grid
  const auto hidden = model.get<std::vector<std::int64_t>>("hidden", {32});
  if (!hidden.empty() && *std::min_element(hidden.begin(), hidden.end()) < 1)
    throw model.error("hidden", "must be positive");
  const Settings settings{grid,
                          patch,
                          channels,
                          hidden,
                          read_kernel(model, 3),
                          read_activation(model, "gelu"),
                          read_padding(model)};
  std::vector<std::int64_t> coarsest = grid;
  for (auto& extent : coarsest) extent /= patch;
  const auto halved = halvings(coarsest, settings);
  check_padding(model, coarsest, settings.kernel, settings.padding);
  return std::make_shared<PooledCnn>(shape, settings, halved);
}

}  // namespace cardan::families
