#include "cole_hopf.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace adapt {

using std::numbers::pi;

struct ColeHopf::Means {
  double sine = 0;
  double square = 0;
  double cosine = 0;
};

ColeHopf::ColeHopf(double viscosity) : viscosity_(viscosity)
{
  if (!(viscosity >= 1e-4 && viscosity <= 1))
    throw std::invalid_argument{"a viscosity between 1e-4 and 1"};
}

ColeHopf::Means ColeHopf::means(double x, double t) const
{
  if (!(t > 0)) return {std::sin(pi * x), std::pow(std::sin(pi * x), 2), std::cos(pi * x)};
  // The exponent of the initial value varies by 1 / (pi nu): beyond this distance nothing is left.
  const double reach = std::sqrt(4 * viscosity_ * t * (1 / (pi * viscosity_) + 40));
  // Both factors' width, resolved.
  const double width = std::min(std::sqrt(2 * viscosity_ * t), std::sqrt(2 * viscosity_ / pi));
  const int half = static_cast<int>(std::ceil(8 * reach / width));
  const double spacing = reach / half;
  double largest = -1e300;
  const auto exponent = [&](double y) {
    return -std::cos(pi * y) / (2 * pi * viscosity_) - (x - y) * (x - y) / (4 * viscosity_ * t);
  };
  for (int i = -half; i <= half; ++i) largest = std::max(largest, exponent(x + i * spacing));
  Means sums;
  double total = 0;
  for (int i = -half; i <= half; ++i) {
    const double y = x + i * spacing;
    const double weight = std::exp(exponent(y) - largest);
    const double sine = std::sin(pi * y);
    total += weight;
    sums.sine += weight * sine;
    sums.square += weight * sine * sine;
    sums.cosine += weight * std::cos(pi * y);
  }
  return {sums.sine / total, sums.square / total, sums.cosine / total};
}

double ColeHopf::velocity(double x, double t) const
{
  return -means(x, t).sine;
}

// With x - y kept, the weight's logarithm has the derivative sin(pi y) / (2 nu): a variance.
double ColeHopf::slope(double x, double t) const
{
  const Means mean = means(x, t);
  return -pi * mean.cosine - (mean.square - mean.sine * mean.sine) / (2 * viscosity_);
}

ColeHopf::Steepest ColeHopf::steepest() const
{
  // Golden sections of [0, 2 / pi * 2], in which there is one minimum.
  constexpr double ratio = 0.6180339887498949;
  double low = 0;
  double high = 4 / pi;
  while (high - low > 1e-7) {
    const double left = high - ratio * (high - low);
    const double right = low + ratio * (high - low);
    (slope(0, left) < slope(0, right) ? high : low) =
        slope(0, left) < slope(0, right) ? right : left;
  }
  const double time = 0.5 * (low + high);
  return {time, slope(0, time)};
}

}  // namespace adapt
