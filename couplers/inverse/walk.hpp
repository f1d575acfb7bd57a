/// How a chain proposes its next point.
#pragma once

#include "couplers/inverse/measure.hpp"
#include "couplers/inverse/random.hpp"
#include "couplers/inverse/settings.hpp"

#include <span>
#include <vector>

namespace cardan::inverse {

/// A point with its logarithms; `gradient` of the sum of both, where a walk follows it.
struct Point {
  std::vector<double> theta;
  double log_likelihood = 0;
  double log_prior = 0;
  std::vector<double> gradient;
};

/// The same for all chains; reversible with respect to what `log_ratio` says.
class Walker {
 public:
  Walker(const ProposalSettings& settings, const Measure& measure);

  [[nodiscard]] bool follows_gradient() const { return settings_.kind == Walk::langevin; }
  /// Whether the covariance says where to.
  [[nodiscard]] bool preconditioned() const
  {
    return settings_.kind == Walk::preconditioned || settings_.kind == Walk::langevin;
  }
  /// Whether the length of steps is to be found, and the acceptance that it is found for.
  [[nodiscard]] bool tunes() const { return settings_.step == 0; }
  [[nodiscard]] double wanted_acceptance() const;
  /// Logarithm of the length to begin with.
  [[nodiscard]] double first_log_step() const;
  [[nodiscard]] double longest_log_step() const { return settings_.kind == Walk::pcn ? 0 : 20; }
  /// Lower triangle, row by row, of a square matrix whose product with its transpose is the
  /// covariance; the prior's before this is called.
  void precondition(std::vector<double> factor) { factor_ = std::move(factor); }

  /// `scratch`: as long as theta.
  void propose(const Point& from, double log_step, Random& random, std::span<double> scratch,
               std::span<double> to) const;
  /// Logarithm of the probability to accept, as far as it is below zero: of the likelihoods where
  /// the walk keeps the prior, else of both, and of the proposals where these are not symmetric.
  [[nodiscard]] double log_ratio(const Point& from, const Point& to, double log_step) const;

 private:
  /// Adds `sign` times the gradient's part to what is drawn, at most as long as that is as a rule:
  /// where the gradient is huge, a chain does not jump out of all sense (Roberts and Tweedie 1996).
  void drift(const Point& from, double step, double sign, std::span<double> drawn) const;
  [[nodiscard]] double log_density(const Point& from, const Point& to, double step) const;

  ProposalSettings settings_;
  std::vector<double> prior_mean_;
  std::vector<double> prior_deviation_;
  std::vector<double> factor_;
};

}  // namespace cardan::inverse
