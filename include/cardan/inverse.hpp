/// Inverse problems: ML ranks propose parameters, simulation ranks solve exactly.
#pragma once

#include <cardan/opened.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cardan {

namespace inverse {
class Client;
}

/// An inverse problem as the coupler sees it: parameters theta with independent normal priors, data
/// with independent normal errors, and a forward model that maps one to the other. The same on all
/// simulation ranks; the first one's numbers count.
struct InverseProblem {
  /// Means and standard deviations of the prior, one of each for every parameter; where the
  /// physical parameter is positive, theta is its logarithm.
  std::vector<double> prior_mean;
  std::vector<double> prior_deviation;
  /// What was measured (in a design: what is wanted), and the standard deviation of its error.
  std::vector<double> data;
  std::vector<double> data_deviation;
  /// Where chains begin; empty: at the prior's mean.
  std::vector<double> start;
  /// Solves exactly: theta to as many numbers as there are data. Called on the simulation ranks,
  /// one solve at a time.
  std::function<void(std::span<const double> theta, std::span<double> predicted)> solve;
  /// Optional: writes `cotangent` times the Jacobian of `solve` at theta (an adjoint solve), for
  /// designs and for proposals that follow the gradient; counted as a solve.
  std::function<void(std::span<const double> theta, std::span<const double> cotangent,
                     std::span<double> gradient)>
      pull_back;

  [[nodiscard]] std::size_t parameters() const { return prior_mean.size(); }
};

/// A cheap forward model, of the problem on a coarser mesh for example: theta to as many numbers as
/// there are data. It may throw: that ends the run.
using CoarseModel = std::function<void(std::span<const double> theta, std::span<double> predicted)>;
/// Gives a coarse model a name for run files (`first_stage = { coarse = "NAME" }`). ML ranks run
/// it, so call this in their program, before the session opens; `make` is called there once for
/// each problem that names it, and what it makes from one thread only. Neither collective nor
/// blocking.
void register_coarse_model(const std::string& name, std::function<CoarseModel()> make);

/// What a chain was at after a step.
struct InverseSample {
  int chain = 0;
  /// Of the chain, from 0.
  std::int64_t step = 0;
  double log_likelihood = 0;
  double log_prior = 0;
  std::vector<double> theta;
};

/// Sums over all chains; the same on all simulation ranks after the run.
struct InverseReport {
  std::int64_t solves = 0;
  /// Of those, made to train the surrogate or to tune before the first kept step.
  std::int64_t solves_before = 0;
  /// Solves whose predictions were not numbers: rejected.
  std::int64_t failed = 0;
  /// Proposals of the first stage (the surrogate's) and those that it let pass; exact solves that
  /// decided and those that were accepted.
  std::int64_t proposed = 0;
  std::int64_t passed = 0;
  std::int64_t decided = 0;
  std::int64_t accepted = 0;
  /// Solves by the coarse model, those of the warm-up among them.
  std::int64_t coarse_solves = 0;
  /// Kept steps of all chains.
  std::int64_t steps = 0;
  /// For each parameter over the kept steps of all chains: mean and standard deviation, effective
  /// samples (summed over chains; Geyer's initial monotone sequence), potential scale reduction
  /// (Gelman and Rubin 1992, of split chains).
  std::vector<double> mean;
  std::vector<double> deviation;
  std::vector<double> effective;
  std::vector<double> reduction;
  /// Of the parameters: least and median effective samples, for each solve and each second.
  double least_effective = 0;
  double median_effective = 0;
  double effective_per_solve = 0;
  double effective_per_second = 0;
  /// Of the surrogate: versions, its mean age in exact solves when it proposed, its mean error in
  /// units of the data's deviations over the last 1000 solves.
  std::int64_t versions = 0;
  double mean_age = 0;
  double surrogate_error = 0;
  double seconds = 0;
  /// Mode "design": the best parameters that were solved exactly, their misfit (half the sum of
  /// squares in deviations) and the misfit of each exact solve in order.
  std::vector<double> design;
  double misfit = 0;
  std::vector<double> misfits;
};

/// An inverse problem as a simulation rank sees it; a handle, copied freely, valid as long as its
/// session. Opening (Session::inverse) is collective over the session.
class Inverse {
 public:
  /// Solves what the ML rank's chains ask for, until they have made their steps. Collective over
  /// the simulation ranks in its begin and its end; blocking. What `solve` throws ends the run on
  /// all ranks. Without ML ranks each simulation rank runs chains of its own, without a surrogate.
  const InverseReport& run();
  [[nodiscard]] const InverseReport& report() const;
  /// Kept steps of this rank's share of chains (chain modulo ranks), thinned as the run file says,
  /// in order.
  [[nodiscard]] const std::vector<InverseSample>& samples() const;

  explicit Inverse(inverse::Client& client, Life life = {}) : client_(&client, std::move(life)) {}

 private:
  Opened<inverse::Client> client_;
};

}  // namespace cardan
