#include "families/deeponet.torch.hpp"

#include "families/dense.torch.hpp"

#include <cmath>

namespace cardan::families {

namespace {

struct Settings {
  std::vector<std::int64_t> branch;
  std::vector<std::int64_t> trunk;
  std::int64_t width;
  Activation activation;
  std::int64_t dimension;
};

class DeepONet : public Network {
 public:
  DeepONet(const NetworkShape& shape, const Settings& settings)
      : sensors_(shape.parts[0]),
        dimension_(settings.dimension),
        points_(shape.parts[1] / dimension_),
        channels_(shape.out / points_),
        width_(settings.width),
        activation_(settings.activation),
        branch_(register_module(
            "branch",
            std::make_shared<Dense>(sensors_, settings.branch, channels_ * width_, activation_))),
        trunk_(register_module(
            "trunk", std::make_shared<Dense>(dimension_, settings.trunk, width_, activation_))),
        bias_(register_parameter("bias", at::zeros({channels_, 1})))
  {}

  at::Tensor forward(const at::Tensor& samples) override
  {
    const std::int64_t count = samples.size(0);
    const at::Tensor weights =
        branch_->forward(samples.narrow(1, 0, sensors_)).view({count, channels_, width_});
    const at::Tensor places =
        samples.narrow(1, sensors_, points_ * dimension_).reshape({count, points_, dimension_});
    const at::Tensor basis = activate(trunk_->forward(places), activation_);
    const at::Tensor values =
        at::bmm(weights, basis.transpose(1, 2)) / std::sqrt(static_cast<double>(width_)) + bias_;
    return values.reshape({count, channels_ * points_});
  }

  [[nodiscard]] std::string script() const override
  {
    const auto text = [](std::int64_t number) { return std::to_string(number); };
    return "def forward(self, x):\n"
           "    count = x.size(0)\n"
           "    weights = self.branch.forward(torch.narrow(x, 1, 0, " +
           text(sensors_) + ")).view([count, " + text(channels_) + ", " + text(width_) +
           "])\n"
           "    places = torch.narrow(x, 1, " +
           text(sensors_) + ", " + text(points_ * dimension_) + ").reshape([count, " +
           text(points_) + ", " + text(dimension_) +
           "])\n"
           "    basis = " +
           activated("self.trunk.forward(places)", activation_) +
           "\n"
           "    values = torch.bmm(weights, basis.transpose(1, 2)) / (" +
           text(width_) +
           " ** 0.5) + self.bias\n"
           "    return values.reshape([count, " +
           text(channels_ * points_) + "])\n";
  }

 private:
  std::int64_t sensors_;
  std::int64_t dimension_;
  std::int64_t points_;
  std::int64_t channels_;
  std::int64_t width_;
  Activation activation_;
  std::shared_ptr<Dense> branch_;
  std::shared_ptr<Dense> trunk_;
  at::Tensor bias_;
};

/// The coordinates of a point where the trunk's numbers and the answer's values agree on one.
//= [surrogate.NAME.model] callers
std::int64_t read_dimension(const Config& model, const NetworkShape& shape)
{
  const std::int64_t trunk = shape.parts[1];
  const std::int64_t dimension =
      //= (numbers of the second feature) / (numbers of the answer), if that is whole; otherwise all
      //= are one point | coordinates of a point. To be given where the answer has several channels
      //= or a Gaussian head
      read_count(model, "dimension", trunk % shape.out == 0 ? trunk / shape.out : trunk);
  if (trunk % dimension != 0)
    throw model.error("dimension",
                      "the trunk's " + std::to_string(trunk) + " numbers are no whole points");
  const std::int64_t points = trunk / dimension;
  if (shape.out % points != 0)
    throw wrong(model, "dimension",
                std::to_string(points) + " points of " + std::to_string(dimension) +
                    " coordinate(s) cannot have " + std::to_string(shape.out) + " values");
  return dimension;
}

}  // namespace

//= [surrogate.NAME.model] deeponet
std::shared_ptr<Network> make_deeponet(const Config& model, const NetworkShape& shape)
{
  if (shape.parts.size() != 2)
    throw model.error("kind",
                      "needs two input features, the function's values and the points, not " +
                          std::to_string(shape.parts.size()),
                      "Name two fields in 'inputs'.");
  //= hidden layers of the net that reads the function, the first input feature
  const Settings settings{read_widths(model, "branch", {64, 64}),
                          //= hidden layers of the net that reads the points, the second
                          read_widths(model, "trunk", {64, 64}),
                          //= products that are summed
                          read_count(model, "width", 64), read_activation(model, "tanh"),
                          read_dimension(model, shape)};
  return std::make_shared<DeepONet>(shape, settings);
}

}  // namespace cardan::families
