#include "drift.hpp"

#include <array>
#include <cmath>

namespace bench {

void Drift::draw(double t, std::mt19937_64& random, std::vector<double>& x, std::vector<double>& y)
{
  std::normal_distribution<double> normal{0, 0.25};
  const double turn = 3.0 * t;
  const std::array<double, 4> centre{2 * t - 1, std::sin(turn), std::cos(turn), 1 - 2 * t * t};
  std::array<double, 4> at{};
  for (std::size_t i = 0; i < at.size(); ++i) at[i] = centre[i] + normal(random);
  const auto [a, b, c, d] = at;
  x.insert(x.end(), at.begin(), at.end());
  y.push_back(std::sin(2.5 * a + b) + 0.5 * c * d);
  y.push_back(std::exp(-b * b - c * c) * std::cos(2 * d) + 0.3 * a * c);
}

}  // namespace bench
