// One step of a chain: with a surrogate, delayed acceptance (Christen and Fox 2005), with several
// steps by it before a solve decides (Lykkegaard, Dodwell, Fox, Mingas and Scheichl 2023).

#include "couplers/inverse/acceptance.hpp"
#include "couplers/inverse/sampler.hpp"
#include "support/clock.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::inverse {

namespace {

/// Decisions that are kept for the file.
constexpr std::size_t most_decisions = 1000000;
/// Nanoseconds that chains walk by the surrogate between two looks for results.
constexpr std::int64_t slice = 2000000;

}  // namespace

void Sampler::begin_step(Chain& chain)
{
  const double plain = settings_.first_stage ? settings_.first_stage->plain : 0;
  if (!staged() || (plain > 0 && chain.random.uniform() < plain)) {
    propose(chain);
    return;
  }
  set_out(chain, settings_.first_stage->subchain);
}

/// So many steps by the surrogate, from where the chain is.
void Sampler::set_out(Chain& chain, std::int64_t steps)
{
  chain.by_surrogate = true;
  chain.moved = false;
  chain.left = steps;
  chain.age = counts_.solves - trained_at_;
  chain.proposal.theta = chain.at.theta;
  chain.proposal.log_prior = chain.at.log_prior;
  chain.proposal.log_likelihood = chain.surrogate_at;
  chain.state = Chain::State::inner;
}

/// Without the surrogate: every proposal is solved.
void Sampler::propose(Chain& chain)
{
  chain.by_surrogate = false;
  walker_.propose(chain.at, chain.log_step, chain.random, scratch_, chain.proposal.theta);
  chain.proposal.log_prior = measure_.log_prior(chain.proposal.theta);
  chain.state = Chain::State::wants;
}

/// Chains that walk by the surrogate ask it together: a row for each chain, those that do not among
/// them, so that an answer does not depend on who else asks.
void Sampler::walk_inside()
{
  const std::size_t n = measure_.parameters();
  const std::int64_t until = clock() + slice;
  const auto inner = [](const Chain& chain) { return chain.state == Chain::State::inner; };
  while (std::any_of(chains_.begin(), chains_.end(), inner)) {
    for (std::size_t c = 0; c < chains_.size(); ++c) {
      Chain& chain = chains_[c];
      double* const row = rows_.data() + c * n;
      if (inner(chain))
        inner_walker_.propose(chain.proposal, chain.inner_log_step, chain.random, scratch_,
                              {row, n});
      else
        std::copy(chain.at.theta.begin(), chain.at.theta.end(), row);
    }
    predictor_->ask(rows_, chains_.size(), row_predictions_, row_likelihoods_);
    for (std::size_t c = 0; c < chains_.size(); ++c)
      if (inner(chains_[c])) inner_step(chains_[c], c);
    if (clock() >= until) break;
  }
}

void Sampler::inner_step(Chain& chain, std::size_t row)
{
  const std::size_t n = measure_.parameters();
  const std::size_t m = measure_.data.size();
  Point& candidate = chain.candidate;
  std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(row * n), n, candidate.theta.begin());
  candidate.log_likelihood = row_likelihoods_[row];
  candidate.log_prior = measure_.log_prior(candidate.theta);
  const bool accepted = std::log(chain.random.uniform()) <
                        inner_walker_.log_ratio(chain.proposal, candidate, chain.inner_log_step);
  if (!keeps()) tune(chain.inner_log_step, chain.inner_tuned, inner_walker_, accepted);
  if (keeps()) {
    ++counts_.proposed;
    if (accepted) ++counts_.passed;
  }
  if (accepted) {
    chain.moved = true;
    std::swap(chain.proposal, candidate);
    std::copy_n(row_predictions_.begin() + static_cast<std::ptrdiff_t>(row * m), m,
                chain.predicted.begin());
  }
  if (--chain.left > 0) return;
  if (ahead()) {
    chain.at = chain.proposal;
    chain.surrogate_at = chain.proposal.log_likelihood;
    chain.state = Chain::State::paused;
    return;
  }
  if (!chain.moved) {
    end_step(chain, false);
    return;
  }
  chain.surrogate_proposal = chain.proposal.log_likelihood;
  chain.state = Chain::State::wants;
}

/// The proposal is solved. What the surrogate said is taken out of the ratio: its steps are
/// reversible with respect to the posterior that it believes in, and the prior is in both.
void Sampler::decide(Chain& chain)
{
  if (chain.begins) {
    chain.begins = false;
    chain.at = chain.proposal;
    chain.state = Chain::State::ready;
    return;
  }
  const double log_ratio = chain.by_surrogate
                               ? chain.proposal.log_likelihood - chain.at.log_likelihood -
                                     (chain.surrogate_proposal - chain.surrogate_at)
                               : walker_.log_ratio(chain.at, chain.proposal, chain.log_step);
  const bool accepted = std::log(chain.random.uniform()) < log_ratio;
  if (keeps()) {
    ++counts_.decided;
    if (accepted) ++counts_.accepted;
    note(chain, accepted);
  } else if (!chain.by_surrogate) {
    tune(chain.log_step, chain.tuned, walker_, accepted);
  }
  end_step(chain, accepted);
}

void Sampler::note(const Chain& chain, bool accepted)
{
  const std::int64_t version = chain.by_surrogate ? predictor_->version() : 0;
  if (chain.by_surrogate) {
    age_sum_ += static_cast<double>(chain.age);
    ++ages_;
  }
  if (decisions_.chain.size() == most_decisions) {
    ++decisions_.left_out;
    return;
  }
  decisions_.chain.push_back(chain.number);
  decisions_.step.push_back(chain.steps);
  decisions_.version.push_back(version);
  decisions_.age.push_back(chain.by_surrogate ? chain.age : 0);
  decisions_.accepted.push_back(accepted ? 1 : 0);
}

/// Robbins and Monro's rule towards the wanted acceptance, in the warm-up only.
void Sampler::tune(double& log_step, std::int64_t& times, const Walker& walker, bool accepted) const
{
  if (!walker.tunes()) return;
  const double gain = 2 * std::pow(static_cast<double>(++times), -0.6);
  log_step += gain * ((accepted ? 1.0 : 0.0) - walker.wanted_acceptance());
  log_step = std::min(log_step, walker.longest_log_step());
}

void Sampler::end_step(Chain& chain, bool accepted)
{
  if (accepted) {
    // A plain step's surrogate likelihood is not known.
    if (!chain.by_surrogate && staged()) {
      std::vector<double>& rows = rows_;
      for (std::size_t c = 0; c < chains_.size(); ++c)
        std::copy(chain.proposal.theta.begin(), chain.proposal.theta.end(),
                  rows.begin() + static_cast<std::ptrdiff_t>(c * chain.proposal.theta.size()));
      predictor_->ask(rows, chains_.size(), row_predictions_, row_likelihoods_);
      chain.surrogate_proposal = row_likelihoods_[0];
    }
    std::swap(chain.at, chain.proposal);
    chain.surrogate_at = chain.surrogate_proposal;
  }
  record(chain);
  chain.state = --chain.to_make > 0 ? Chain::State::ready : Chain::State::paused;
}

void Sampler::record(Chain& chain)
{
  if (!keeps()) return;
  ++chain.steps;
  ++counts_.steps;
  chain.thetas.insert(chain.thetas.end(), chain.at.theta.begin(), chain.at.theta.end());
  chain.log_likelihoods.push_back(chain.at.log_likelihood);
  chain.log_priors.push_back(chain.at.log_prior);
}

}  // namespace cardan::inverse
