#include "baselines/learner.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cstddef>

namespace cardan::baselines {

Learner::Learner(const Signature& signature)
    : output_features_(signature.outputs), inputs_(signature.inputs), outputs_(signature.outputs)
{}

void Learner::see(const Batch& inputs, const Batch& targets)
{
  read_finite(inputs_, outputs_, inputs, targets, pairs_);
  seen_ += static_cast<double>(pairs_.count);
  if (pairs_.count > 0) learn(pairs_);
}

double Learner::differentiate(const Batch&, const Batch&, double, const Whole&)
{
  throw Error{"this model has no gradient", "it is not trained by an optimiser"};
}

void Learner::step(double, const Again&)
{
  throw Error{"this model takes no steps", "it is not trained by an optimiser"};
}

double Learner::validate(const Batch& inputs, const Batch& targets)
{
  if (inputs.count == 0) return 0;
  std::vector<std::vector<std::byte>> memory;
  std::vector<std::byte*> columns;
  for (const auto& feature : output_features_) {
    memory.emplace_back(static_cast<std::size_t>(inputs.count * feature.bytes()));
    columns.push_back(memory.back().data());
  }
  published().predict(inputs, {columns.data(), nullptr});
  const auto numbers = static_cast<std::size_t>(inputs.count * outputs_.width());
  std::vector<double> answers(numbers);
  std::vector<double> wanted(numbers);
  outputs_.read(columns.data(), 0, inputs.count, answers.data());
  outputs_.read(targets.columns, 0, inputs.count, wanted.data());
  double sum = 0;
  for (std::size_t i = 0; i < numbers; ++i)
    sum += (answers[i] - wanted[i]) * (answers[i] - wanted[i]);
  return sum / static_cast<double>(numbers);
}

void Learner::save(const std::string& path) const
{
  throw Error{"cannot save '" + path + "'", "models of this kind have no file of their own",
              "Leave 'save' away; the run's checkpoint holds the state."};
}

}  // namespace cardan::baselines
