// Networks as TorchScript: what families say for themselves, networks of one's own, and what is
// wrong with them.
#include "core/plan.torch.hpp"
#include "torch/fit.torch.hpp"
#include "torchscript/export.torch.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>
#include <torch/nn/modules/linear.h>

#include <unistd.h>

#include <filesystem>

namespace torch_module = cardan::torch_module;
using cardan::NetworkShape;

namespace {

/// A network of a user's own, which may say what it computes.
class Own : public cardan::Network {
 public:
  Own(const NetworkShape& shape, std::string text)
      : linear_(register_module("linear", torch::nn::Linear(shape.in, shape.out))),
        scale_(register_buffer("scale", at::full({1}, 3.0))),
        text_(std::move(text))
  {}
  at::Tensor forward(const at::Tensor& samples) override
  {
    return scale_ * at::sin(linear_(samples));
  }
  [[nodiscard]] std::string script() const override { return text_; }

 private:
  torch::nn::Linear linear_;
  at::Tensor scale_;
  std::string text_;
};

const char* const right =
    "def forward(self, x):\n"
    "    return self.scale * torch.sin(torch.linear(x, self.linear.weight, self.linear.bias))\n";

at::Tensor answer(const torch::jit::Module& script, const at::Tensor& x)
{
  return script.get_method("forward")({x}).toTensor();
}

}  // namespace

TEST_CASE("scripts answer as their networks do")
{
  const c10::NoGradGuard no_gradient;
  torch::manual_seed(3);
  for (const std::string kind : {"autoencoder", "vae"})
    for (const std::string keys : {"latent = 3\nanswer = \"latent\"", "latent = 3"}) {
      CAPTURE(kind);
      CAPTURE(keys);
      const auto network = test::make(kind, keys, test::rows(6, keys.size() > 10 ? 3 : 6));
      network->eval();
      const at::Tensor x = at::randn({5, 6});
      const auto script = torch_module::script_of(*network, "own");
      CHECK(at::allclose(answer(script, x), network->forward(x), 1e-6, 1e-6));
      const at::Tensor latent = script.get_method("encode")({x}).toTensor();
      CHECK(latent.sizes() == at::IntArrayRef{5, 3});
      CHECK(script.get_method("decode")({latent}).toTensor().size(1) == 6);
    }
  // Fields of another extent than the declared one.
  for (const std::string kind : {"cnn", "unet", "fno"})
    for (const std::vector<std::int64_t>& size :
         {std::vector<std::int64_t>{16}, std::vector<std::int64_t>{16, 8}}) {
      CAPTURE(kind);
      const auto network = test::make(kind, "coordinates = true", test::image(size, 2, 3));
      network->eval();
      const auto script = torch_module::script_of(*network, "own");
      for (const std::int64_t factor : {1, 2}) {
        std::vector<std::int64_t> shape{4, 2};
        for (const auto extent : size) shape.push_back(extent * factor);
        const at::Tensor x = at::randn(shape);
        CHECK(at::allclose(answer(script, x), network->forward(x), 1e-6, 1e-6));
      }
    }
}

TEST_CASE("a network of one's own is saved if it says what it computes")
{
  const auto make = [](const std::string& kind, const std::string& text) {
    cardan::register_network(kind, NetworkShape::Layout::rows,
                             [text](const cardan::Config&, const NetworkShape& shape) {
                               return std::make_shared<Own>(shape, text);
                             });
    const cardan::Config run = cardan::Config::from_text("kind = \"" + kind + "\"", "test.toml");
    const cardan::Signature signature{{{"x", cardan::Dtype::float32, {3}}},
                                      {{"y", cardan::Dtype::float32, {2}}}};
    return std::make_unique<torch_module::TorchModel>(torch_module::make_plan(run, signature, 1));
  };
  const std::string path =
      (std::filesystem::temp_directory_path() / ("own-" + std::to_string(::getpid()) + ".pt"));
  const auto good = make("good", right);
  good->save(path);
  CHECK(std::filesystem::remove(path));

  CHECK_THROWS_WITH_AS(
      make("silent", "")->save(path),
      "the network Own cannot be saved for PyTorch (it does not say what it "
      "computes). Override Network::script, or leave 'save' away: checkpoints hold "
      "its state.",
      cardan::Error);
  CHECK_THROWS_WITH_AS(
      make("wrong", "def forward(self, x):\n    return self.nothing\n")->save(path),
      doctest::Contains("LibTorch cannot compile what its script() says: "), cardan::Error);
  CHECK_FALSE(std::filesystem::exists(path));
}
