#include "bare.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/script.h>

#include <cmath>

namespace bench {

namespace {

class Mlp : public Bare {
 public:
  Mlp(const std::vector<std::int64_t>& widths, std::int64_t members, std::int64_t batch)
      : members_(members), samples_(at::rand({batch, widths.front()}))
  {
    at::set_num_threads(1);
    for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
      const double scale = 1 / std::sqrt(static_cast<double>(widths[l]));
      weights_.push_back(at::randn({members, widths[l], widths[l + 1]}) * scale);
      biases_.push_back(at::randn({members, 1, widths[l + 1]}));
    }
    if (members > 1) return;
    for (auto& weights : weights_) weights = weights[0].contiguous();
    for (auto& biases : biases_) biases = biases[0][0].contiguous();
  }
  void forward() override
  {
    const c10::InferenceMode guard;
    at::Tensor x = samples_;
    if (members_ > 1) x = x.unsqueeze(0).expand({members_, x.size(0), x.size(1)});
    for (std::size_t l = 0; l < weights_.size(); ++l) {
      x = members_ > 1 ? at::baddbmm(biases_[l], x, weights_[l])
                       : at::addmm(biases_[l], x, weights_[l]);
      if (l + 1 < weights_.size()) x = at::tanh(x);
    }
  }

 private:
  std::int64_t members_;
  at::Tensor samples_;
  std::vector<at::Tensor> weights_;
  std::vector<at::Tensor> biases_;
};

class Script : public Bare {
 public:
  Script(const std::string& file, std::int64_t inputs, std::int64_t batch)
      : module_(torch::jit::load(file)), samples_(at::rand({batch, inputs}))
  {
    at::set_num_threads(1);
    module_.eval();
  }
  void forward() override
  {
    const c10::InferenceMode guard;
    module_.forward({samples_});
  }

 private:
  torch::jit::Module module_;
  at::Tensor samples_;
};

}  // namespace

std::unique_ptr<Bare> make_bare_mlp(const std::vector<std::int64_t>& widths, std::int64_t members,
                                    std::int64_t batch)
{
  return std::make_unique<Mlp>(widths, members, batch);
}

std::unique_ptr<Bare> make_bare_script(const std::string& file, std::int64_t inputs,
                                       std::int64_t batch)
{
  return std::make_unique<Script>(file, inputs, batch);
}

}  // namespace bench
