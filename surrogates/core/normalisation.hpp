/// Normalisation learned from the stream: means and deviations of what a network reads and of what
/// it answers.
#pragma once

#include "core/settings.hpp"

#include <cardan/model.hpp>

#include <vector>

namespace cardan::torch_module {

/// Mean and standard deviation of each group of numbers; a constant group has deviation 1.
struct Scale {
  std::vector<double> mean;
  std::vector<double> deviation;

  /// Of `groups` groups: numbers stay as they are.
  static Scale unit(std::int64_t groups);
  /// Whether another scale differs by more than a share of a deviation anywhere.
  [[nodiscard]] bool far_from(const Scale& other, double share) const;
};

/// A sample's numbers in groups that share a scale: `block` neighbours each (1: every number has
/// its own; the points of a grid: every channel has).
struct Grouped {
  Features features;
  std::int64_t block = 1;

  [[nodiscard]] std::int64_t numbers() const { return numbers_of(features); }
  [[nodiscard]] std::int64_t groups() const { return numbers() / block; }
};

struct Normalisation {
  Scale input;
  /// Of the answer, or of the increment (see Head).
  Scale output;

  Normalisation(std::int64_t inputs, std::int64_t outputs)
      : input(Scale::unit(inputs)), output(Scale::unit(outputs))
  {}
  [[nodiscard]] std::size_t numbers() const
  {
    return 2 * input.mean.size() + 2 * output.mean.size();
  }
  void write(double* to) const;
  void read(const double* from);
};

/// Running sums over all samples seen.
class Statistics {
 public:
  Statistics(const Grouped& inputs, const Grouped& outputs, Head head);
  void see(const Batch& inputs, const Batch& targets);
  [[nodiscard]] const Tally& tally() const { return tally_; }
  void set(const Tally& tally) { tally_ = tally; }
  /// What a (joined) tally says.
  [[nodiscard]] Normalisation normalisation(const Tally& joined) const;

 private:
  Grouped inputs_;
  Grouped outputs_;
  Head head_;
  Tally tally_;
  std::vector<double> row_in_;
  std::vector<double> row_out_;
};

}  // namespace cardan::torch_module
