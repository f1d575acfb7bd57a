/// Normalisation learned from the stream: means and deviations of what a network reads and of what
/// it answers, and the range that its inputs had.
#pragma once

#include "mlp/mlp_settings.hpp"

#include <cardan/model.hpp>

#include <vector>

namespace cardan::mlp {

/// Mean and standard deviation of each feature; a constant feature has deviation 1.
struct Scale {
  std::vector<double> mean;
  std::vector<double> deviation;

  /// Whether another scale differs by more than a twentieth of a deviation anywhere.
  [[nodiscard]] bool far_from(const Scale& other) const;
};

struct Normalisation {
  Scale input;
  /// Of the answer, or of the increment (see Head).
  Scale output;
  std::vector<double> low;
  std::vector<double> high;

  explicit Normalisation(Signature signature);
  [[nodiscard]] bool inside(const double* input_row) const;
  [[nodiscard]] std::size_t numbers() const;
  void write(double* to) const;
  void read(const double* from);
};

/// Running sums over all samples seen.
class Statistics {
 public:
  Statistics(Signature signature, Head head);
  void see(Rows inputs, Rows targets);
  [[nodiscard]] const Tally& tally() const { return tally_; }
  /// What a (joined) tally says.
  [[nodiscard]] Normalisation normalisation(const Tally& joined) const;

 private:
  Signature signature_;
  Head head_;
  Tally tally_;
};

}  // namespace cardan::mlp
