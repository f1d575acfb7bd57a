/// The nearest of the stored samples.
#pragma once

#include "baselines/learner.hpp"
#include "baselines/settings.hpp"
#include "baselines/sketch.hpp"

#include <vector>

namespace cardan::baselines {

/// Answers the mean of the nearest neighbours' targets, each weighted by the inverse of its
/// distance in inputs that are divided by their standard deviations; a stored input gets its own
/// target. The spread is the weighted standard deviation of these targets: 0 on a stored input,
/// infinite where nothing is stored or the input is not finite (the answer is then 0).
class NearestModel : public Model {
 public:
  NearestModel(const KnnSettings& settings, const Signature& signature);
  void predict(const Batch& inputs, const Answers& answers) override
  {
    answer(inputs, answers, false);
  }
  /// The same without the stored samples that an input hits, as far as there are others.
  void predict_left_out(const Batch& inputs, const Answers& answers)
  {
    answer(inputs, answers, true);
  }
  [[nodiscard]] bool has_spread() const override { return true; }
  [[nodiscard]] std::size_t state_bytes() const override { return state_.size() * sizeof(double); }
  void read(const std::byte* state) override;
  void save(const std::string& path) const override { throw no_file(path); }
  void write(std::byte* state) const;
  /// Takes rows of (input, target), at most as many as the capacity.
  void take(const std::vector<double>& rows);

 private:
  void answer(const Batch& inputs, const Answers& answers, bool leave_out);
  void prepare();

  KnnSettings settings_;
  Columns inputs_;
  Columns outputs_;
  /// Samples stored, then the rows (input, target) as they came.
  std::vector<double> state_;
  /// From the state: means and deviations of the inputs, normalised inputs (sample by sample) and
  /// the squares of their lengths.
  std::vector<double> mean_;
  std::vector<double> scale_;
  std::vector<double> points_;
  std::vector<double> squares_;
};

class NearestLearner : public Learner {
 public:
  NearestLearner(const KnnSettings& settings, const Signature& signature, const Trainee& trainee);
  [[nodiscard]] std::vector<double> settling_sums(const Batch& inputs,
                                                  const Batch& targets) override;
  void settle(const std::vector<double>& joined) override;
  /// Leaves out what an input hits: a sample that is held out for validation may also have been
  /// seen, and would answer itself.
  void predict(const Batch& inputs, const Answers& answers) override
  {
    published_.predict_left_out(inputs, answers);
  }
  [[nodiscard]] std::size_t state_bytes() const override { return published_.state_bytes(); }
  void write(std::byte* state) const override { published_.write(state); }

 protected:
  void put_statistics(State& tally) const override { sketch_.put(tally); }
  void take_statistics(const State& tally, std::uint64_t salt) override
  {
    sketch_.take(tally, salt);
  }
  void learn(const Pairs& pairs) override;
  Model& published() override { return published_; }

 private:
  KnnSettings settings_;
  Trainee trainee_;
  Sketch sketch_;
  NearestModel published_;
};

}  // namespace cardan::baselines
