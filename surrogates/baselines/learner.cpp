#include "baselines/learner.hpp"

#include <algorithm>
#include <cstddef>

namespace cardan::baselines {

Error no_file(const std::string& path)
{
  return Error{"cannot write " + path, "a pod, knn or linear model is no network, and has no file",
               "A checkpoint holds its state; networks (kind = \"mlp\", say) can be saved."};
}

Learner::Learner(const Signature& signature)
    : output_features_(signature.outputs),
      inputs_(signature.inputs),
      outputs_(signature.outputs),
      sums_(1 + 2 * static_cast<std::size_t>(outputs_.width()), 0),
      variance_(static_cast<std::size_t>(outputs_.width()), 1)
{}

void Learner::see(const Batch& inputs, const Batch& targets)
{
  read_finite(inputs_, outputs_, inputs, targets, pairs_);
  if (pairs_.count == 0) return;
  sums_[0] += static_cast<double>(pairs_.count);
  const std::size_t m = variance_.size();
  for (std::size_t i = 0; i < static_cast<std::size_t>(pairs_.count) * m; ++i) {
    sums_[1 + i % m] += pairs_.targets[i];
    sums_[1 + m + i % m] += pairs_.targets[i] * pairs_.targets[i];
  }
  learn(pairs_);
}

// Rounding leaves a variance of about 1e-16 of the mean square on a constant output: what is below
// that is no information, and its unit stays.
void Learner::normalise(const Tally& joined)
{
  const std::size_t m = variance_.size();
  const double count = joined.sums[0];
  for (std::size_t j = 0; j < m; ++j) {
    const double mean = count > 0 ? joined.sums[1 + j] / count : 0;
    const double square = count > 0 ? joined.sums[1 + m + j] / count : 0;
    const double variance = square - mean * mean;
    variance_[j] = variance > 1e-14 * square ? variance : 1;
  }
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
  predict(inputs, {columns.data(), nullptr});
  const auto numbers = static_cast<std::size_t>(inputs.count * outputs_.width());
  std::vector<double> answers(numbers);
  std::vector<double> wanted(numbers);
  outputs_.read(columns.data(), 0, inputs.count, answers.data());
  outputs_.read(targets.columns, 0, inputs.count, wanted.data());
  double sum = 0;
  for (std::size_t i = 0; i < numbers; ++i)
    sum += (answers[i] - wanted[i]) * (answers[i] - wanted[i]) / variance_[i % variance_.size()];
  return sum / static_cast<double>(numbers);
}

}  // namespace cardan::baselines
