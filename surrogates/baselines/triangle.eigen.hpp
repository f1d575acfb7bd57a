/// All that least squares and principal components need of a stream: one triangular factor.
#pragma once

#include <cardan/state.hpp>

#include <Eigen/Core>

#include <cstdint>
#include <vector>

namespace cardan::baselines {

/// What the rows of all ranks had in common: their sum of weights, their mean, and the triangle R
/// of the QR factorisation of the rows about that mean (R^T R is their scatter matrix).
struct Scatter {
  double count = 0;
  Eigen::VectorXd mean;
  Eigen::MatrixXd factor;
};

/// A running QR factorisation of rows (1, row - origin), so that nothing is squared: errors grow
/// with the condition of the rows, not with its square as in normal equations. Several ranks'
/// triangles are joined exactly, as in TSQR (Demmel, Grigori, Hoemmen and Langou 2012).
class Triangle {
 public:
  /// Rows of `width` numbers; each takes away 1 - forget of the weight of those before.
  explicit Triangle(std::int64_t width, double forget = 1);
  /// Takes `count` rows, each made of `left` and `right` numbers, both row-major; left + right =
  /// width.
  void add(const double* left_rows, std::int64_t left, const double* right_rows, std::int64_t right,
           std::int64_t count);

  /// Numbers in one rank's part of what is joined.
  [[nodiscard]] static std::int64_t part(std::int64_t width);
  /// Writes this rank's part.
  void write(double* part);
  /// This rank's part as it is, with a row of each array for it.
  void put(State& state) const;
  /// Takes what one rank put, or joins what several did; nothing where there is nothing. Throws,
  /// changing nothing, where shapes differ.
  void take(const State& state);
  /// What the parts of `ranks` ranks, one behind the other, say together; the same on all ranks.
  [[nodiscard]] static Scatter join(const double* parts, int ranks, std::int64_t width);

 private:
  void fold();
  void join(Triangle& other);

  std::int64_t width_;
  double forget_;
  double weight_ = 0;
  Eigen::VectorXd origin_;
  bool has_origin_ = false;
  /// The triangle, and below it rows that wait to be folded into it.
  Eigen::MatrixXd stack_;
  std::int64_t waiting_ = 0;
};

}  // namespace cardan::baselines
