#include "families/grid.torch.hpp"

#include <algorithm>
#include <numeric>

namespace cardan::families {

//= [surrogate.NAME.model] callers
Padding read_padding(const Config& model)
{
  //= what lies beyond the ends: `"zeros"`, `"circular"` (periodic fields), `"reflect"` (about the
  //= last point)
  const std::string name = model.choice("padding", {"zeros", "circular", "reflect"}, "zeros");
  if (name == "circular") return Padding::circular;
  if (name == "reflect") return Padding::reflect;
  return Padding::zeros;
}

//= [surrogate.NAME.model] callers
std::int64_t read_kernel(const Config& model, std::int64_t fallback)
{
  //= points along each dimension; odd
  const std::int64_t kernel = read_count(model, "kernel", fallback);
  if (kernel % 2 == 0)
    throw model.error("kernel", "must be odd, so that the grid keeps its size",
                      "Use " + std::to_string(kernel + 1) + ".");
  return kernel;
}

//= [surrogate.NAME.model] callers
bool read_coordinates(const Config& model, bool fallback)
{
  //= the place of each point, in [0, 1), as further channels. False where the answer to a shifted
  //= periodic field is the shifted answer
  return model.get<bool>("coordinates", fallback);
}

std::int64_t dimensions_of(const Config& model, const NetworkShape& shape)
{
  const std::size_t dimensions = shape.size.size();
  if (dimensions != 1 && dimensions != 2)
    throw model.error(
        "kind", "needs a grid of one or two dimensions, not of " + std::to_string(dimensions));
  return static_cast<std::int64_t>(dimensions);
}

void check_padding(const Config& model, const std::vector<std::int64_t>& size, std::int64_t kernel,
                   Padding padding)
{
  const std::int64_t least = *std::min_element(size.begin(), size.end());
  const std::int64_t reach = kernel / 2;
  if ((padding == Padding::circular && reach > least) ||
      (padding == Padding::reflect && reach >= least))
    throw wrong(model, "kernel",
                "reaches " + std::to_string(reach) + " points beyond a grid of " +
                    std::to_string(least) + " points, more than its padding has",
                "Use a smaller one, or padding = \"zeros\".");
}

at::Tensor with_coordinates(const at::Tensor& samples)
{
  std::vector<at::Tensor> parts{samples};
  for (std::int64_t d = 2; d < samples.dim(); ++d) {
    std::vector<std::int64_t> along(static_cast<std::size_t>(samples.dim()), 1);
    along[static_cast<std::size_t>(d)] = samples.size(d);
    std::vector<std::int64_t> whole = samples.sizes().vec();
    whole[1] = 1;
    parts.push_back(
        (at::arange(samples.size(d), samples.options()) / static_cast<double>(samples.size(d)))
            .view(along)
            .expand(whole));
  }
  return at::cat(parts, 1);
}

std::string with_coordinates(std::int64_t dimensions)
{
  const bool line = dimensions == 1;
  std::string text = "    samples = x\n";
  for (std::int64_t d = 0; d < dimensions; ++d) {
    const std::string extent = "samples.size(" + std::to_string(d + 2) + ")";
    text += "    places = torch.arange(" + extent +
            ", dtype=samples.dtype, device=samples.device) / " + extent +
            "\n"
            "    places = places.view([1, 1, " +
            (line     ? "-1"
             : d == 0 ? "-1, 1"
                      : "1, -1") +
            "]).expand([samples.size(0), 1, samples.size(2)" + (line ? "" : ", samples.size(3)") +
            "])\n"
            "    x = torch.cat([x, places], 1)\n";
  }
  return text;
}

Convolution::Convolution(std::int64_t dimensions, std::int64_t in, std::int64_t out,
                         std::int64_t kernel, Padding padding)
    : reach_(kernel / 2), padding_(padding)
{
  const std::int64_t zeros = padding == Padding::zeros ? reach_ : 0;
  if (dimensions == 1)
    line_ = register_module(
        "line", torch::nn::Conv1d(torch::nn::Conv1dOptions(in, out, kernel).padding(zeros)));
  else
    plane_ = register_module(
        "plane", torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).padding(zeros)));
}

at::Tensor Convolution::forward(const at::Tensor& x)
{
  at::Tensor padded = x;
  if (reach_ > 0 && padding_ != Padding::zeros)
    padded = at::pad(x, std::vector<std::int64_t>(line_ ? 2 : 4, reach_),
                     padding_ == Padding::circular ? "circular" : "reflect");
  return line_ ? line_(padded) : plane_(padded);
}

std::string Convolution::script() const
{
  const std::string reach = std::to_string(reach_);
  const std::string both = line_ ? reach : reach + ", " + reach;
  const std::string ends = both + ", " + both;
  const std::string zeros = padding_ == Padding::zeros ? both : line_ ? "0" : "0, 0";
  std::string text = "def forward(self, x):\n";
  if (reach_ > 0 && padding_ != Padding::zeros)
    text += "    x = torch.pad(x, [" + ends + "], \"" +
            (padding_ == Padding::circular ? "circular" : "reflect") + "\")\n";
  return text +
         (line_ ? "    return torch.conv1d(x, self.line.weight, self.line.bias, [1], ["
                : "    return torch.conv2d(x, self.plane.weight, self.plane.bias, [1, 1], [") +
         zeros + "])\n";
}

torch::nn::GroupNorm group_norm(std::int64_t channels)
{
  return torch::nn::GroupNorm(
      torch::nn::GroupNormOptions(std::gcd(channels, std::int64_t{8}), channels));
}

std::string group_norm(const std::string& layer, const torch::nn::GroupNorm& norm,
                       const std::string& x)
{
  return "torch.group_norm(" + x + ", " + std::to_string(norm->options.num_groups()) + ", self." +
         layer + ".weight, self." + layer + ".bias)";
}

}  // namespace cardan::families
