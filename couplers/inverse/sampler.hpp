/// Chains that sample a posterior: random-walk and delayed-acceptance Metropolis.
#pragma once

#include "couplers/inverse/chain.hpp"
#include "couplers/inverse/diagnostics.hpp"
#include "couplers/inverse/engine.hpp"
#include "couplers/inverse/predictor.hpp"

#include <memory>
#include <vector>

namespace cardan::inverse {

class Sampler : public Engine {
 public:
  /// `chains`: the numbers of those that are run here. `predictor`: the surrogate of the first
  /// stage, or null.
  Sampler(const Settings& settings, const Measure& measure, const std::vector<int>& chains,
          std::unique_ptr<Predictor> predictor);

  void begin() override;
  std::optional<Ask> next() override;
  void answer(std::int64_t id, std::span<const double> numbers) override;
  void again(std::int64_t id) override;
  bool work() override;
  [[nodiscard]] bool done() const override { return done_; }
  [[nodiscard]] InverseReport report() const override;
  [[nodiscard]] std::vector<InverseSample> samples(int chain) const override;

  void leave(const std::string& path) const override;

  /// Counts of these chains; without what follows from their samples.
  [[nodiscard]] const InverseReport& counts() const { return counts_; }
  /// Seconds that kept steps took so far.
  [[nodiscard]] double seconds() const;
  /// For each chain and parameter.
  [[nodiscard]] std::vector<ChainSummary> summaries() const;
  [[nodiscard]] const std::vector<Chain>& chains() const { return chains_; }
  [[nodiscard]] const Measure& measure() const { return measure_; }

 private:
  [[nodiscard]] bool keeps() const { return part_ == parts_; }
  [[nodiscard]] bool staged() const { return predictor_ && predictor_->ready(); }
  /// Whether chains walk by the coarse model, before their first solve.
  [[nodiscard]] bool ahead() const { return part_ < 0; }
  [[nodiscard]] bool wants_gradient(const Chain& chain) const
  {
    return walker_.follows_gradient() && !chain.by_surrogate;
  }
  // sampler_steps.cpp
  void begin_step(Chain& chain);
  void propose(Chain& chain);
  void decide(Chain& chain);
  void end_step(Chain& chain, bool accepted);
  void record(Chain& chain);
  void note(const Chain& chain, bool accepted);
  void tune(double& log_step, std::int64_t& times, const Walker& walker, bool accepted) const;
  void walk_inside();
  void inner_step(Chain& chain, std::size_t row);
  // sampler.cpp
  void begin_part();
  void look_at_chains();
  void set_out(Chain& chain, std::int64_t steps);
  void end_part();
  void merge_solves();
  void end_training();
  void freeze();

  Settings settings_;
  Measure measure_;
  std::unique_ptr<Predictor> predictor_;
  Walker walker_;
  Walker inner_walker_;
  std::vector<Chain> chains_;
  /// Parts of the warm-up; the last one's number is that of kept steps. Below zero: steps by the
  /// coarse model alone.
  std::int64_t parts_;
  std::int64_t part_ = 0;
  bool begun_ = false;
  bool done_ = false;
  bool training_ = false;
  InverseReport counts_;
  Decisions decisions_;
  /// Solves so far when the surrogate's samples ended.
  std::int64_t trained_at_ = 0;
  double age_sum_ = 0;
  std::int64_t ages_ = 0;
  /// Mean squared errors of the surrogate, the last thousand in a ring.
  std::vector<double> errors_;
  std::size_t error_next_ = 0;
  std::int64_t kept_since_ = 0;
  double kept_seconds_ = 0;
  /// A row for each chain.
  std::vector<double> rows_;
  std::vector<double> row_predictions_;
  std::vector<double> row_likelihoods_;
  std::vector<double> scratch_;
  std::size_t turn_ = 0;
};

/// Fills in what follows from the summaries of all chains (chain by chain, parameter by
/// parameter), and from the counts.
void complete(InverseReport& report, const std::vector<ChainSummary>& summaries,
              std::size_t parameters);

}  // namespace cardan::inverse
