#include "couplers/pipeline/guess.hpp"

#include "registry.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace cardan::pipeline {

namespace {

/// Labels that are evaluated at once on the way to a new version.
constexpr std::int64_t piece = 64;

Features score_feature()
{
  return {{"score", Dtype::float64, {}}};
}

}  // namespace

Guess::Guess(const Config& run_file, const Settings& settings, const Features& features,
             int threads)
    : name_(settings.name),
      settings_(settings.train),
      features_(features),
      layout_(features),
      inputs_(features),
      targets_(score_feature()),
      some_inputs_(features),
      some_targets_(score_feature()),
      random_(settings.seed + 3)
{
  const Config model = run_file.table("pipeline")
                           .table(settings.name)
                           .table("stage")
                           .table(settings.stages.front())
                           .table("model");
  const Config training = run_file.table("training").table(settings.name);
  Module& module = module_for(model);
  module.warm_up(threads);
  Trainee trainee;
  trainee.seed = settings.seed + 1;
  learner_ = module.learner(model, training, {features, score_feature()}, trainee);
  inputs_.resize(settings_.window);
  targets_.resize(settings_.window);
  // The first gradients take long: libraries make room, choose and compile.
  if (!learner_->buckets().empty()) {
    some_inputs_.resize(settings_.batch);
    some_targets_.resize(settings_.batch);
    for (int i = 0; i < 2; ++i)
      static_cast<void>(learner_->differentiate(some_inputs_.batch(), some_targets_.batch(), 1,
                                                [](std::size_t) {}));
  }
  model.reject_unknown();
  training.reject_unknown();
}

void Guess::put(closure::Columns& columns, std::span<const std::byte> features,
                std::int64_t row) const
{
  for (std::size_t f = 0; f < features_.size(); ++f)
    columns.copy(f, features.data() + layout_.offsets[f], 1, row);
}

std::int64_t Guess::oldest() const
{
  return std::max(since_, taught_ - settings_.window);
}

void Guess::teach(std::span<const std::byte> features, double label)
{
  const std::int64_t row = taught_ % settings_.window;
  put(inputs_, features, row);
  targets_.copy(0, reinterpret_cast<const std::byte*>(&label), 1, row);
  some_inputs_.resize(1);
  some_targets_.resize(1);
  some_inputs_.copy_row(inputs_.batch(), row, 0);
  some_targets_.copy_row(targets_.batch(), row, 0);
  learner_->see(some_inputs_.batch(), some_targets_.batch());
  ++taught_;
}

void Guess::renew(std::int64_t labels)
{
  since_ = std::max(oldest(), taught_ - labels);
  anew_ = true;
  training_ = false;
  // Due at once.
  trained_at_ = taught_ - settings_.every;
}

bool Guess::due() const
{
  if (stopped_ || taught_ == 0) return false;
  if (training_) return true;
  return version_ == 0 ? taught_ >= settings_.warmup : taught_ - trained_at_ >= settings_.every;
}

void Guess::begin()
{
  training_ = true;
  trained_at_ = taught_;
  left_ = anew_ ? settings_.first : settings_.steps;
  anew_ = false;
  settled_ = oldest();
  joined_.clear();
  loss_sum_ = 0;
  loss_count_ = 0;
  learner_->normalise(learner_->tally());
  if (version_ == 0) learner_->keep();
  // What learns by seeing has nothing to step.
  if (learner_->buckets().empty()) left_ = 0;
}

bool Guess::learn()
{
  if (!due()) return false;
  if (!training_) begin();
  if (left_ == 0) return publish();
  for (auto steps = settings_.slice; steps > 0 && left_ > 0 && !stopped_; --steps, --left_) step();
  return false;
}

void Guess::step()
{
  some_inputs_.resize(settings_.batch);
  some_targets_.resize(settings_.batch);
  std::uniform_int_distribution<std::int64_t> any{oldest(), taught_ - 1};
  for (std::int64_t i = 0; i < settings_.batch; ++i) {
    const std::int64_t row = any(random_) % settings_.window;
    some_inputs_.copy_row(inputs_.batch(), row, i);
    some_targets_.copy_row(targets_.batch(), row, i);
  }
  const auto evaluate = [&] {
    return learner_->differentiate(some_inputs_.batch(), some_targets_.batch(), 1,
                                   [](std::size_t) {});
  };
  const double loss = evaluate();
  if (std::isfinite(loss)) {
    learner_->step(loss, evaluate);
    loss_sum_ += loss;
    ++loss_count_;
    return;
  }
  constexpr int most = 5;
  stopped_ = ++roll_backs_ > most;
  learner_->roll_back(0.5);
  log(fmt::format("the model of pipeline '{}' diverged: {}", name_,
                  stopped_ ? fmt::format("it is not trained any more; version {} stays", version_)
                           : fmt::format("back to version {}, at half the rate", version_)));
}

/// A piece of the way to a new version: the weights are settled with the labels of the window.
bool Guess::publish()
{
  settled_ = std::max(settled_, oldest());
  const auto count = std::min(piece, taught_ - settled_);
  some_inputs_.resize(count);
  some_targets_.resize(count);
  for (std::int64_t i = 0; i < count; ++i) {
    some_inputs_.copy_row(inputs_.batch(), (settled_ + i) % settings_.window, i);
    some_targets_.copy_row(targets_.batch(), (settled_ + i) % settings_.window, i);
  }
  const auto sums = learner_->settling_sums(some_inputs_.batch(), some_targets_.batch());
  joined_.resize(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) joined_[i] += sums[i];
  settled_ += count;
  // What learns by seeing gives what it has seen, whatever it is asked with.
  const bool once = sums.empty() || learner_->buckets().empty();
  if (!once && settled_ < taught_) return false;
  learner_->settle(joined_);
  learner_->keep();
  ++version_;
  loss_ = loss_sum_ / static_cast<double>(loss_count_);
  training_ = false;
  return true;
}

void Guess::predict(std::span<const std::span<const std::byte>> candidates, double* scores)
{
  some_inputs_.resize(static_cast<std::int64_t>(candidates.size()));
  for (std::size_t i = 0; i < candidates.size(); ++i)
    put(some_inputs_, candidates[i], static_cast<std::int64_t>(i));
  std::array<std::byte*, 1> column{reinterpret_cast<std::byte*>(scores)};
  learner_->predict(some_inputs_.batch(), {column.data(), nullptr});
}

}  // namespace cardan::pipeline
