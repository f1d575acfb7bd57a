/// The benchmark of Aristoff and Bangerth (arXiv:2102.07263): 64 stiffnesses from 169 measured
/// values.
#pragma once

#include "membrane.hpp"

#include <span>
#include <string>
#include <vector>

namespace invert {

/// Of a measurement's error; of the walk's proposals in log a, as its authors tuned them.
constexpr double error_deviation = 0.05;
constexpr double published_step = 0.0725;

/// The prior of log a, the same for each block and independent. The benchmark's own is the density
/// exp(-(log a)^2 / 8) of a (not of log a, as a log-normal distribution has it): of log a that is
/// normal with mean 4 and deviation 2.
struct Prior {
  double mean = 4;
  double deviation = 2;
};

/// The stiffness that the data were made with: 1, in blocks 9, 10, 17, 18 it is 0.1, and in blocks
/// 45, 46, 53, 54 it is 10.
std::vector<double> true_stiffness();

/// The data that its authors publish, all digits.
std::span<const double> published_data();
/// Data made again by a fine solve of the truth.
std::vector<double> regenerated_data(int cells = 256);

/// -|measured - data|^2 / (2 deviation^2), without the constant.
double log_likelihood(std::span<const double> measured, std::span<const double> data,
                      double deviation = error_deviation);

/// What is published for tests of other implementations, on 32 x 32 cells.
struct PublishedCase {
  std::string name;
  std::span<const double> a;
  double log_likelihood = 0;
  /// The first of the measured values; empty: not kept here.
  std::span<const double> measured;
};
const std::vector<PublishedCase>& published_cases();

}  // namespace invert
