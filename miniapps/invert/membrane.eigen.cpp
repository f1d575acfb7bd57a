// The matrix is linear in the stiffness: its entries are a fixed list of weights times blocks. Its
// rows are ordered once (approximate minimum degree), its pattern is analysed once, and the upper
// triangle in that order is what Eigen factorises without a copy.

#include "membrane.hpp"

#include <Eigen/OrderingMethods>
#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string>

namespace invert {

namespace {

using Sparse = Eigen::SparseMatrix<double>;
using Cholesky = Eigen::SimplicialLLT<Sparse, Eigen::Upper, Eigen::NaturalOrdering<int>>;

/// Corners of a cell, x first: the integrals of grad phi_i . grad phi_j over a square, which do not
/// depend on its size.
constexpr double stiffness[4][4] = {{4. / 6, -1. / 6, -1. / 6, -2. / 6},
                                    {-1. / 6, 4. / 6, -2. / 6, -1. / 6},
                                    {-1. / 6, -2. / 6, 4. / 6, -1. / 6},
                                    {-2. / 6, -1. / 6, -1. / 6, 4. / 6}};

/// Of the four corners at (s, t) in the unit square.
std::array<double, 4> shapes(double s, double t)
{
  return {(1 - s) * (1 - t), s * (1 - t), (1 - s) * t, s * t};
}

struct Term {
  /// Row, column and place among the values of the upper triangle; block and weight.
  int row = 0, column = 0, slot = 0, block = 0;
  double weight = 0;
};

void check(const Mesh& mesh)
{
  if (mesh.blocks < 1 || mesh.points < 1 || mesh.cells < 2 || mesh.cells % mesh.blocks != 0)
    throw std::invalid_argument("a membrane of " + std::to_string(mesh.cells) +
                                " cells along an edge (must be a positive multiple of the " +
                                std::to_string(mesh.blocks) + " blocks)");
}

}  // namespace

class Membrane::Matrix {
 public:
  explicit Matrix(const Mesh& shape) : mesh{shape}
  {
    check(mesh);
    load.setZero(unknowns());
    order();
    assemble();
    measure();
  }

  [[nodiscard]] int unknowns() const { return (mesh.cells - 1) * (mesh.cells - 1); }

  /// The unknown at node (i, j), in the matrix's order; -1 on the edge.
  [[nodiscard]] int unknown(int i, int j) const
  {
    const int n = mesh.cells;
    if (i <= 0 || j <= 0 || i >= n || j >= n) return -1;
    const int natural = (j - 1) * (n - 1) + i - 1;
    return place.empty() ? natural : place[static_cast<std::size_t>(natural)];
  }

  [[nodiscard]] int block(int i, int j) const
  {
    const int cells = mesh.cells / mesh.blocks;
    return i / cells + j / cells * mesh.blocks;
  }

  [[nodiscard]] std::array<int, 4> corners(int i, int j) const
  {
    return {unknown(i, j), unknown(i + 1, j), unknown(i, j + 1), unknown(i + 1, j + 1)};
  }

  void factorise(std::span<const double> a)
  {
    if (a.size() != mesh.parameters())
      throw std::invalid_argument("stiffness of " + std::to_string(a.size()) + " blocks for " +
                                  std::to_string(mesh.parameters()));
    if (std::equal(a.begin(), a.end(), factorised.begin(), factorised.end())) return;
    for (const double value : a)
      if (!(value > 0) || !std::isfinite(value))
        throw std::domain_error("stiffness " + std::to_string(value) + " (must be positive)");
    factorised.clear();
    double* const values = upper.valuePtr();
    std::fill_n(values, upper.nonZeros(), 0.0);
    for (const Term& term : terms)
      values[term.slot] += term.weight * a[static_cast<std::size_t>(term.block)];
    cholesky.factorize(upper);
    if (cholesky.info() != Eigen::Success)
      throw std::domain_error("the membrane's matrix cannot be factorised");
    solution = cholesky.solve(load);
    factorised.assign(a.begin(), a.end());
  }

  Mesh mesh;
  std::vector<int> place;
  std::vector<Term> terms;
  Sparse upper;
  /// Points times unknowns.
  Eigen::SparseMatrix<double, Eigen::RowMajor> points;
  Cholesky cholesky;
  Eigen::VectorXd load;
  Eigen::VectorXd solution;
  /// The stiffness that the factors and the solution are of.
  std::vector<double> factorised;

 private:
  template <class Visit>
  void each_pair(const Visit& visit) const
  {
    for (int j = 0; j < mesh.cells; ++j)
      for (int i = 0; i < mesh.cells; ++i) {
        const auto nodes = corners(i, j);
        for (std::size_t p = 0; p < 4; ++p)
          for (std::size_t q = 0; q < 4; ++q)
            if (nodes[p] >= 0 && nodes[q] >= 0)
              visit(nodes[p], nodes[q], block(i, j), stiffness[p][q]);
      }
  }

