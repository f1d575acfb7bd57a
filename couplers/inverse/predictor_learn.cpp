// How the surrogate of the first stage comes to be: from solves, in the warm-up.

#include "couplers/inverse/batch_columns.hpp"
#include "couplers/inverse/coarse.hpp"
#include "couplers/inverse/predictor.hpp"
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

void keep_last(std::vector<double>& numbers, std::size_t most)
{
  if (numbers.size() > most)
    numbers.erase(numbers.begin(), numbers.end() - static_cast<std::ptrdiff_t>(most));
}

const double* or_null(const std::vector<double>& numbers)
{
  return numbers.empty() ? nullptr : numbers.data();
}

}  // namespace

void Predictor::Rows::keep_newest(std::size_t most)
{
  const std::size_t data = rests.size() / std::max<std::size_t>(1, count());
  keep_last(thetas, most * parameters);
  keep_last(coarse, most * data);
  keep_last(rests, most * data);
}

Predictor::Predictor(const Config& run_file, const Settings& settings, const Measure& measure,
                     std::uint64_t seed, int threads)
    : settings_(*settings.first_stage),
      name_(settings.name),
      measure_(measure),
      parameters_(measure.parameters()),
      data_(measure.data.size()),
      random_(seed, 0x5eed),
      training_{parameters_, {}, {}, {}},
      held_(training_),
      some_(training_)
{
  if (!settings_.coarse.empty())
    coarse_ = make_coarse_model(run_file.table("inverse").table(name_).table("first_stage"),
                                settings_.coarse);
  if (settings_.learns) load(run_file, seed, threads);
  bias_.assign(data_, 0);
  whitening_ = whitening_of(measure_.data_deviation, {}, 0, false);
}

void Predictor::load(const Config& run_file, std::uint64_t seed, int threads)
{
  const Config model = run_file.table("inverse").table(name_).table("first_stage").table("model");
  const Config training = run_file.table("training").table(name_);
  const auto data = static_cast<std::int64_t>(data_);
  Signature signature{{{"theta", Dtype::float64, {static_cast<std::int64_t>(parameters_)}}},
                      {{"predicted", Dtype::float64, {data}}}};
  if (coarse_) signature.inputs.push_back({"coarse", Dtype::float64, {data}});
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
  std::vector<double> coarse(coarse_ ? data_ : 0);
  std::vector<double> rest(predicted.begin(), predicted.end());
  if (coarse_) solve_coarsely(theta, coarse.data());
  for (std::size_t j = 0; j < coarse.size(); ++j) rest[j] -= coarse[j];
  if (!all_finite(rest.data(), static_cast<std::int64_t>(rest.size()))) return;
  const bool held = ++added_ % held_out == 0;
  Rows& rows = held ? held_ : training_;
  rows.thetas.insert(rows.thetas.end(), theta.begin(), theta.end());
  rows.coarse.insert(rows.coarse.end(), coarse.begin(), coarse.end());
  rows.rests.insert(rows.rests.end(), rest.begin(), rest.end());
  if (held || !learner_) return;
  const Columns input{1, theta.data(), or_null(coarse)};
  const Columns target{1, rest.data()};
  learner_->see(input.batch(), target.batch());
}

void Predictor::begin()
{
  training_.keep_newest(static_cast<std::size_t>(settings_.window));
  // Errors where chains were long ago say nothing of those where they are.
  held_.keep_newest(std::max(std::min<std::size_t>(held_.count(), 200), held_.count() / 2));
  if (!learner_) return;
  learner_->normalise(learner_->tally());
  if (version_ == 0) learner_->keep();
  left_ = version_ == 0 ? settings_.first : settings_.steps;
  if (learner_->buckets().empty()) left_ = 0;
}

bool Predictor::learn(std::int64_t steps)
{
  if (training_.count() == 0)
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
  const auto batch = static_cast<std::size_t>(settings_.batch);
  some_.thetas.resize(batch * parameters_);
  some_.coarse.resize(coarse_ ? batch * data_ : 0);
  some_.rests.resize(batch * data_);
  const auto copy = [](const std::vector<double>& from, std::size_t which, std::vector<double>& to,
                       std::size_t row, std::size_t width) {
    if (to.empty()) return;
    std::copy_n(from.data() + which * width, width, to.data() + row * width);
  };
  for (std::size_t i = 0; i < batch; ++i) {
    const std::size_t which = random_.below(training_.count());
    copy(training_.thetas, which, some_.thetas, i, parameters_);
    copy(training_.coarse, which, some_.coarse, i, data_);
    copy(training_.rests, which, some_.rests, i, data_);
  }
  const Columns inputs{batch, some_.thetas.data(), or_null(some_.coarse)};
  const Columns targets{batch, some_.rests.data()};
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
  if (learner_) {
    const Columns inputs{training_.count(), training_.thetas.data(), or_null(training_.coarse)};
    const Columns targets{training_.count(), training_.rests.data()};
    learner_->settle(learner_->settling_sums(inputs.batch(), targets.batch()));
    learner_->keep();
  }
  ++version_;
  find_errors();
}

}  // namespace cardan::inverse
