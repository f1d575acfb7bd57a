#include "couplers/federation/privacy.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace cardan::federation {

std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key)
{
  auto c = counter;
  auto k = key;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t left = std::uint64_t{0xD2511F53U} * c[0];
    const std::uint64_t right = std::uint64_t{0xCD9E8D57U} * c[2];
    c = {static_cast<std::uint32_t>(right >> 32U) ^ c[1] ^ k[0], static_cast<std::uint32_t>(right),
         static_cast<std::uint32_t>(left >> 32U) ^ c[3] ^ k[1], static_cast<std::uint32_t>(left)};
    k[0] += 0x9E3779B9U;
    k[1] += 0xBB67AE85U;
  }
  return c;
}

Noise Noise::unpredictable()
{
  std::random_device entropy;
  const std::uint64_t upper = entropy();
  return Noise{upper << 32U | entropy()};
}

void Noise::add(std::span<double> numbers, double deviation, std::uint64_t stream) const
{
  const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(key_),
                                         static_cast<std::uint32_t>(key_ >> 32U)};
  const double turn = 2 * std::acos(-1.0);
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    const auto pair = static_cast<std::uint64_t>(i / 2);
    const auto words =
        philox({static_cast<std::uint32_t>(pair), static_cast<std::uint32_t>(pair >> 32U),
                static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32U)},
               key);
    const auto uniform = [&](std::size_t w) {
      const std::uint64_t bits = std::uint64_t{words[w]} << 32U | words[w + 1];
      return (static_cast<double>(bits >> 11U) + 0.5) * 0x1.0p-53;
    };
    const double radius = deviation * std::sqrt(-2 * std::log(uniform(0)));
    const double angle = turn * uniform(2);
    numbers[i] += radius * std::cos(angle);
    if (i + 1 < numbers.size()) numbers[i + 1] += radius * std::sin(angle);
  }
}

// Scaled, so that squares of large numbers do not overflow.
double norm_of(std::span<const double> numbers)
{
  double largest = 0;
  for (const double number : numbers) {
    if (!std::isfinite(number)) return std::numeric_limits<double>::quiet_NaN();
    largest = std::max(largest, std::abs(number));
  }
  if (largest == 0) return 0;
  double sum = 0;
  for (const double number : numbers) sum += (number / largest) * (number / largest);
  return largest * std::sqrt(sum);
}

double clip(std::span<double> numbers, double bound)
{
  const double norm = norm_of(numbers);
  if (!(bound > 0) || !(norm > bound)) return 1;
  const double factor = bound / norm;
  for (double& number : numbers) number *= factor;
  return factor;
}

double epsilon(double noise, double delta, Unit unit, std::int64_t updates)
{
  if (updates == 0) return 0;
  if (!(noise > 0)) return std::numeric_limits<double>::infinity();
  const double sensitivity = unit == Unit::replace ? 2 : 1;
  const double rho = static_cast<double>(updates) * sensitivity * sensitivity / (2 * noise * noise);
  // By x = log(alpha - 1), along which there is one minimum: found by its third parts.
  const auto at = [&](double x) {
    const double less = std::exp(x);
    const double alpha = 1 + less;
    return rho * alpha + std::log(less / alpha) - (std::log(delta) + std::log(alpha)) / less;
  };
  double low = -30;
  double high = 30;
  for (int turn = 0; turn < 200; ++turn) {
    const double third = (high - low) / 3;
    if (at(low + third) < at(high - third))
      high -= third;
    else
      low += third;
  }
  return std::max(0.0, at((low + high) / 2));
}

}  // namespace cardan::federation
