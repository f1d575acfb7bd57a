#include "functions.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>

namespace adapt {

namespace {

double uniform(std::mt19937_64& engine)
{
  return static_cast<double>(engine() >> 11) * 0x1p-53;
}

double normal(std::mt19937_64& engine)
{
  const double radius = std::sqrt(-2 * std::log(1 - uniform(engine)));
  return radius * std::cos(2 * std::numbers::pi * uniform(engine));
}

}  // namespace

double branin(double x, double y)
{
  using std::numbers::pi;
  const double valley = y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6;
  return valley * valley + 10 * (1 - 1 / (8 * pi)) * std::cos(x) + 10;
}

double hartmann(std::span<const double> x)
{
  if (x.size() != 6) throw std::invalid_argument{"Hartmann's function has six variables"};
  constexpr std::array<double, 4> alpha{1.0, 1.2, 3.0, 3.2};
  constexpr std::array<std::array<double, 6>, 4> a{{{10, 3, 17, 3.5, 1.7, 8},
                                                    {0.05, 10, 17, 0.1, 8, 14},
                                                    {3, 3.5, 1.7, 10, 17, 8},
                                                    {17, 8, 0.05, 10, 0.1, 14}}};
  constexpr std::array<std::array<double, 6>, 4> p{{{1312, 1696, 5569, 124, 8283, 5886},
                                                    {2329, 4135, 8307, 3736, 1004, 9991},
                                                    {2348, 1451, 3522, 2883, 3047, 6650},
                                                    {4047, 8828, 8732, 5743, 1091, 381}}};
  double sum = 0;
  for (std::size_t i = 0; i < alpha.size(); ++i) {
    double exponent = 0;
    for (std::size_t j = 0; j < x.size(); ++j)
      exponent += a[i][j] * std::pow(x[j] - 1e-4 * p[i][j], 2);
    sum -= alpha[i] * std::exp(-exponent);
  }
  return sum;
}

double function(const std::string& name, std::span<const double> x)
{
  if (x.size() != variables(name)) throw std::invalid_argument{name + " has other variables"};
  return name == "branin" ? branin(x[0], x[1]) : hartmann(x);
}

double lowest(const std::string& name)
{
  return variables(name) == 2 ? branin_lowest : hartmann_lowest;
}

std::size_t variables(const std::string& name)
{
  if (name == "branin") return 2;
  if (name == "hartmann") return 6;
  throw std::invalid_argument{"unknown function '" + name + "' (known: branin, hartmann)"};
}

double Curve::at(std::int64_t epochs) const
{
  const double approached = value + height * std::pow(1 + static_cast<double>(epochs), -rate);
  if (!(noise > 0)) return approached;
  std::mt19937_64 engine{seed * 0x9e3779b97f4a7c15U + static_cast<std::uint64_t>(epochs)};
  return approached + noise * normal(engine);
}

Curve curve(double value, std::uint64_t seed, double noise)
{
  std::mt19937_64 engine{seed};
  Curve made;
  made.value = value;
  made.height = 2 + 2 * uniform(engine);
  made.rate = 0.6 + 0.4 * uniform(engine);
  made.noise = noise;
  made.seed = seed;
  return made;
}

}  // namespace adapt
