#include "families/dense.torch.hpp"

namespace cardan::families {

//= [surrogate.NAME.model] callers
Activation read_activation(const Config& model, const std::string& fallback)
{
  //= between the layers
  const std::string name = model.choice("activation", {"tanh", "silu", "gelu", "relu"}, fallback);
  if (name == "silu") return Activation::silu;
  if (name == "gelu") return Activation::gelu;
  if (name == "relu") return Activation::relu;
  return Activation::tanh;
}

namespace {

/// In one piece, and its gradient too: oneDNN in LibTorch 1.13 takes a strided one for such, and
/// reads beyond it.
at::Tensor gelu_in_one_piece(const at::Tensor& x)
{
  at::Tensor y = at::gelu(x.contiguous());
  if (y.requires_grad())
    y.register_hook([](const at::Tensor& gradient) { return gradient.contiguous(); });
  return y;
}

}  // namespace

at::Tensor activate(const at::Tensor& x, Activation activation)
{
  switch (activation) {
    case Activation::tanh: return at::tanh(x);
    case Activation::silu: return at::silu(x);
    case Activation::gelu: return gelu_in_one_piece(x);
    case Activation::relu: return at::relu(x);
  }
  return x;
}

std::string activated(const std::string& x, Activation activation)
{
  switch (activation) {
    case Activation::tanh: return "torch.tanh(" + x + ")";
    case Activation::silu: return "torch.silu(" + x + ")";
    case Activation::gelu: return "torch.gelu(" + x + ")";
    case Activation::relu: return "torch.relu(" + x + ")";
  }
  return x;
}

std::string linear(const std::string& layer, const std::string& x)
{
  return "torch.linear(" + x + ", self." + layer + ".weight, self." + layer + ".bias)";
}

std::int64_t read_count(const Config& model, const std::string& key, std::int64_t fallback,
                        std::int64_t least)
{
  const auto count = model.get<std::int64_t>(key, fallback);
  if (count < least) throw model.error(key, "must be at least " + std::to_string(least));
  return count;
}

std::vector<std::int64_t> read_widths(const Config& model, const std::string& key,
                                      const std::vector<std::int64_t>& fallback)
{
  auto widths = model.get<std::vector<std::int64_t>>(key, fallback);
  if (widths.empty()) throw model.error(key, "at least one layer is needed");
  for (const auto width : widths)
    if (width < 1) throw model.error(key, "every layer must have a width of at least 1");
  return widths;
}

Error wrong(const Config& model, const std::string& key, const std::string& reason,
            const std::string& remedy)
{
  if (model.has(key)) return model.error(key, reason, remedy);
  return model.error("kind", "default of '" + key + "': " + reason, remedy);
}

Dense::Dense(std::int64_t in, const std::vector<std::int64_t>& hidden, std::int64_t out,
             Activation activation)
    : activation_(activation)
{
  const auto add = [&](std::int64_t width) {
    layers_.push_back(
        register_module("layer" + std::to_string(layers_.size()), torch::nn::Linear(in, width)));
    in = width;
  };
  for (const auto width : hidden) add(width);
  add(out);
}

at::Tensor Dense::forward(const at::Tensor& samples)
{
  at::Tensor x = samples;
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l) x = activate(layers_[l](x), activation_);
  return layers_.back()(x);
}

std::string Dense::script() const
{
  std::string text = "def forward(self, x):\n";
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l)
    text += "    x = " + activated(linear("layer" + std::to_string(l), "x"), activation_) + "\n";
  return text + "    return " + linear("layer" + std::to_string(layers_.size() - 1), "x") + "\n";
}

}  // namespace cardan::families
