#include "random.hpp"

#include <cmath>

namespace steer {
namespace {

constexpr double tail = 3.442619855899;       // where the lowest strip's rectangle ends
constexpr double area = 9.91256303526217e-3;  // of each strip

}  // namespace

Ziggurat::Ziggurat()
{
  double height = std::exp(-tail * tail / 2);
  edge[0] = area / height;
  edge[1] = tail;
  for (std::size_t i = 2; i < strips; ++i) {
    edge[i] = std::sqrt(-2 * std::log(area / edge[i - 1] + height));
    height = std::exp(-edge[i] * edge[i] / 2);
  }
  edge[strips] = 0;
  for (std::size_t i = 0; i < strips; ++i) ratio[i] = edge[i + 1] / edge[i];
}

const Ziggurat ziggurat;

Random::Random(std::uint64_t seed)
{
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    word = z ^ (z >> 31);
  }
}

double Random::rare(double u, std::size_t strip)
{
  if (strip == 0) {
    // Beyond the last edge: Marsaglia (1964).
    double x = 0;
    double y = 0;
    do {
      x = std::log(1 - uniform()) / tail;
      y = std::log(1 - uniform());
    } while (-2 * y < x * x);
    return u < 0 ? x - tail : tail - x;
  }
  const double x = u * ziggurat.edge[strip];
  const auto above = [&](double edge) { return std::exp((x * x - edge * edge) / 2); };
  const double low = above(ziggurat.edge[strip]);
  const double high = above(ziggurat.edge[strip + 1]);
  if (high + uniform() * (low - high) < 1) return x;
  return gaussian();
}

}  // namespace steer
