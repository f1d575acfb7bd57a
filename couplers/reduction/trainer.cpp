#include "couplers/reduction/trainer.hpp"

#include "couplers/reduction/codec.hpp"
#include "couplers/reduction/learned.hpp"
#include "registry.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cardan::reduction {

namespace {

/// Batches that normalisation, and the settling of weights, are taken from.
constexpr std::int64_t batches_of_statistics = 8;

/// The run file's words for a model of this field's blocks.
Config model_of(const Config& run_file, const Settings& settings, const ReductionField& field)
{
  const std::int64_t latent = std::min(settings.latent, block_numbers(field, settings));
  std::string text = fmt::format("latent = {}\n", latent);
  if (settings.encoder == Encoder::linear) {
    text += "kind = \"autoencoder\"\nhidden = []\n";
  } else {
    std::vector<std::int64_t> extents;
    const std::size_t first = field.components ? 1 : 0;
    if (field.components) extents.push_back(field.shape.front());
    const auto edges = edges_of(field, settings);
    for (std::size_t d = first; d < field.shape.size(); ++d)
      extents.push_back(std::min(edges[d - first], field.shape[d]));
    text += fmt::format("kind = \"conv_autoencoder\"\nblock = [{}]\nchannels = {}\n",
                        fmt::join(extents, ", "), settings.channels);
  }
  return Config::from_text(text, fmt::format("{}: [reduction.{}] encoder = \"{}\"", run_file.name(),
                                             settings.name, to_string(settings.encoder)));
}

}  // namespace

Trainer::Trainer(const Config& run_file, const Settings& settings,
                 const std::vector<ReductionField>& fields, std::uint64_t seed, int threads)
    : settings_(settings)
{
  for (const auto& field : fields) {
    const Config model = model_of(run_file, settings, field);
    Module& module = module_for(model);
    module.warm_up(threads);
    Pupil pupil;
    pupil.numbers = block_numbers(field, settings);
    pupil.learner = module.learner(model, run_file.table("training").table(settings.name),
                                   block_signature(pupil.numbers), Trainee{seed, 0, 1});
    pupils_.push_back(std::move(pupil));
  }
  run_file.table("training").table(settings.name).reject_unknown();
}

bool Trainer::due(std::int64_t blocks) const
{
  if (stopped_) return false;
  if (left_ > 0) return true;
  return trained_ ? blocks - trained_at_ >= settings_.train.every
                  : blocks >= settings_.train.warmup;
}

/// At most so many blocks: draws that miss are tried again a few times.
Batch Trainer::draw(std::size_t field, std::int64_t wanted, const Draw& draw)
{
  Pupil& pupil = pupils_[field];
  const auto numbers = static_cast<std::size_t>(pupil.numbers);
  pupil.blocks.resize(static_cast<std::size_t>(wanted) * numbers);
  std::int64_t count = 0;
  for (std::int64_t tries = 0; count < wanted && tries < 8 * wanted; ++tries)
    if (draw(field, pupil.blocks.data() + static_cast<std::size_t>(count) * numbers)) ++count;
  pupil.column = reinterpret_cast<const std::byte*>(pupil.blocks.data());
  return {count, &pupil.column};
}

std::optional<Encoders> Trainer::work(std::int64_t blocks, const Draw& draw)
{
  if (!due(blocks)) return {};
  if (left_ == 0) {
    trained_at_ = blocks;
    begin(draw);
    left_ = trained_ ? settings_.train.steps : settings_.train.first;
  }
  for (std::int64_t s = 0; s < settings_.train.slice && left_ > 0; ++s, --left_)
    if (!step(draw)) {
      left_ = 0;
      break;
    }
  if (left_ > 0 || stopped_) return {};
  trained_ = true;
  return publish(draw);
}

void Trainer::begin(const Draw& draw)
{
  for (std::size_t f = 0; f < pupils_.size(); ++f) {
    Learner& learner = *pupils_[f].learner;
    const Batch batch = this->draw(f, batches_of_statistics * settings_.train.batch, draw);
    if (batch.count > 0) learner.see(batch, batch);
    learner.normalise(learner.tally());
    if (!trained_) learner.keep();
  }
}

/// False where nothing more is to be learned.
bool Trainer::step(const Draw& draw)
{
  loss_ = 0;
  for (std::size_t f = 0; f < pupils_.size(); ++f) {
    Learner& learner = *pupils_[f].learner;
    const Batch batch = this->draw(f, settings_.train.batch, draw);
    if (batch.count == 0) continue;
    const auto evaluate = [&] {
      return learner.differentiate(batch, batch, 1, [](std::size_t) {});
    };
    const double loss = evaluate();
    if (!std::isfinite(loss)) {
      constexpr int most = 5;
      stopped_ = ++roll_backs_ > most;
      learner.roll_back(0.5);
      log(fmt::format("the encoder of reduction '{}' diverged after {} steps: {}", settings_.name,
                      steps_, stopped_ ? "it is not trained any more" : "back, at half the rate"));
      if (stopped_) return false;
      continue;
    }
    learner.step(loss, evaluate);
    loss_ += loss / static_cast<double>(pupils_.size());
  }
  ++steps_;
  return true;
}

Encoders Trainer::publish(const Draw& draw)
{
  Encoders encoders;
  for (std::size_t f = 0; f < pupils_.size(); ++f) {
    Learner& learner = *pupils_[f].learner;
    const Batch batch = this->draw(f, batches_of_statistics * settings_.train.batch, draw);
    learner.settle(learner.settling_sums(batch, batch));
    learner.keep();
    encoders.push_back(transform_of(learner));
  }
  return encoders;
}

}  // namespace cardan::reduction
