#include "families/resnet_mlp.torch.hpp"

#include "families/dense.torch.hpp"

namespace cardan::families {

namespace {

struct Block {
  torch::nn::Linear first;
  torch::nn::Linear second;
};

class ResnetMlp : public Network {
 public:
  ResnetMlp(const NetworkShape& shape, std::int64_t width, std::int64_t depth,
            Activation activation)
      : first_(register_module("first", torch::nn::Linear(shape.in, width))),
        last_(register_module("last", torch::nn::Linear(width, shape.out))),
        activation_(activation)
  {
    for (std::int64_t i = 0; i < depth; ++i) {
      const std::string name = "block" + std::to_string(i);
      blocks_.push_back({register_module(name + "_first", torch::nn::Linear(width, width)),
                         register_module(name + "_second", torch::nn::Linear(width, width))});
    }
  }

  at::Tensor forward(const at::Tensor& samples) override
  {
    at::Tensor x = first_(samples);
    for (auto& block : blocks_) x = x + block.second(activate(block.first(x), activation_));
    return last_(x);
  }

  [[nodiscard]] std::string script() const override
  {
    std::string text = "def forward(self, x):\n    x = " + linear("first", "x") + "\n";
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const std::string name = "block" + std::to_string(i);
      text += "    x = x + " +
              linear(name + "_second", activated(linear(name + "_first", "x"), activation_)) + "\n";
    }
    return text + "    return " + linear("last", "x") + "\n";
  }

 private:
  torch::nn::Linear first_;
  torch::nn::Linear last_;
  std::vector<Block> blocks_;
  Activation activation_;
};

}  // namespace

//= [surrogate.NAME.model] resnet_mlp
std::shared_ptr<Network> make_resnet_mlp(const Config& model, const NetworkShape& shape)
{
  //= neurons of each layer
  const std::int64_t width = read_count(model, "width", 64);
  //= residual blocks, of two layers each
  const std::int64_t depth = read_count(model, "depth", 4);
  return std::make_shared<ResnetMlp>(shape, width, depth, read_activation(model, "gelu"));
}

}  // namespace cardan::families
