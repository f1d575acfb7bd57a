/// Fields of all kinds for what packs them, and linear transforms that fit some of them.
#pragma once

#include "couplers/reduction/codec.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace test {

using cardan::Dtype;
using cardan::ReductionField;

enum class Kind { smooth, random, rough, constant, denormal, holes, huge, steps };
inline const std::vector<Kind> all_kinds{Kind::smooth,   Kind::random, Kind::rough, Kind::constant,
                                         Kind::denormal, Kind::holes,  Kind::huge,  Kind::steps};

inline std::int64_t numbers_of(const ReductionField& field)
{
  std::int64_t count = 1;
  for (const auto extent : field.shape) count *= extent;
  return count;
}

/// A number for each place of a field; of a float32 field all are floats. `time` moves it on.
inline std::vector<double> numbers(const ReductionField& field, Kind kind, double time = 0,
                                   unsigned seed = 1)
{
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  const std::int64_t nx = field.shape.back();
  std::vector<double> all(static_cast<std::size_t>(numbers_of(field)));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto x = static_cast<double>(static_cast<std::int64_t>(i) % nx);
    const auto y = static_cast<double>(static_cast<std::int64_t>(i) / nx);
    const double wave = std::sin(0.13 * x + 0.07 * y + time) + 0.5 * std::cos(0.11 * y - time) + 3;
    double value = wave;
    if (kind == Kind::random) value = normal(random);
    if (kind == Kind::rough) value = std::pow(10, 12 * std::sin(static_cast<double>(i * i))) * wave;
    if (kind == Kind::constant) value = 0.7;
    if (kind == Kind::denormal) value = wave * 1e-310;
    if (kind == Kind::huge) value = normal(random) * 1e307;
    if (kind == Kind::steps) value = x > 9 ? 1e6 : (y > 4 ? -0.0 : 1.0);
    if (kind == Kind::holes) {
      const auto which = random() % 40;
      if (which == 0) value = std::numeric_limits<double>::quiet_NaN();
      if (which == 1) value = -std::numeric_limits<double>::infinity();
      if (which == 2) value = 1e300;
    }
    if (field.dtype == Dtype::float32) {
      if (std::isfinite(value) && std::abs(value) > 3e38) value = std::copysign(3e38, value);
      value = static_cast<double>(static_cast<float>(value));
    }
    all[i] = value;
  }
  return all;
}

/// Cosine patterns of a block's numbers as they come: orthonormal, the first is the mean.
inline std::unique_ptr<cardan::reduction::Transform> cosines(std::int64_t numbers,
                                                             std::int64_t latent)
{
  std::vector<double> encoder;
  std::vector<double> decoder;
  const auto pattern = [&](std::int64_t n, std::int64_t k) {
    return std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(numbers)) *
           std::cos(3.14159265358979 * static_cast<double>(k) * (static_cast<double>(n) + 0.5) /
                    static_cast<double>(numbers));
  };
  for (std::int64_t n = 0; n < numbers; ++n)
    for (std::int64_t k = 0; k < latent; ++k) encoder.push_back(pattern(n, k));
  for (std::int64_t k = 0; k < latent; ++k)
    for (std::int64_t n = 0; n < numbers; ++n) decoder.push_back(pattern(n, k));
  return cardan::reduction::linear_transform(
      std::vector<double>(static_cast<std::size_t>(numbers), 2.5), encoder, decoder);
}

/// Of the finite numbers; 0 where there are none.
inline double range(const std::vector<double>& all)
{
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  for (const double x : all) {
    if (!std::isfinite(x)) continue;
    least = std::fmin(least, x);
    most = std::fmax(most, x);
  }
  return most > least && std::isfinite(most - least) ? most - least
                                                     : std::fmin(1e300, std::abs(most));
}

}  // namespace test
