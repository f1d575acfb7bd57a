// The parts of a run: the warm-up's, between which all chains wait, and the kept steps.

#include "couplers/inverse/sampler.hpp"

#include "couplers/inverse/covariance.hpp"
#include "support/clock.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::inverse {

namespace {

/// Parts of the way that chains go ahead: after each the covariance is found anew.
constexpr std::int64_t legs = 4;

Point point_at(const std::vector<double>& theta)
{
  Point point;
  point.theta = theta;
  point.gradient.assign(theta.size(), 0);
  return point;
}

}  // namespace

Sampler::Sampler(const Settings& settings, const Measure& measure, const std::vector<int>& chains,
                 std::unique_ptr<Predictor> predictor)
    : settings_(settings),
      measure_(measure),
      predictor_(std::move(predictor)),
      walker_(settings.proposal, measure),
      inner_walker_(settings.first_stage ? settings.first_stage->proposal : settings.proposal,
                    measure),
      parts_(settings.warmup > 0 ? settings.stages : 0),
      part_(settings.first_stage && settings.first_stage->ahead > 0 ? -legs : 0),
      scratch_(measure.parameters())
{
  if (walker_.follows_gradient() && !measure.has_gradient)
    throw Error{
        fmt::format("the chains of inverse problem '{}' have no gradient to follow", settings.name),
        "the problem has no pull_back",
        "Give it one, or take another kind of proposal, \"preconditioned\" for example."};
  chains_.reserve(chains.size());
  for (const int number : chains) {
    Chain chain{number, static_cast<std::uint64_t>(settings.seed)};
    chain.at = point_at(measure.start);
    // The first one begins where it was said.
    for (std::size_t i = 0; i < measure.parameters(); ++i) {
      const double away = settings.scatter * measure.prior_deviation[i] * chain.random.normal();
      if (number > 0) chain.at.theta[i] += away;
    }
    chain.at.log_likelihood = -std::numeric_limits<double>::infinity();
    chain.at.log_prior = measure.log_prior(chain.at.theta);
    chain.proposal = chain.at;
    chain.candidate = chain.at;
    chain.predicted.resize(measure.data.size());
    chain.log_step = walker_.first_log_step();
    chain.inner_log_step = inner_walker_.first_log_step();
    chains_.push_back(std::move(chain));
  }
  if (!predictor_) return;
  rows_.resize(chains_.size() * measure.parameters());
  row_predictions_.resize(chains_.size() * measure.data.size());
  row_likelihoods_.resize(chains_.size());
}

void Sampler::begin()
{
  done_ = chains_.empty();
  if (begun_ && !keeps()) return;
  const bool first = !begun_;
  begun_ = true;
  if (first && staged()) look_at_chains();
  begin_part();
}

/// The first part of the warm-up begins with a solve where each chain begins.
void Sampler::begin_part()
{
  if (ahead()) {
    const std::int64_t steps = (settings_.first_stage->ahead + legs - 1) / legs;
    for (Chain& chain : chains_) set_out(chain, steps);
    return;
  }
  if (keeps()) kept_since_ = clock();
  for (Chain& chain : chains_) {
    const std::int64_t rest = part_ == parts_ - 1 ? settings_.warmup % parts_ : 0;
    chain.to_make = keeps() ? settings_.steps : settings_.warmup / parts_ + rest;
    chain.state = Chain::State::ready;
    if (!chain.begins) continue;
    chain.proposal = chain.at;
    chain.by_surrogate = false;
    chain.state = Chain::State::wants;
  }
}

std::optional<Engine::Ask> Sampler::next()
{
  for (Chain& chain : chains_)
    if (chain.state == Chain::State::ready) begin_step(chain);
  // In turn, so that no chain is left behind.
  for (std::size_t i = 0; i < chains_.size(); ++i) {
    const std::size_t index = (turn_ + i) % chains_.size();
    Chain& chain = chains_[index];
    if (chain.state != Chain::State::wants) continue;
    turn_ = index + 1;
    chain.state = Chain::State::asked;
    const std::uint32_t version = chain.by_surrogate ? predictor_->version() : 0;
    return Ask{static_cast<std::int64_t>(index), wants_gradient(chain), version,
               chain.proposal.theta};
  }
  return {};
}

void Sampler::again(std::int64_t id)
{
  chains_[static_cast<std::size_t>(id)].state = Chain::State::wants;
}

