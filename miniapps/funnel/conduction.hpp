/// Effective conductivity of a periodic plane by finite elements.
#pragma once

#include <memory>
#include <span>
#include <vector>

namespace funnel {

/// A symmetric 2 x 2 tensor, in units of the conductivities.
struct Tensor {
  double xx = 0;
  double xy = 0;
  double yy = 0;
};

/// How the linear equations are solved: by Cholesky's factors in a nested-dissection order; by
/// those in the order of approximate minimum degree; by conjugate gradients with incomplete
/// factors.
enum class Solver { dissection, minimum_degree, gradients };

/// The cell problem div(sigma (E + grad w)) = 0, w periodic, on size x size pixels of constant
/// conductivity, each a bilinear element. Holds what depends on the size only: made once.
class Conduction {
 public:
  /// Throws std::invalid_argument where the size is below 2.
  explicit Conduction(int size, Solver solver = Solver::dissection);
  ~Conduction();
  Conduction(Conduction&&) noexcept;
  Conduction& operator=(Conduction&&) noexcept;

  [[nodiscard]] int size() const;
  /// `conductivity`: of each pixel, positive, row by row. The energy of the two fields with mean
  /// gradients along x and y: minimised over fewer fields than there are, it is never below the
  /// exact tensor (in the order of quadratic forms). Throws std::invalid_argument where the numbers
  /// are not positive or not size * size, std::runtime_error where the equations are not solved.
  [[nodiscard]] Tensor effective(std::span<const double> conductivity);
  /// Magnitude of sigma (E + grad w) at each pixel's centre, for a mean gradient 1 along x. Throws
  /// as `effective`.
  [[nodiscard]] std::vector<double> flux(std::span<const double> conductivity);

 private:
  struct Equations;
  std::unique_ptr<Equations> equations_;
};

}  // namespace funnel
