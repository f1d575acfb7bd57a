/// Moves of basin hopping (Wales and Doye, J. Phys. Chem. A 101, 5111, 1997).
#pragma once

#include "random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace steer {

/// A direction on the unit sphere (in two dimensions: the unit circle).
template <std::size_t axes>
std::array<double, axes> direction(Random& random)
{
  std::array<double, axes> result;
  double square = 0;
  do {
    square = 0;
    for (double& each : result) {
      each = random.gaussian();
      square += each * each;
    }
  } while (square == 0);
  for (double& each : result) each /= std::sqrt(square);
  return result;
}

/// Atoms drawn evenly within `radius`, none nearer than 0.7 to another where that is found soon.
template <typename Potential>
typename Potential::Vector scattered(double radius, Random& random)
{
  constexpr std::size_t count = Potential::count;
  constexpr std::size_t axes = Potential::axes;
  typename Potential::Vector x{};
  for (std::size_t i = 0; i < count; ++i) {
    bool apart = false;
    for (int attempt = 0; attempt < 1000 && !apart; ++attempt) {
      const auto towards = direction<axes>(random);
      const double r = radius * std::pow(random.uniform(), 1.0 / axes);
      for (std::size_t k = 0; k < axes; ++k) x[k * count + i] = r * towards[k];
      apart = true;
      for (std::size_t j = 0; j < i && apart; ++j) {
        double square = 0;
        for (std::size_t k = 0; k < axes; ++k) {
          const double d = x[k * count + i] - x[k * count + j];
          square += d * d;
        }
        apart = square > 0.7 * 0.7;
      }
    }
  }
  return x;
}

/// Each coordinate moved by up to `step`; an atom that is bound with less than `loose` times the
/// energy of the best bound goes to a random place on the surface instead.
template <typename Potential>
typename Potential::Vector displaced(const typename Potential::Vector& start, double step,
                                     double loose, Random& random)
{
  constexpr std::size_t count = Potential::count;
  constexpr std::size_t axes = Potential::axes;
  std::array<double, count> bond{};
  for (std::size_t i = 0; i + 1 < count; ++i) {
    for (std::size_t j = i + 1; j < count; ++j) {
      double square = 0;
      for (std::size_t k = 0; k < axes; ++k) {
        const double d = start[k * count + i] - start[k * count + j];
        square += d * d;
      }
      const double sixth = 1 / (square * square * square);
      bond[i] += 4 * sixth * (sixth - 1);
      bond[j] += 4 * sixth * (sixth - 1);
    }
  }
  const double best = *std::min_element(bond.begin(), bond.end());
  const auto mean = Potential::centre(start);
  double surface = 0;
  for (std::size_t i = 0; i < count; ++i) {
    double square = 0;
    for (std::size_t k = 0; k < axes; ++k) {
      const double d = start[k * count + i] - mean[k];
      square += d * d;
    }
    surface = std::max(surface, std::sqrt(square));
  }
  typename Potential::Vector x = start;
  for (std::size_t i = 0; i < count; ++i) {
    if (bond[i] > loose * best) {
      const auto towards = direction<axes>(random);
      for (std::size_t k = 0; k < axes; ++k) x[k * count + i] = mean[k] + surface * towards[k];
    } else {
      for (std::size_t k = 0; k < axes; ++k) {
        x[k * count + i] += step * (2 * random.uniform() - 1);
      }
    }
  }
  return x;
}

}  // namespace steer
