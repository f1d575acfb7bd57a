/// What is told of several rounds.
#pragma once

#include <vector>

namespace bench {

/// Middle value and interquartile range, both by linear interpolation.
struct Summary {
  double median = 0;
  double spread = 0;
};

/// Of at least one value.
Summary summarise(std::vector<double> values);

/// `a[i] / b[i]`.
std::vector<double> ratios(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace bench
