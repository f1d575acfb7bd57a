#include "conduction.hpp"

#include "dissection.hpp"

#include <Eigen/IterativeLinearSolvers>
#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>

#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace funnel {

namespace {

using Sparse = Eigen::SparseMatrix<double>;
using Pair = Eigen::Matrix<double, Eigen::Dynamic, 2>;

// One square element of any size, corners (0, 0), (1, 0), (0, 1), (1, 1): gradients of the bilinear
// functions against each other, and against unit gradients along x and y.
constexpr std::array<std::array<double, 4>, 4> stiffness{{{4.0 / 6, -1.0 / 6, -1.0 / 6, -2.0 / 6},
                                                          {-1.0 / 6, 4.0 / 6, -2.0 / 6, -1.0 / 6},
                                                          {-1.0 / 6, -2.0 / 6, 4.0 / 6, -1.0 / 6},
                                                          {-2.0 / 6, -1.0 / 6, -1.0 / 6, 4.0 / 6}}};
constexpr std::array<std::array<double, 2>, 4> load{
    {{-0.5, -0.5}, {0.5, -0.5}, {-0.5, 0.5}, {0.5, 0.5}}};

}  // namespace

struct Conduction::Equations {
  int size = 0;
  Solver solver = Solver::dissection;
  /// Unknown of each node of the torus; of the pinned one -1. Corners of each element, and where
  /// its numbers go among the matrix's (-1: above the diagonal, or pinned).
  std::vector<int> unknown;
  std::vector<std::array<int, 4>> corners;
  std::vector<std::array<int, 16>> places;
  Sparse matrix;
  Pair loads;
  Pair solution;
  Eigen::SimplicialLLT<Sparse, Eigen::Lower, Eigen::NaturalOrdering<int>> natural;
  Eigen::SimplicialLLT<Sparse, Eigen::Lower, Eigen::AMDOrdering<int>> ordered;
  Eigen::ConjugateGradient<Sparse, Eigen::Lower, Eigen::IncompleteCholesky<double>> gradients;

  void number();
  void analyse();
  void assemble(std::span<const double> conductivity);
  void solve();
  template <class Factors>
  void solve_with(Factors& factors);
};

void Conduction::Equations::number()
{
  const int nodes = size * size;
  unknown.assign(static_cast<std::size_t>(nodes), -1);
  const auto order = dissection_order(size);
  // The last one is the node that is held at zero: the fields are known but for a constant.
  for (int i = 0; i + 1 < nodes; ++i)
    unknown[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = i;
  corners.resize(unknown.size());
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const int right = (x + 1) % size;
      const int up = (y + 1) % size;
      const int here = y * size + x;
      auto& corner = corners[static_cast<std::size_t>(here)];
      corner = {here, y * size + right, up * size + x, up * size + right};
      for (int& node : corner) node = unknown[static_cast<std::size_t>(node)];
    }
}

void Conduction::Equations::analyse()
{
  const int unknowns = size * size - 1;
  std::vector<Eigen::Triplet<double>> entries;
  entries.reserve(corners.size() * 16);
  for (const auto& corner : corners)
    for (const int row : corner)
      for (const int column : corner)
        if (row >= column && column >= 0) entries.emplace_back(row, column, 1.0);
  matrix.resize(unknowns, unknowns);
  matrix.setFromTriplets(entries.begin(), entries.end());
  matrix.makeCompressed();
  places.resize(corners.size());
  for (std::size_t e = 0; e < corners.size(); ++e)
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 0; j < 4; ++j) {
        const int row = corners[e][i];
        const int column = corners[e][j];
        const bool kept = row >= column && column >= 0;
        places[e][4 * i + j] =
            kept ? static_cast<int>(&matrix.coeffRef(row, column) - matrix.valuePtr()) : -1;
      }
  loads.resize(unknowns, 2);
  if (solver == Solver::dissection) natural.analyzePattern(matrix);
  if (solver == Solver::minimum_degree) ordered.analyzePattern(matrix);
}

void Conduction::Equations::assemble(std::span<const double> conductivity)
{
  Eigen::Map<Eigen::VectorXd>(matrix.valuePtr(), matrix.nonZeros()).setZero();
  loads.setZero();
  double* values = matrix.valuePtr();
  for (std::size_t e = 0; e < corners.size(); ++e) {
    const double sigma = conductivity[e];
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 4; ++j)
        if (const int place = places[e][4 * i + j]; place >= 0)
          values[place] += sigma * stiffness[i][j];
      if (const int row = corners[e][i]; row >= 0)
        for (Eigen::Index d = 0; d < 2; ++d)
          loads(row, d) -= sigma * load[i][static_cast<std::size_t>(d)];
    }
  }
}

template <class Factors>
void Conduction::Equations::solve_with(Factors& factors)
{
  factors.factorize(matrix);
  if (factors.info() != Eigen::Success)
    throw std::runtime_error("the equations of conduction have no factors");
  solution = factors.solve(loads);
}

void Conduction::Equations::solve()
{
  if (solver == Solver::dissection) return solve_with(natural);
  if (solver == Solver::minimum_degree) return solve_with(ordered);
  gradients.setTolerance(1e-8);
  gradients.compute(matrix);
  solution = gradients.solve(loads);
  if (gradients.info() != Eigen::Success)
    throw std::runtime_error("the equations of conduction are not solved");
}

Conduction::Conduction(int size, Solver solver) : equations_(std::make_unique<Equations>())
{
  if (size < 2) throw std::invalid_argument("a period must have at least 2 pixels");
  equations_->size = size;
  equations_->solver = solver;
  equations_->number();
  equations_->analyse();
}

Conduction::~Conduction() = default;
Conduction::Conduction(Conduction&&) noexcept = default;
Conduction& Conduction::operator=(Conduction&&) noexcept = default;

int Conduction::size() const
{
  return equations_->size;
}

Tensor Conduction::effective(std::span<const double> conductivity)
{
  Equations& equations = *equations_;
  if (conductivity.size() != equations.corners.size())
    throw std::invalid_argument("as many conductivities as pixels are needed");
  double mean = 0;
  for (const double sigma : conductivity) {
    if (!(sigma > 0 && std::isfinite(sigma)))
      throw std::invalid_argument("conductivities must be positive");
    mean += sigma;
  }
  const auto pixels = static_cast<double>(conductivity.size());
  equations.assemble(conductivity);
  equations.solve();
  // Of any w, not of the solution only, the energy is an upper bound: loads and matrix both count.
  const Pair& w = equations.solution;
  const Pair product = equations.matrix.selfadjointView<Eigen::Lower>() * w;
  const Eigen::Matrix2d energy = (w.transpose() * product - w.transpose() * equations.loads -
                                  equations.loads.transpose() * w) /
                                 pixels;
  mean /= pixels;
  return {mean + energy(0, 0), energy(0, 1), mean + energy(1, 1)};
}

std::vector<double> Conduction::flux(std::span<const double> conductivity)
{
  static_cast<void>(effective(conductivity));
  const Equations& equations = *equations_;
  std::vector<double> magnitudes;
  magnitudes.reserve(conductivity.size());
  for (std::size_t e = 0; e < conductivity.size(); ++e) {
    double x = 1;
    double y = 0;
    for (std::size_t i = 0; i < 4; ++i)
      if (const int row = equations.corners[e][i]; row >= 0) {
        x += load[i][0] * equations.solution(row, 0);
        y += load[i][1] * equations.solution(row, 0);
      }
    magnitudes.push_back(conductivity[e] * std::hypot(x, y));
  }
  return magnitudes;
}

}  // namespace funnel
