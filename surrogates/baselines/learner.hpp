/// What the learners without gradients have in common.
#pragma once

#include "baselines/columns.hpp"

#include <cardan/error.hpp>
#include <cardan/model.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::baselines {

/// What saving any model of this module throws: there is no file that one is loaded from.
Error no_file(const std::string& path);

/// A learner whose statistics of the whole stream are its training: no buckets, no steps, nothing
/// to roll back. `settling_sums` joins the statistics and does not look at its samples. Samples
/// with a number that is not finite are left out.
class Learner : public cardan::Learner {
 public:
  explicit Learner(const Signature& signature);
  void see(const Batch& inputs, const Batch& targets) override;
  /// The number of samples taken, and sums and sums of squares of the outputs: for the loss only.
  [[nodiscard]] Tally tally() const override { return {sums_, {}}; }
  void normalise(const Tally& joined) override;
  double differentiate(const Batch& inputs, const Batch& targets, double weight,
                       const Whole& whole) override;
  [[nodiscard]] const std::vector<Bucket>& buckets() const override { return none_; }
  void step(double loss, const Again& again) override;
  void predict(const Batch& inputs, const Answers& answers) override
  {
    published().predict(inputs, answers);
  }
  [[nodiscard]] bool has_gradient() const override
  {
    return const_cast<Learner*>(this)->published().has_gradient();
  }
  void pull_back(const Batch& inputs, const double* cotangents, double* gradients) override
  {
    published().pull_back(inputs, cotangents, gradients);
  }
  /// The mean of squared errors, each divided by its output's variance; 0 for an empty batch.
  [[nodiscard]] double validate(const Batch& inputs, const Batch& targets) override;
  void keep() override {}
  void roll_back(double factor) override { static_cast<void>(factor); }
  [[nodiscard]] State checkpoint() const override;
  void restore(const State& state) override;
  void save(const std::string& path) const override { throw no_file(path); }

 protected:
  /// The statistics of this rank, with a row of each array for it, and back: of several ranks' rows
  /// all that they say together, of none nothing. `salt` differs from restart to restart. Throws,
  /// changing nothing, where they do not fit.
  virtual void put_statistics(State& tally) const = 0;
  virtual void take_statistics(const State& tally, std::uint64_t salt) = 0;
  /// Takes pairs into the statistics.
  virtual void learn(const Pairs& pairs) = 0;
  [[nodiscard]] virtual Model& published() = 0;
  [[nodiscard]] const Columns& inputs() const noexcept { return inputs_; }
  [[nodiscard]] const Columns& outputs() const noexcept { return outputs_; }

 private:
  Features output_features_;
  Columns inputs_;
  Columns outputs_;
  Pairs pairs_;
  std::vector<Bucket> none_;
  std::vector<double> sums_;
  std::vector<double> variance_;
};

}  // namespace cardan::baselines
