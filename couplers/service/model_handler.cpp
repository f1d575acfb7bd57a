#include "couplers/service/model_handler.hpp"

#include "registry.hpp"

#include <cardan/error.hpp>

#include <vector>

namespace cardan::service {

namespace {

class ModelHandler : public ServiceHandler {
 public:
  ModelHandler(const Config& model, const Signature& signature, const ServicePlace& place)
      : table_(model), signature_(signature), seed_(place.seed), module_(module_for(model))
  {
    module_.warm_up(place.threads);
    model_ = made(table_, 1);
    table_.reject_unknown();
  }

  void answer(const Batch& inputs, const Answers& outputs) override
  {
    model_->predict(inputs, outputs);
  }

  // The old model answers until the next one is whole.
  //= [surrogate.NAME.model]
  void swap(std::uint32_t version, const std::string& file) override
  {
    if (file.empty()) {
      model_ = made(table_, version);
      return;
    }
    std::string text = "file = '" + file + "'\n";
    if (table_.has("kind")) text += "kind = '" + table_.get<std::string>("kind") + "'\n";
    model_ = made(Config::from_text(text, "swap"), version);
  }

 private:
  [[nodiscard]] std::unique_ptr<Model> made(const Config& table, std::uint32_t version) const
  {
    auto model = module_.model(table, signature_);
    if (model->ready()) return model;
    Trainee trainee;
    trainee.seed = seed_ + version;
    const auto learner = module_.learner(table, Config{}, signature_, trainee);
    std::vector<std::byte> state(learner->state_bytes());
    learner->write(state.data());
    model->read(state.data());
    return model;
  }

  Config table_;
  Signature signature_;
  std::uint64_t seed_;
  Module& module_;
  std::unique_ptr<Model> model_;
};

}  // namespace

std::unique_ptr<ServiceHandler> make_model(const Config& model, const Signature& signature,
                                           const ServicePlace& place)
{
  return std::make_unique<ModelHandler>(model, signature, place);
}

}  // namespace cardan::service