void Sampler::answer(std::int64_t id, std::span<const double> numbers)
{
  Chain& chain = chains_[static_cast<std::size_t>(id)];
  const auto predicted = numbers.first(measure_.data.size());
  Point& point = chain.proposal;
  const bool gradient = wants_gradient(chain);
  counts_.solves += gradient ? 2 : 1;
  if (!keeps()) counts_.solves_before += gradient ? 2 : 1;
  point.log_likelihood = measure_.log_likelihood(predicted);
  if (gradient) {
    const auto of_likelihood = numbers.last(measure_.parameters());
    for (std::size_t i = 0; i < of_likelihood.size(); ++i) {
      const double deviation = measure_.prior_deviation[i];
      point.gradient[i] =
          of_likelihood[i] - (point.theta[i] - measure_.prior_mean[i]) / (deviation * deviation);
      if (!std::isfinite(point.gradient[i]))
        point.log_likelihood = -std::numeric_limits<double>::infinity();
    }
  }
  const bool failed = !std::isfinite(point.log_likelihood);
  if (failed) ++counts_.failed;
  if (!failed && !keeps()) {
    chain.solved_thetas.insert(chain.solved_thetas.end(), point.theta.begin(), point.theta.end());
    chain.solved_predictions.insert(chain.solved_predictions.end(), predicted.begin(),
                                    predicted.end());
  }
  if (chain.by_surrogate && !failed) {
    double sum = 0;
    for (std::size_t j = 0; j < predicted.size(); ++j) {
      const double error = (predicted[j] - chain.predicted[j]) / measure_.data_deviation[j];
      sum += error * error;
    }
    constexpr std::size_t remembered = 1000;
    if (errors_.size() < remembered) errors_.resize(errors_.size() + 1);
    errors_[error_next_++ % remembered] = sum / static_cast<double>(predicted.size());
  }
  decide(chain);
}

bool Sampler::work()
{
  if (done_) return false;
  if (training_) {
    if (predictor_->learn(settings_.first_stage->slice)) end_training();
    return true;
  }
  const auto paused = [](const Chain& chain) { return chain.state == Chain::State::paused; };
  if (std::all_of(chains_.begin(), chains_.end(), paused)) {
    end_part();
    return true;
  }
  for (Chain& chain : chains_)
    if (chain.state == Chain::State::ready) begin_step(chain);
  const auto inner = [](const Chain& chain) { return chain.state == Chain::State::inner; };
  if (std::none_of(chains_.begin(), chains_.end(), inner)) return false;
  walk_inside();
  return true;
}

void Sampler::end_part()
{
  if (keeps()) {
    kept_seconds_ += static_cast<double>(clock() - kept_since_) * 1e-9;
    done_ = true;
    return;
  }
  if (ahead()) {
    ++part_;
    look_at_chains();
    begin_part();
    return;
  }
  merge_solves();
  if (predictor_ && predictor_->samples() > 1) {
    training_ = true;
    trained_at_ = counts_.solves;
    return;
  }
  ++part_;
  if (keeps()) freeze();
  begin_part();
}

/// In the order of chains, whatever order they came in: what is learned depends on the seed only.
void Sampler::merge_solves()
{
  const std::size_t n = measure_.parameters();
  const std::size_t m = measure_.data.size();
  std::vector<double> thetas;
  std::vector<double> predictions;
  for (Chain& chain : chains_) {
    const std::size_t count = chain.solved_thetas.size() / n;
    for (std::size_t i = 0; predictor_ && i < count; ++i)
      predictor_->add({chain.solved_thetas.data() + i * n, n},
                      {chain.solved_predictions.data() + i * m, m});
    thetas.insert(thetas.end(), chain.solved_thetas.begin(), chain.solved_thetas.end());
    predictions.insert(predictions.end(), chain.solved_predictions.begin(),
                       chain.solved_predictions.end());
    chain.solved_thetas.clear();
    chain.solved_predictions.clear();
  }
  const std::size_t count = thetas.size() / n;
  if (!walker_.preconditioned() || count <= n) return;
  Information information{measure_};
  information.add(regressed_jacobian(measure_, thetas, predictions, count));
  walker_.precondition(information.factor());
  // Lengths of steps go on from where they are: too short is soon found out, too long is not.
  for (Chain& chain : chains_) chain.tuned = 0;
}

void Sampler::end_training()
{
  training_ = false;
  look_at_chains();
  ++part_;
  if (keeps()) freeze();
  begin_part();
}

/// What the surrogate of now says of where the chains are.
void Sampler::look_at_chains()
{
  const std::size_t n = measure_.parameters();
  for (std::size_t c = 0; c < chains_.size(); ++c)
    std::copy(chains_[c].at.theta.begin(), chains_[c].at.theta.end(),
              rows_.begin() + static_cast<std::ptrdiff_t>(c * n));
  if (inner_walker_.preconditioned())
    inner_walker_.precondition(predictor_->factor(rows_, chains_.size()));
  predictor_->ask(rows_, chains_.size(), row_predictions_, row_likelihoods_);
  for (std::size_t c = 0; c < chains_.size(); ++c) {
    Chain& chain = chains_[c];
    chain.surrogate_at = row_likelihoods_[c];
    chain.inner_tuned = 0;
  }
}

/// From here on nothing is found any more: kept steps are of one Markov chain.
void Sampler::freeze()
{
  double sum = 0;
  double inner_sum = 0;
  for (const Chain& chain : chains_) {
    sum += chain.log_step;
    inner_sum += chain.inner_log_step;
  }
  const auto count = static_cast<double>(chains_.size());
  for (Chain& chain : chains_) {
    chain.log_step = sum / count;
    chain.inner_log_step = inner_sum / count;
  }
}

}  // namespace cardan::inverse
