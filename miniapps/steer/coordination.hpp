/// How crowded it is around each atom: what describes a cluster wherever it is and however turned.
#pragma once

#include <array>
#include <cstddef>

namespace steer {

/// Of each atom the sum over the others of 1 / (1 + (r / 1.5)^8), a smooth count of neighbours
/// (Tribello, Ceriotti and Parrinello, PNAS 107, 17509, 2010). An exchange of atoms exchanges
/// numbers; sorted, they are the same for whatever exchange.
template <typename Potential>
std::array<double, Potential::count> coordination(const typename Potential::Vector& x)
{
  constexpr std::size_t count = Potential::count;
  std::array<double, count> numbers{};
  for (std::size_t i = 0; i + 1 < count; ++i) {
    for (std::size_t j = i + 1; j < count; ++j) {
      double square = 0;
      for (std::size_t k = 0; k < Potential::axes; ++k) {
        const double apart = x[k * count + i] - x[k * count + j];
        square += apart * apart;
      }
      const double ratio = square / (1.5 * 1.5);
      const double near = 1 / (1 + ratio * ratio * ratio * ratio);
      numbers[i] += near;
      numbers[j] += near;
    }
  }
  return numbers;
}

}  // namespace steer
