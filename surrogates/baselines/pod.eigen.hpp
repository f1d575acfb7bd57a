/// Proper orthogonal decomposition: the few directions that hold most of the outputs' variance
/// (Lumley 1967; Sirovich 1987).
#pragma once

#include "baselines/learner.hpp"
#include "baselines/linear.eigen.hpp"
#include "baselines/settings.hpp"
#include "baselines/triangle.eigen.hpp"

#include <Eigen/Core>

#include <optional>
#include <vector>

namespace cardan::baselines {

/// The right singular vectors (outputs x modes) of the outputs about their mean, largest singular
/// value first; columns of zeros where samples span fewer directions.
Eigen::MatrixXd modes_of(const Scatter& scatter, std::int64_t inputs, std::int64_t modes);

/// Answers the input, projected on mean and modes. The spread is the distance to the input, which
/// is the error itself; infinite before there are modes.
class Projection : public Model {
 public:
  Projection(const Signature& signature, std::int64_t modes);
  void predict(const Batch& inputs, const Answers& answers) override;
  [[nodiscard]] bool has_spread() const override { return true; }
  [[nodiscard]] std::size_t state_bytes() const override { return state_.size() * sizeof(double); }
  void read(const std::byte* state) override;
  void save(const std::string& path) const override { throw no_file(path); }
  void write(std::byte* state) const;
  void take(const Scatter& scatter, const Eigen::MatrixXd& modes);

 private:
  Columns inputs_;
  Columns outputs_;
  std::int64_t modes_;
  /// Samples, mean, modes column by column.
  std::vector<double> state_;
};

/// Reconstructs, or regresses the modes' coefficients on the inputs by least squares. Singular
/// values come from a triangular factor of the centred samples, so they are exact to rounding
/// relative to the largest one.
class PodLearner : public Learner {
 public:
  PodLearner(const PodSettings& settings, const Signature& signature, const Trainee& trainee);
  [[nodiscard]] std::vector<double> settling_sums(const Batch& inputs,
                                                  const Batch& targets) override;
  void settle(const std::vector<double>& joined) override;
  [[nodiscard]] std::size_t state_bytes() const override;
  void write(std::byte* state) const override;

 protected:
  void put_statistics(State& tally) const override { triangle_.put(tally); }
  void take_statistics(const State& tally, std::uint64_t) override { triangle_.take(tally); }
  void learn(const Pairs& pairs) override;
  Model& published() override;

 private:
  /// Inputs that are regressed on: none for a reconstruction.
  [[nodiscard]] std::int64_t regressors() const;

  PodSettings settings_;
  Trainee trainee_;
  Triangle triangle_;
  std::optional<Projection> projection_;
  std::optional<LinearModel> regression_;
};

}  // namespace cardan::baselines