  void order()
  {
    std::vector<Eigen::Triplet<double>> entries;
    each_pair([&](int row, int column, int, double) { entries.emplace_back(row, column, 1.0); });
    Sparse pattern{unknowns(), unknowns()};
    pattern.setFromTriplets(entries.begin(), entries.end());
    Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> order;
    Eigen::AMDOrdering<int>{}(pattern, order);
    // Eigen's is that from new to old.
    place.resize(static_cast<std::size_t>(unknowns()));
    for (int i = 0; i < unknowns(); ++i) place[static_cast<std::size_t>(order.indices()[i])] = i;
  }

  void assemble()
  {
    // By column, row and block, as the matrix stores them.
    std::map<std::array<int, 3>, double> weights;
    each_pair([&](int row, int column, int where, double weight) {
      if (row <= column) weights[{column, row, where}] += weight;
    });
    std::vector<Eigen::Triplet<double>> entries;
    entries.reserve(weights.size());
    for (const auto& [key, weight] : weights) entries.emplace_back(key[1], key[0], weight);
    upper.resize(unknowns(), unknowns());
    upper.setFromTriplets(entries.begin(), entries.end());
    terms.reserve(weights.size());
    int slot = -1;
    for (const auto& [key, weight] : weights) {
      const bool same =
          !terms.empty() && terms.back().column == key[0] && terms.back().row == key[1];
      if (!same) ++slot;
      terms.push_back({key[1], key[0], slot, key[2], weight});
    }
    cholesky.analyzePattern(upper);
  }

  void measure()
  {
    std::vector<Eigen::Triplet<double>> entries;
    const int count = mesh.points;
    for (int p = 0; p < count; ++p)
      for (int q = 0; q < count; ++q) {
        const double x = static_cast<double>((p + 1) * mesh.cells) / (count + 1);
        const double y = static_cast<double>((q + 1) * mesh.cells) / (count + 1);
        const int i = static_cast<int>(x);
        const int j = static_cast<int>(y);
        const auto nodes = corners(i, j);
        const auto weights = shapes(x - i, y - j);
        for (std::size_t corner = 0; corner < 4; ++corner)
          if (nodes[corner] >= 0)
            entries.emplace_back(p * count + q, nodes[corner], weights[corner]);
      }
    points.resize(Eigen::Index{count} * count, unknowns());
    points.setFromTriplets(entries.begin(), entries.end());
  }
};

Membrane::Membrane(const Mesh& mesh, double load) : matrix_(std::make_unique<Matrix>(mesh))
{
  set_load([load](double, double, int) { return load; });
}

Membrane::~Membrane() = default;
Membrane::Membrane(Membrane&&) noexcept = default;
Membrane& Membrane::operator=(Membrane&&) noexcept = default;

const Mesh& Membrane::mesh() const
{
  return matrix_->mesh;
}

void Membrane::set_load(const Load& load)
{
  const int cells = matrix_->mesh.cells;
  const double h = 1.0 / cells;
  const double gauss[2] = {0.5 - 0.5 / std::sqrt(3.0), 0.5 + 0.5 / std::sqrt(3.0)};
  matrix_->load.setZero();
  matrix_->factorised.clear();
  for (int j = 0; j < cells; ++j)
    for (int i = 0; i < cells; ++i) {
      const auto nodes = matrix_->corners(i, j);
      for (const double t : gauss)
        for (const double s : gauss) {
          const double value = load((i + s) * h, (j + t) * h, matrix_->block(i, j)) * h * h / 4;
          const auto weights = shapes(s, t);
          for (std::size_t corner = 0; corner < 4; ++corner)
            if (nodes[corner] >= 0) matrix_->load[nodes[corner]] += value * weights[corner];
        }
    }
}

void Membrane::solve(std::span<const double> a, std::span<double> measured)
{
  matrix_->factorise(a);
  Eigen::Map<Eigen::VectorXd> result{measured.data(), static_cast<Eigen::Index>(measured.size())};
  result = matrix_->points * matrix_->solution;
}

std::vector<double> Membrane::field() const
{
  const int n = matrix_->mesh.cells;
  std::vector<double> nodes;
  nodes.reserve(static_cast<std::size_t>(n + 1) * static_cast<std::size_t>(n + 1));
  for (int j = 0; j <= n; ++j)
    for (int i = 0; i <= n; ++i) {
      const int unknown = matrix_->unknown(i, j);
      nodes.push_back(unknown < 0 ? 0 : matrix_->solution[unknown]);
    }
  return nodes;
}

void Membrane::pull_back(std::span<const double> a, std::span<const double> cotangent,
                         std::span<double> gradient)
{
  matrix_->factorise(a);
  const Eigen::Map<const Eigen::VectorXd> weights{cotangent.data(),
                                                  static_cast<Eigen::Index>(cotangent.size())};
  const Eigen::VectorXd source = matrix_->points.transpose() * weights;
  const Eigen::VectorXd adjoint = matrix_->cholesky.solve(source);
  const Eigen::VectorXd& u = matrix_->solution;
  std::fill(gradient.begin(), gradient.end(), 0.0);
  // A u = load gives A du = -dA u, and dA is an entry and its mirror image.
  for (const Term& term : matrix_->terms) {
    const double across = adjoint[term.row] * u[term.column];
    const double back = term.row == term.column ? 0 : adjoint[term.column] * u[term.row];
    gradient[static_cast<std::size_t>(term.block)] -= term.weight * (across + back);
  }
}

}  // namespace invert
