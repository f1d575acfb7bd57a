/// The numbers of an inverse problem, as all ranks have them.
#pragma once

#include <cardan/inverse.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace cardan::inverse {

/// An InverseProblem without its functions.
struct Measure {
  std::vector<double> prior_mean;
  std::vector<double> prior_deviation;
  std::vector<double> data;
  std::vector<double> data_deviation;
  std::vector<double> start;
  bool has_gradient = false;

  [[nodiscard]] std::size_t parameters() const { return prior_mean.size(); }
  /// Both without their constants: minus half the sum of squares in deviations. Where predictions
  /// are not numbers, minus infinity.
  [[nodiscard]] double log_prior(std::span<const double> theta) const;
  [[nodiscard]] double log_likelihood(std::span<const double> predicted) const;
};

/// Throws, naming what is wrong, where the numbers of a problem cannot be.
Measure measure_of(const std::string& name, const InverseProblem& problem);
/// To send one, bit by bit.
std::string pack(const Measure& measure);
Measure unpack_measure(const std::string& bytes);

}  // namespace cardan::inverse
