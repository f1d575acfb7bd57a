#include "couplers/inverse/predictor.hpp"

#include "couplers/inverse/covariance.hpp"
#include "couplers/inverse/whitening.hpp"
#include "registry.hpp"
#include "support/finite.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cardan::inverse {

namespace {

/// One sample out of so many is held out.
constexpr std::int64_t held_out = 5;
/// What a likelihood is where the surrogate has no number: low, but such that a chain that is there
/// can leave.
constexpr double hopeless = -1e6;

/// Samples, row by row, as a module takes them.
class Rows {
 public:
  Rows(const double* numbers, std::int64_t count)
      : column_(reinterpret_cast<const std::byte*>(numbers)), batch_{count, &column_}
  {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  [[nodiscard]] const Batch& batch() const { return batch_; }

 private:
  const std::byte* column_;
  Batch batch_;
};

void keep_newest(std::vector<double>& rows, std::size_t width, std::int64_t most)
{
  const std::size_t numbers = width * static_cast<std::size_t>(most);
  if (rows.size() > numbers)
    rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(numbers));
}

}  // namespace

Predictor::Predictor(const Config& run_file, const Settings& settings, const Measure& measure,
                     std::uint64_t seed, int threads)
    : settings_(*settings.first_stage),
      name_(settings.name),
      measure_(measure),
      parameters_(measure.parameters()),
      data_(measure.data.size()),
      random_(seed, 0x5eed)
{
  const Config model =
      run_file.table("inverse").table(settings.name).table("first_stage").table("model");
  const Config training = run_file.table("training").table(settings.name);
  const Signature signature{{{"theta", Dtype::float64, {static_cast<std::int64_t>(parameters_)}}},
                            {{"predicted", Dtype::float64, {static_cast<std::int64_t>(data_)}}}};
  Module& module = module_for(model);
  module.warm_up(threads);
  Trainee trainee;
  trainee.seed = seed;
  learner_ = module.learner(model, training, signature, trainee);
  model.reject_unknown();
  training.reject_unknown();
}

void Predictor::add(std::span<const double> theta, std::span<const double> predicted)
{
  if (!all_finite(predicted.data(), static_cast<std::int64_t>(predicted.size()))) return;
  const bool held = ++added_ % held_out == 0;
  auto& inputs = held ? held_inputs_ : inputs_;
  auto& targets = held ? held_targets_ : targets_;
  inputs.insert(inputs.end(), theta.begin(), theta.end());
  targets.insert(targets.end(), predicted.begin(), predicted.end());
  if (held) return;
  const Rows input{theta.data(), 1};
  const Rows target{predicted.data(), 1};
  learner_->see(input.batch(), target.batch());
}

void Predictor::begin()
{
  keep_newest(inputs_, parameters_, settings_.window);
  keep_newest(targets_, data_, settings_.window);
  // Errors where chains were long ago say nothing of those where they are.
  const auto half = static_cast<std::int64_t>(held_count() / 2);
  const std::int64_t least = std::min<std::int64_t>(static_cast<std::int64_t>(held_count()), 200);
  keep_newest(held_inputs_, parameters_, std::max(least, half));
  keep_newest(held_targets_, data_, std::max(least, half));
  learner_->normalise(learner_->tally());
  if (version_ == 0) learner_->keep();
  left_ = version_ == 0 ? settings_.first : settings_.steps;
  if (learner_->buckets().empty()) left_ = 0;
}

bool Predictor::learn(std::int64_t steps)
{
  if (inputs_.empty())
    throw Error{
        fmt::format("the surrogate of inverse problem '{}' has nothing to learn from", name_),
        "no solve of the warm-up gave numbers", "Make the warm-up longer."};
  if (left_ == 0) begin();
  for (; steps > 0 && left_ > 0; --steps)
    if (step()) --left_;
  if (left_ > 0) return false;
  publish();
  return true;
}

/// False where it diverged and went back.
bool Predictor::step()
{
  const std::size_t count = inputs_.size() / parameters_;
  const auto batch = static_cast<std::size_t>(settings_.batch);
  some_inputs_.resize(batch * parameters_);
  some_targets_.resize(batch * data_);
  for (std::size_t i = 0; i < batch; ++i) {
    const std::size_t which = random_.below(count);
    std::copy_n(inputs_.data() + which * parameters_, parameters_,
                some_inputs_.data() + i * parameters_);
    std::copy_n(targets_.data() + which * data_, data_, some_targets_.data() + i * data_);
  }
  const Rows inputs{some_inputs_.data(), settings_.batch};
  const Rows targets{some_targets_.data(), settings_.batch};
  const auto evaluate = [&] {
    return learner_->differentiate(inputs.batch(), targets.batch(), 1, [](std::size_t) {});
  };
  const double loss = evaluate();
  if (std::isfinite(loss)) {
    learner_->step(loss, evaluate);
    return true;
  }
  constexpr int most = 5;
  if (++roll_backs_ > most)
    throw Error{fmt::format("the surrogate of inverse problem '{}' diverges", name_),
                fmt::format("its loss was not a number {} times", roll_backs_),
                "Set a lower rate in [training." + name_ + "] optimizer."};
  learner_->roll_back(0.5);
  return false;
}

