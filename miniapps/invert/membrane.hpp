/// A membrane whose stiffness is constant on square blocks: -div(a grad u) = load on the unit
/// square, u = 0 on its edge, by bilinear finite elements (Q1) on square cells.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace invert {

/// How it is cut and where it is measured.
struct Mesh {
  /// Along an edge: cells (a multiple of the blocks), and blocks.
  int cells = 32;
  int blocks = 8;
  /// Points along an edge where u is measured: i / (points + 1), i = 1 to points.
  int points = 13;

  [[nodiscard]] std::size_t parameters() const
  {
    return static_cast<std::size_t>(blocks) * static_cast<std::size_t>(blocks);
  }
  [[nodiscard]] std::size_t measurements() const
  {
    return static_cast<std::size_t>(points) * static_cast<std::size_t>(points);
  }
};

/// Of a point (x, y) in the block of this number.
using Load = std::function<double(double x, double y, int block)>;

/// Blocks are numbered along x first: that of (x, y) is floor(8 x) + 8 floor(8 y); nodes too.
/// Points are numbered along y first, as the published data are.
class Membrane {
 public:
  /// Analyses the pattern of the matrix; throws std::invalid_argument for a mesh that cannot be.
  explicit Membrane(const Mesh& mesh, double load = 10);
  ~Membrane();
  Membrane(Membrane&&) noexcept;
  Membrane& operator=(Membrane&&) noexcept;

  [[nodiscard]] const Mesh& mesh() const;
  /// Another load in the place of the constant one, by four Gauss points in each cell.
  void set_load(const Load& load);

  /// u at the points for the stiffness `a` of the blocks; throws std::domain_error where one is not
  /// a positive number.
  void solve(std::span<const double> a, std::span<double> measured);
  /// u at all nodes, the edge's included, of the last solve: (cells + 1)^2 numbers.
  [[nodiscard]] std::vector<double> field() const;
  /// The adjoint: d(cotangent . measured)/da at `a`. Solves first where the last solve had another
  /// `a`; else it costs two triangular solves.
  void pull_back(std::span<const double> a, std::span<const double> cotangent,
                 std::span<double> gradient);

 private:
  class Matrix;
  std::unique_ptr<Matrix> matrix_;
};

}  // namespace invert
