#include "model.hpp"

#include <utility>

namespace twin {

CorrectedModel::CorrectedModel(Model& model, CorrectionPlace place) : model_(&model), place_(place)
{}

void CorrectedModel::use(Correction correction)
{
  correction_ = std::move(correction);
}

void CorrectedModel::advance(std::span<double> states, int steps, std::span<const double> forcing)
{
  if (!correction_ || states.empty() || steps <= 0) {
    model_->advance(states, steps, forcing);
    return;
  }
  rates_.resize(states.size());
  correction_(states, rates_);
  if (place_ == CorrectionPlace::within) {
    for (std::size_t i = 0; i < forcing.size(); ++i) rates_[i] += forcing[i];
    model_->advance(states, steps, rates_);
    return;
  }
  model_->advance(states, steps, forcing);
  const double interval = steps * dt();
  for (std::size_t i = 0; i < states.size(); ++i) states[i] += interval * rates_[i];
}

}  // namespace twin
