#include "couplers/twin/trainer.hpp"

#include "registry.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::twin {

namespace {

/// Samples that are evaluated at once on the way to a new version.
constexpr std::int64_t piece = 64;

closure::BufferSettings newest(std::int64_t capacity)
{
  closure::BufferSettings settings;
  settings.kind = closure::BufferSettings::Kind::fifo;
  settings.capacity = std::max<std::int64_t>(1, capacity);
  return settings;
}

/// Enough to say something, and soon evaluated.
std::int64_t held_out(const TrainSettings& settings)
{
  const double share = settings.validation * static_cast<double>(settings.window);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(share), 16, 256);
}

}  // namespace

Trainer::Trainer(const Config& run_file, const Settings& settings, const Signature& signature,
                 std::uint64_t seed, int threads)
    : name_(settings.name),
      settings_(settings.train),
      signature_(signature),
      samples_(closure::make_buffer(newest(settings.train.window), signature, seed + 1)),
      held_out_(closure::make_buffer(newest(held_out(settings.train)), signature, seed + 2)),
      inputs_(signature.inputs),
      targets_(signature.outputs),
      x_(signature.inputs.size()),
      y_(signature.outputs.size())
{
  const Config model = run_file.table("twin").table(settings.name).table("model");
  const Config training = run_file.table("training").table(settings.name);
  Module& module = module_for(model);
  module.warm_up(threads);
  Trainee trainee;
  trainee.seed = seed;
  learner_ = module.learner(model, training, signature, trainee);
  state_.resize(learner_->state_bytes());
  warm_up();
  learner_->write(state_.data());
  model.reject_unknown();
  training.reject_unknown();
}

/// The first gradients take long: libraries make room, choose and compile.
void Trainer::warm_up()
{
  if (learner_->buckets().empty()) return;
  inputs_.resize(settings_.batch);
  targets_.resize(settings_.batch);
  for (int i = 0; i < 2; ++i)
    static_cast<void>(
        learner_->differentiate(inputs_.batch(), targets_.batch(), 1, [](std::size_t) {}));
}

/// Every so many-th sample is held out; the learner never sees it.
void Trainer::teach(const Batch& inputs, const Batch& targets)
{
  const std::int64_t every = settings_.validation > 0
                                 ? std::max<std::int64_t>(2, std::llround(1 / settings_.validation))
                                 : std::numeric_limits<std::int64_t>::max();
  for (std::int64_t row = 0; row < inputs.count; ++row) {
    if (++taught_ % every == 0) {
      held_out_->add(inputs, targets, row, 0);
      continue;
    }
    samples_->add(inputs, targets, row, 0);
    for (std::size_t f = 0; f < x_.size(); ++f)
      x_[f] = inputs.columns[f] + row * signature_.inputs[f].bytes();
    for (std::size_t f = 0; f < y_.size(); ++f)
      y_[f] = targets.columns[f] + row * signature_.outputs[f].bytes();
    learner_->see({1, x_.data()}, {1, y_.data()});
  }
}

bool Trainer::due() const
{
  if (stopped_ || samples_->size() == 0) return false;
  if (training_) return true;
  return version_.number == 0 ? taught_ >= settings_.warmup
                              : taught_ - trained_at_ >= settings_.every;
}

void Trainer::begin()
{
  training_ = true;
  trained_at_ = taught_;
  left_ = version_.number == 0 ? settings_.first : settings_.steps;
  settled_ = judged_ = 0;
  joined_.clear();
  loss_ = 0;
  learner_->normalise(learner_->tally());
  if (version_.number == 0) learner_->keep();
  // What learns by seeing has nothing to step.
  if (learner_->buckets().empty()) left_ = 0;
}

bool Trainer::learn(std::int64_t steps)
{
  if (!due()) return false;
  if (!training_) begin();
  if (left_ == 0) return publish();
  for (; steps > 0 && left_ > 0 && !stopped_; --steps, --left_) step();
  return false;
}

void Trainer::step()
{
  samples_->draw(settings_.batch, inputs_, targets_);
  const auto evaluate = [&] {
    return learner_->differentiate(inputs_.batch(), targets_.batch(), 1, [](std::size_t) {});
  };
  const double loss = evaluate();
  if (!std::isfinite(loss)) {
    roll_back();
    return;
  }
  learner_->step(loss, evaluate);
  ++steps_;
}

void Trainer::roll_back()
{
  constexpr int most = 5;
  stopped_ = ++roll_backs_ > most;
  learner_->roll_back(0.5);
  log(fmt::format("the model of twin '{}' diverged after {} steps: {}", name_, steps_,
                  stopped_
                      ? fmt::format("it is not trained any more; version {} stays", version_.number)
                      : fmt::format("back to version {}, at half the rate", version_.number)));
}

/// Samples of a buffer from the `first` on.
Batch Trainer::piece_of(const Features& features, const Batch& all, std::int64_t first,
                        std::vector<const std::byte*>& columns)
{
  for (std::size_t f = 0; f < columns.size(); ++f)
    columns[f] = all.columns[f] + first * features[f].bytes();
  return {std::min(piece, all.count - first), columns.data()};
}

/// A piece of the way to a new version: the weights are settled with all samples that are kept,
/// then judged with those held out. What comes meanwhile takes the place of older ones.
bool Trainer::publish()
{
  if (settled_ < samples_->size()) {
    const auto sums =
        learner_->settling_sums(piece_of(signature_.inputs, samples_->inputs(), settled_, x_),
                                piece_of(signature_.outputs, samples_->targets(), settled_, y_));
    joined_.resize(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) joined_[i] += sums[i];
    // What learns by seeing gives what it has seen, whatever it is asked with.
    const bool once = sums.empty() || learner_->buckets().empty();
    settled_ = once ? samples_->size() : settled_ + piece;
    if (settled_ < samples_->size()) return false;
    learner_->settle(joined_);
    learner_->keep();
    // Of samples that come from now on none is settled with.
    settled_ = std::numeric_limits<std::int64_t>::max();
    return false;
  }
  const auto& judged = held_out_->size() > 0 ? *held_out_ : *samples_;
  if (judged_ < judged.size()) {
    const Batch inputs = piece_of(signature_.inputs, judged.inputs(), judged_, x_);
    const Batch targets = piece_of(signature_.outputs, judged.targets(), judged_, y_);
    loss_ += learner_->validate(inputs, targets) * static_cast<double>(inputs.count);
    judged_ += inputs.count;
    return false;
  }
  ++version_.number;
  version_.steps = steps_;
  version_.loss = loss_ / static_cast<double>(judged_);
  learner_->write(state_.data());
  training_ = false;
  return true;
}

}  // namespace cardan::twin
