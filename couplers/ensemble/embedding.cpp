#include "couplers/ensemble/embedding.hpp"

#include "registry.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cardan::ensemble {

namespace {

Signature signature_of(const EnsembleSettings& settings, std::int64_t dimension)
{
  return {{{"descriptor", Dtype::float64, {dimension}}},
          {{settings.lag > 0 ? "later" : "reconstruction", Dtype::float64, {dimension}}}};
}

const std::byte* bytes(const std::vector<double>& numbers)
{
  return reinterpret_cast<const std::byte*>(numbers.data());
}

}  // namespace

Embedding::Embedding(const Config& run_file, const EnsembleSettings& settings,
                     std::int64_t dimension, std::uint64_t seed, int threads)
    : settings_(settings), dimension_(static_cast<std::size_t>(dimension)), random_(seed + 7)
{
  const Config table = run_file.table("ensemble").table(settings.name);
  const Config model = table.table("model");
  const Config training = run_file.table("training").table(settings.name);
  const Signature signature = signature_of(settings, dimension);
  Module& module = module_for(model);
  module.warm_up(threads);
  Trainee trainee;
  trainee.seed = seed;
  learner_ = module.learner(model, training, signature, trainee);
  numbers_ = static_cast<std::size_t>(learner_->embedding());
  if (settings.space == Space::latent && numbers_ == 0)
    throw table.error("space", "this model makes no few numbers of a descriptor",
                      "Take kind = \"autoencoder\" or \"vae\", or space = \"descriptor\".");
  if (settings.score == Score::spread && !module.model(model, signature)->has_spread())
    throw table.error("score", "this model does not say how sure it is",
                      "Give it members = 4, for example, or take another score.");
  model.reject_unknown();
  training.reject_unknown();
}

void Embedding::clear(Pairs& pairs) const
{
  pairs.inputs.clear();
  pairs.targets.clear();
  pairs.count = 0;
}

/// False where the frame has no partner (any more).
bool Embedding::add(const Window& window, std::int64_t id, Pairs& pairs) const
{
  const Frame* const frame = window.find(id);
  if (frame == nullptr) return false;
  const std::int64_t from = settings_.lag > 0 ? frame->before : id;
  if (window.find(from) == nullptr) return false;
  const auto input = window.descriptor(from);
  const auto target = window.descriptor(id);
  pairs.inputs.insert(pairs.inputs.end(), input.begin(), input.end());
  pairs.targets.insert(pairs.targets.end(), target.begin(), target.end());
  ++pairs.count;
  return true;
}

Batch Embedding::inputs(Pairs& pairs) const
{
  pairs.input = bytes(pairs.inputs);
  return {pairs.count, &pairs.input};
}

Batch Embedding::targets(Pairs& pairs) const
{
  pairs.target = bytes(pairs.targets);
  return {pairs.count, &pairs.target};
}

void Embedding::see(const Window& window, std::int64_t id)
{
  clear(one_);
  if (add(window, id, one_)) learner_->see(inputs(one_), targets(one_));
}

bool Embedding::due(const Window& window) const
{
  if (stopped_) return false;
  if (left_ > 0) return true;
  return version_ == 0 ? window.next() >= settings_.retrain.warmup
                       : window.next() - trained_at_ >= settings_.retrain.every;
}

bool Embedding::learn(const Window& window, std::int64_t steps)
{
  if (!due(window)) return false;
  if (left_ == 0) {
    trained_at_ = window.next();
    loss_sum_ = 0;
    loss_count_ = 0;
    left_ = version_ == 0 ? settings_.retrain.first : settings_.retrain.steps;
    learner_->normalise(learner_->tally());
    if (version_ == 0) learner_->keep();
  }
  // What learns by seeing has nothing to step.
  if (learner_->buckets().empty()) left_ = 0;
  for (; steps > 0 && left_ > 0; --steps, --left_)
    if (!step(window)) {
      left_ = 0;
      break;
    }
  if (left_ > 0) return false;
  if (stopped_) return false;
  publish(window);
  return true;
}

/// False where nothing more is to be learned from this window.
bool Embedding::step(const Window& window)
{
  clear(some_);
  const auto wanted = settings_.retrain.batch;
  for (std::int64_t tries = 0; some_.count < wanted && tries < 4 * wanted; ++tries)
    add(window, window.oldest() + static_cast<std::int64_t>(random_.below(window.size())), some_);
  if (some_.count == 0) return false;
  const auto evaluate = [&] {
    return learner_->differentiate(inputs(some_), targets(some_), 1, [](std::size_t) {});
  };
  loss_ = evaluate();
  if (!std::isfinite(loss_)) {
    roll_back();
    return !stopped_;
  }
  loss_sum_ += loss_;
  ++loss_count_;
  learner_->step(loss_, evaluate);
  ++steps_;
  return true;
}

void Embedding::roll_back()
{
  constexpr int most = 5;
  stopped_ = ++roll_backs_ > most;
  learner_->roll_back(0.5);
  log(fmt::format("the model of ensemble '{}' diverged after {} steps: {}", settings_.name, steps_,
                  stopped_ ? fmt::format("it is not trained any more; version {} stays", version_)
                           : fmt::format("back to version {}, at half the rate", version_)));
}

void Embedding::publish(const Window& window)
{
  clear(some_);
  for (std::int64_t id = window.oldest(); id < window.next(); ++id) add(window, id, some_);
  learner_->settle(learner_->settling_sums(inputs(some_), targets(some_)));
  learner_->keep();
  ++version_;
}

std::vector<double> Embedding::embed(std::span<const double> descriptors)
{
  clear(some_);
  some_.inputs.assign(descriptors.begin(), descriptors.end());
  some_.count = static_cast<std::int64_t>(descriptors.size() / dimension_);
  std::vector<double> embedded(static_cast<std::size_t>(some_.count) * numbers_);
  learner_->embed(inputs(some_), embedded.data());
  return embedded;
}

void Embedding::evaluate(const Window& window, std::int64_t first, std::size_t count,
                         double* embedded, double* scores)
{
  std::fill_n(scores, count, 0.0);
  if (count == 0) return;
  clear(some_);
  for (std::size_t i = 0; i < count; ++i) {
    const auto from = window.descriptor(first + static_cast<std::int64_t>(i));
    some_.inputs.insert(some_.inputs.end(), from.begin(), from.end());
  }
  some_.count = static_cast<std::int64_t>(count);
  const Batch batch = inputs(some_);
  if (numbers_ > 0 && settings_.space == Space::latent) learner_->embed(batch, embedded);
  if (settings_.score != Score::spread && settings_.score != Score::error) return;
  answers_.resize(count * dimension_);
  spread_.assign(count * dimension_, 0);
  auto* const column = reinterpret_cast<std::byte*>(answers_.data());
  const bool spread = settings_.score == Score::spread;
  learner_->predict(batch, {&column, spread ? spread_.data() : nullptr});
  for (std::size_t i = 0; i < count; ++i) {
    double sum = 0;
    for (std::size_t j = i * dimension_; j < (i + 1) * dimension_; ++j) {
      const double one = spread ? spread_[j] : answers_[j] - some_.inputs[j];
      sum += one * one;
    }
    scores[i] = std::sqrt(sum / static_cast<double>(dimension_));
  }
}

}  // namespace cardan::ensemble
