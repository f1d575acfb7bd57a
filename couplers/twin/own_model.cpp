#include "couplers/twin/own_model.hpp"

#include "couplers/closure/samples.hpp"
#include "registry.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

namespace cardan::twin {

OwnModel::OwnModel(const Config& run_file, const Settings& settings, const Signature& signature,
                   int threads)
    : name_(settings.name), signature_(signature), gate_(settings.gate)
{
  const Config table = run_file.table("twin").table(settings.name).table("model");
  Module& module = module_for(table);
  module.warm_up(threads);
  model_ = module.model(table, signature);
  state_.resize(model_->state_bytes());
  if (model_->ready()) version_.number = 1;
}

void OwnModel::warm_up()
{
  closure::Columns inputs{signature_.inputs};
  closure::Columns outputs{signature_.outputs};
  inputs.resize(1);
  outputs.resize(1);
  model_->read(state_.data());
  try {
    model_->predict(inputs.batch(), {outputs.columns(), nullptr});
  } catch (const std::exception&) {
    // What is untrained may have no answer.
    return;
  }
}

void OwnModel::predict(const Batch& inputs, const Answers& answers)
{
  if (version_.number == 0)
    throw Error{fmt::format("the model of twin '{}' is asked", name_), "it has learned nothing yet",
                "Ask its version first."};
  model_->predict(inputs, answers);
}

void OwnModel::teach(const Batch& inputs, const Batch& targets)
{
  if (teacher_ != nullptr) teacher_->teach(inputs, targets);
}

std::int64_t OwnModel::trained_steps() const
{
  return teacher_ != nullptr ? teacher_->steps() : version_.steps;
}

void OwnModel::say(Order& order)
{
  order.version = version_.number;
  if (teacher_ != nullptr && teacher_->take(version_, state_)) {
    order.version = version_.number;
    order.swap = 1;
  }
  order.trusted = order.version > 0 && gate_.open() ? 1 : 0;
}

void OwnModel::obey(const Order& order)
{
  if (order.swap != 0) model_->read(state_.data());
  version_.number = order.version;
  trusted_ = order.trusted != 0;
}

}  // namespace cardan::twin
