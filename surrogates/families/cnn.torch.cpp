#include "families/cnn.torch.hpp"

#include "families/grid.torch.hpp"

namespace cardan::families {

namespace {

struct Settings {
  std::vector<std::int64_t> channels;
  std::int64_t kernel;
  Activation activation;
  Padding padding;
  bool coordinates;
};

class Cnn : public Network {
 public:
  Cnn(const NetworkShape& shape, std::int64_t dimensions, const Settings& settings)
      : dimensions_(dimensions),
        activation_(settings.activation),
        coordinates_(settings.coordinates)
  {
    std::int64_t in = shape.in + (coordinates_ ? dimensions : 0);
    const auto add = [&](std::int64_t out) {
      layers_.push_back(register_module(
          "layer" + std::to_string(layers_.size()),
          std::make_shared<Convolution>(dimensions, in, out, settings.kernel, settings.padding)));
      in = out;
    };
    for (const auto out : settings.channels) add(out);
    add(shape.out);
  }

  at::Tensor forward(const at::Tensor& samples) override
  {
    at::Tensor x = coordinates_ ? with_coordinates(samples) : samples;
    for (std::size_t l = 0; l + 1 < layers_.size(); ++l)
      x = activate(layers_[l]->forward(x), activation_);
    return layers_.back()->forward(x);
  }

  [[nodiscard]] std::string script() const override
  {
    std::string text = "def forward(self, x):\n";
    if (coordinates_) text += families::with_coordinates(dimensions_);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const std::string answer = "self.layer" + std::to_string(l) + ".forward(x)";
      text += l + 1 < layers_.size() ? "    x = " + activated(answer, activation_) + "\n"
                                     : "    return " + answer + "\n";
    }
    return text;
  }

 private:
  std::vector<std::shared_ptr<Convolution>> layers_;
  std::int64_t dimensions_;
  Activation activation_;
  bool coordinates_;
};

}  // namespace

//= [surrogate.NAME.model] cnn
std::shared_ptr<Network> make_cnn(const Config& model, const NetworkShape& shape)
{
  const std::int64_t dimensions = dimensions_of(model, shape);
  //= of each convolution before the last
  const Settings settings{read_widths(model, "channels", {32, 32}), read_kernel(model, 3),
                          read_activation(model, "gelu"), read_padding(model),
                          read_coordinates(model, false)};
  check_padding(model, shape.size, settings.kernel, settings.padding);
  return std::make_shared<Cnn>(shape, dimensions, settings);
}

}  // namespace cardan::families
