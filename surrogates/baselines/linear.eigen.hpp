/// Running least squares of the outputs on the inputs, with an intercept.
#pragma once

#include "baselines/learner.hpp"
#include "baselines/settings.hpp"
#include "baselines/triangle.eigen.hpp"

#include <Eigen/Core>

#include <vector>

namespace cardan::baselines {

/// The linear map that fits best, and how well it does.
struct Fit {
  /// Of the inputs: (x - mean) / scale is what the coefficients (inputs x outputs) multiply. An
  /// input that was constant has scale 1 and coefficients 0.
  Eigen::VectorXd mean;
  Eigen::VectorXd scale;
  Eigen::VectorXd intercept;
  Eigen::MatrixXd coefficients;
  /// Standard deviations of the outputs' residuals; infinite where there are as many unknowns as
  /// samples.
  Eigen::VectorXd deviation;
  /// (Z^T Z)^-1 of the scaled inputs Z, and in directions that no sample had, a very large number.
  Eigen::MatrixXd leverage;
  double count = 0;
};
/// Least squares (of least norm, where that is not unique) from the scatter of (inputs, outputs).
/// Inputs that are collinear to 1e-12 count as collinear. `modes` (outputs x k, orthonormal
/// columns, or no columns) are what the answers are projected on.
Fit fit(const Scatter& scatter, std::int64_t inputs, double ridge, const Eigen::MatrixXd& modes);

/// Answers by a fit. The spread is the standard deviation of a prediction,
/// s sqrt(1 + 1/n + z^T (Z^T Z)^-1 z); infinite before the first fit, and for inputs that no sample
/// was like.
class LinearModel : public Model {
 public:
  explicit LinearModel(const Signature& signature);
  void predict(const Batch& inputs, const Answers& answers) override;
  [[nodiscard]] bool has_spread() const override { return true; }
  [[nodiscard]] bool has_gradient() const override { return true; }
  void pull_back(const Batch& inputs, const double* cotangents, double* gradients) override;
  [[nodiscard]] std::size_t state_bytes() const override { return state_.size() * sizeof(double); }
  void read(const std::byte* state) override;
  void save(const std::string& path) const override { throw no_file(path); }
  void write(std::byte* state) const;
  void take(const Fit& fit);

 private:
  /// What the numbers of the state are, in their order.
  struct View;
  [[nodiscard]] View view() const;

  Columns inputs_;
  Columns outputs_;
  std::vector<double> state_;
};

class LinearLearner : public Learner {
 public:
  LinearLearner(const LinearSettings& settings, const Signature& signature, const Trainee& trainee);
  [[nodiscard]] std::vector<double> settling_sums(const Batch& inputs,
                                                  const Batch& targets) override;
  void settle(const std::vector<double>& joined) override;
  [[nodiscard]] std::size_t state_bytes() const override { return published_.state_bytes(); }
  void write(std::byte* state) const override { published_.write(state); }

 protected:
  void put_statistics(State& tally) const override { triangle_.put(tally); }
  void take_statistics(const State& tally, std::uint64_t) override { triangle_.take(tally); }
  void learn(const Pairs& pairs) override;
  Model& published() override { return published_; }

 private:
  LinearSettings settings_;
  Trainee trainee_;
  Triangle triangle_;
  LinearModel published_;
};

}  // namespace cardan::baselines
