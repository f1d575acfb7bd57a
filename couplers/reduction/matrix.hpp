/// Products of a matrix and a few numbers at a time, with the same bits wherever they are computed.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace cardan::reduction {

/// `in` numbers to `out` numbers.
class Matrix {
 public:
  Matrix() = default;
  /// `numbers`: in x out, row-major.
  Matrix(std::int64_t in, std::int64_t out, const std::vector<double>& numbers);
  [[nodiscard]] std::int64_t in() const { return in_; }
  [[nodiscard]] std::int64_t out() const { return out_; }
  /// y[o] = start[o] + sum over i of (x[i] - minus[i]) * matrix[i][o], in the order of i. `start`
  /// may be y, or null for zeros; `minus` null for zeros.
  void apply(const double* x, const double* minus, const double* start, double* y) const;
  /// The same of `count` rows; `start` and `minus` are those of each.
  void apply_all(const double* x, std::int64_t count, const double* minus, const double* start,
                 double* y) const;

 private:
  template <int rows>
  void apply_some(const double* x, const double* minus, const double* start, double* y) const;
  /// So many sums at a time stay in registers.
  static constexpr std::int64_t tile = 8;
  using Tile = std::array<double, tile>;
  std::int64_t in_ = 0;
  std::int64_t out_ = 0;
  /// Tiles of outputs, of each its rows; with zeros behind the last output.
  std::vector<Tile> tiles_;
};

}  // namespace cardan::reduction
