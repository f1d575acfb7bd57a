// The baselines' one symbol, and the kinds of models in it. No Torch: what a network has to beat.

#include "baselines/knn.eigen.hpp"
#include "baselines/linear.eigen.hpp"
#include "baselines/pod.eigen.hpp"
#include "baselines/settings.hpp"

#include <cardan/model.hpp>

#include <Eigen/Core>

#include <memory>
#include <string>

namespace cardan::baselines {

namespace {

std::string kind_of(const Config& model)
{
  return model.choice("kind", {"linear", "knn", "pod"}, "linear");
}

class BaselineModule : public Module {
 public:
  [[nodiscard]] std::string about() const override
  {
    return "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." +
           std::to_string(EIGEN_MAJOR_VERSION) + "." + std::to_string(EIGEN_MINOR_VERSION);
  }

  void warm_up(int threads) override { Eigen::setNbThreads(threads); }

  [[nodiscard]] std::unique_ptr<cardan::Model> model(const Config& model,
                                                     const Signature& signature) const override
  {
    const std::string kind = kind_of(model);
    if (kind == "knn") return std::make_unique<NearestModel>(read_knn(model, signature), signature);
    if (kind == "pod") {
      const PodSettings settings = read_pod(model, signature);
      if (settings.reconstruct) return std::make_unique<Projection>(signature, settings.rank);
      return std::make_unique<LinearModel>(signature);
    }
    static_cast<void>(read_linear(model, signature));
    return std::make_unique<LinearModel>(signature);
  }

  // Nothing is read from the table of the training: what stands there for an optimiser is an
  // unknown key.
  [[nodiscard]] std::unique_ptr<cardan::Learner> learner(const Config& model, const Config&,
                                                         const Signature& signature,
                                                         const Trainee& trainee) const override
  {
    const std::string kind = kind_of(model);
    if (kind == "knn")
      return std::make_unique<NearestLearner>(read_knn(model, signature), signature, trainee);
    if (kind == "pod")
      return std::make_unique<PodLearner>(read_pod(model, signature), signature, trainee);
    return std::make_unique<LinearLearner>(read_linear(model, signature), signature, trainee);
  }
};

}  // namespace

}  // namespace cardan::baselines

extern "C" __attribute__((visibility("default"))) cardan::Module* cardan_module()
{
  static cardan::baselines::BaselineModule module;
  return &module;
}
