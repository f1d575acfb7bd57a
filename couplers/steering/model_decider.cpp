#include "couplers/steering/model_decider.hpp"

#include "couplers/steering/wire.hpp"
#include "registry.hpp"
#include "support/finite.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <vector>

namespace cardan::steering {

namespace {

bool is_number(const Feature& feature, const std::byte* data)
{
  if (feature.dtype == Dtype::float64)
    return all_finite(reinterpret_cast<const double*>(data), feature.numbers());
  if (feature.dtype == Dtype::float32)
    return all_finite(reinterpret_cast<const float*>(data), feature.numbers());
  return true;
}

class ModelDecider : public Decider {
 public:
  ModelDecider(const Config& table, const Signature& signature, const DeciderPlace& place)
      : signature_(signature)
  {
    if (signature.inputs.empty())
      throw Error{fmt::format("the reports of '{}' are empty", place.name),
                  "a model decides from them"};
    Module& module = module_for(table);
    module.warm_up(place.threads);
    model_ = module.model(table, signature);
    if (!model_->ready()) {
      Trainee trainee;
      trainee.seed = place.seed;
      const auto learner = module.learner(table, Config{}, signature, trainee);
      std::vector<std::byte> state(learner->state_bytes());
      learner->write(state.data());
      model_->read(state.data());
    }
    table.reject_unknown();
    for (const auto& feature : signature.outputs) {
      outputs_.emplace_back(static_cast<std::size_t>(feature.bytes()));
      columns_.push_back(outputs_.back().data());
    }
  }

  void see(const Report& report, Outbox& outbox) override
  {
    const std::int64_t begun = clock();
    model_->predict({1, report.columns}, {columns_.data(), nullptr});
    for (std::size_t f = 0; f < outputs_.size(); ++f)
      if (!is_number(signature_.outputs[f], columns_[f]))
        throw Error{fmt::format("the model's '{}' is not a number", signature_.outputs[f].name),
                    fmt::format("report {} of simulation rank {}, step {}", report.number,
                                report.rank, report.step)};
    Ruling ruling;
    ruling.to = {&report.rank, 1};
    ruling.step = report.step;
    ruling.clock = report.clock;
    ruling.version = 1;
    ruling.tag = report.tag;
    ruling.work = 1e-9 * static_cast<double>(clock() - begun);
    ruling.reason = "model";
    ruling.columns = columns_.data();
    outbox.send(ruling);
  }

 private:
  Signature signature_;
  std::unique_ptr<Model> model_;
  std::vector<std::vector<std::byte>> outputs_;
  std::vector<std::byte*> columns_;
};

}  // namespace

std::unique_ptr<Decider> make_model_decider(const Config& model, const Signature& signature,
                                            const DeciderPlace& place)
{
  return std::make_unique<ModelDecider>(model, signature, place);
}

}  // namespace cardan::steering