void Predictor::publish()
{
  const Rows inputs{inputs_.data(), static_cast<std::int64_t>(inputs_.size() / parameters_)};
  const Rows targets{targets_.data(), static_cast<std::int64_t>(targets_.size() / data_)};
  learner_->settle(learner_->settling_sums(inputs.batch(), targets.batch()));
  learner_->keep();
  ++version_;
  find_errors();
}

/// The model's own answers.
void Predictor::predict(std::span<const double> thetas, std::size_t count,
                        std::span<double> predicted)
{
  const Rows rows{thetas.data(), static_cast<std::int64_t>(count)};
  auto* const column = reinterpret_cast<std::byte*>(predicted.data());
  learner_->predict(rows.batch(), {&column, nullptr});
}

// The approximation error's mean and covariance (Kaipio and Somersalo 2007; Cui, Fox and O'Sullivan
// 2011), from solves that the surrogate has not seen.
void Predictor::find_errors()
{
  bias_.assign(data_, 0);
  whitening_.clear();
  const std::size_t count = held_count();
  std::vector<double> errors(count * data_);
  if (settings_.error_model != ErrorModel::none && count >= 10) {
    predict(held_inputs_, count, errors);
    for (std::size_t i = 0; i < errors.size(); ++i) errors[i] = held_targets_[i] - errors[i];
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < data_; ++j)
        bias_[j] += errors[i * data_ + j] / static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < data_; ++j) errors[i * data_ + j] -= bias_[j];
    whitening_ = whitening_of(measure_.data_deviation, errors, count,
                              settings_.error_model == ErrorModel::full);
  } else {
    whitening_ = whitening_of(measure_.data_deviation, {}, 0, false);
  }
}

void Predictor::ask(std::span<const double> thetas, std::size_t count, std::span<double> predicted,
                    std::span<double> log_likelihoods)
{
  predict(thetas, count, predicted);
  rows_.resize(count * data_);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < data_; ++j) {
      double& number = predicted[i * data_ + j];
      number = (1 + settings_.wrong) * (number + bias_[j]);
      rows_[i * data_ + j] = measure_.data[j] - number;
    }
  half_squares(whitening_, rows_, count, log_likelihoods);
  for (std::size_t i = 0; i < count; ++i) {
    log_likelihoods[i] = -log_likelihoods[i];
    if (!(log_likelihoods[i] > hopeless)) log_likelihoods[i] = hopeless;
  }
}

std::vector<double> Predictor::factor(std::span<const double> thetas, std::size_t count)
{
  constexpr double step = 0.05;
  std::vector<double> points(2 * parameters_ * parameters_);
  std::vector<double> predicted(2 * parameters_ * data_);
  std::vector<double> jacobian(data_ * parameters_);
  Information information{measure_};
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t i = 0; i < 2 * parameters_; ++i) {
      double* const point = points.data() + i * parameters_;
      std::copy_n(thetas.data() + c * parameters_, parameters_, point);
      point[i / 2] += (i % 2 == 0 ? step : -step) * measure_.prior_deviation[i / 2];
    }
    predict(points, 2 * parameters_, predicted);
    for (std::size_t i = 0; i < parameters_; ++i)
      for (std::size_t j = 0; j < data_; ++j)
        jacobian[j * parameters_ + i] =
            (predicted[2 * i * data_ + j] - predicted[(2 * i + 1) * data_ + j]) /
            (2 * step * measure_.prior_deviation[i]);
    if (all_finite(jacobian.data(), static_cast<std::int64_t>(jacobian.size())))
      information.add(jacobian);
  }
  return information.factor();
}

double Predictor::gradient(std::span<const double> theta, std::span<double> gradient)
{
  std::vector<double> predicted(data_);
  predict(theta, 1, predicted);
  const double value = measure_.log_likelihood(predicted);
  for (std::size_t j = 0; j < data_; ++j)
    predicted[j] = (measure_.data[j] - predicted[j]) /
                   (measure_.data_deviation[j] * measure_.data_deviation[j]);
  const Rows rows{theta.data(), 1};
  learner_->pull_back(rows.batch(), predicted.data(), gradient.data());
  return value;
}

}  // namespace cardan::inverse
