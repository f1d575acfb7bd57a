/// Matrices of three rows, one behind the other.
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace test {

inline constexpr std::size_t matrix_width = 3;
using Matrix = std::vector<double>;

/// A w = b by Gaussian elimination.
inline std::vector<double> solve(std::vector<double> a, std::vector<double> b)
{
  constexpr std::size_t n = matrix_width;
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t r = k; r < n; ++r)
      if (std::abs(a[r * n + k]) > std::abs(a[pivot * n + k])) pivot = r;
    for (std::size_t c = 0; c < n; ++c) std::swap(a[k * n + c], a[pivot * n + c]);
    std::swap(b[k], b[pivot]);
    for (std::size_t r = k + 1; r < n; ++r) {
      const double f = a[r * n + k] / a[k * n + k];
      for (std::size_t c = k; c < n; ++c) a[r * n + c] -= f * a[k * n + c];
      b[r] -= f * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t c = k + 1; c < n; ++c) b[k] -= a[k * n + c] * b[c];
    b[k] /= a[k * n + k];
  }
  return b;
}

inline Matrix product(const Matrix& a, const Matrix& b)
{
  constexpr std::size_t n = matrix_width;
  Matrix c(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < n; ++k) c[i * n + j] += a[i * n + k] * b[k * n + j];
  return c;
}

}  // namespace test
