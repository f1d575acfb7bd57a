/// Ensembles of networks that know nothing of one another, and the networks that can be named.
#pragma once

#include "core/ensemble.torch.hpp"

#include <cardan/torch.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cardan::torch_module {

class Networks : public Ensemble {
 public:
  explicit Networks(std::vector<std::shared_ptr<Network>> networks) : networks_(std::move(networks))
  {}
  Tensors forward(const Tensors& samples) override;
  at::Tensor penalty() override;
  at::Tensor encode(const at::Tensor& samples) override { return networks_[0]->encode(samples); }
  [[nodiscard]] std::int64_t members() const override
  {
    return static_cast<std::int64_t>(networks_.size());
  }
  [[nodiscard]] Tensors parameters() override;
  [[nodiscard]] Tensors buffers() override;
  /// As the networks name them; of several networks below `member0` and so on.
  [[nodiscard]] std::vector<std::string> parameter_names() override;
  [[nodiscard]] std::vector<std::string> buffer_names() override;
  void set_training(bool training) override;
  void save(const std::string& path, const Plan& plan, const Normalisation& normalisation) override;

 private:
  std::vector<std::shared_ptr<Network>> networks_;
};

/// A kind of network that a run file can name.
struct Registered {
  NetworkShape::Layout layout;
  NetworkMaker make;
};
/// Null where there is none.
const Registered* registered_network(const std::string& kind);

}  // namespace cardan::torch_module
