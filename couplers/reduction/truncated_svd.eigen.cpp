#include "couplers/reduction/truncated_svd.hpp"
#include "mpi/comm.hpp"

#include <cardan/error.hpp>

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <string>

namespace cardan::reduction {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int tag = 71;
/// Jacobi's rotations keep the digits of small singular values, and take long where there are many.
constexpr Index most_by_jacobi = 128;

std::size_t at(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}

bool readable(const double* row, std::int64_t columns)
{
  return std::all_of(row, row + columns, [](double x) { return std::abs(x) < 1e100; });
}

/// The triangle of all rows that were added.
class Triangle {
 public:
  explicit Triangle(Index width)
      : width_(width), stack_(MatrixXd::Zero(width + std::max<Index>(64, width), width))
  {}
  template <class Row>
  void add(const Row& row)
  {
    stack_.row(width_ + waiting_++) = row;
    if (width_ + waiting_ == stack_.rows()) fold();
  }
  void add_triangle(const std::vector<double>& packed)
  {
    fold();
    const double* from = packed.data();
    for (Index r = 0; r < width_; ++r) {
      Eigen::RowVectorXd row = Eigen::RowVectorXd::Zero(width_);
      for (Index c = r; c < width_; ++c) row(c) = *from++;
      add(row);
    }
    fold();
  }
  std::vector<double> packed()
  {
    fold();
    std::vector<double> all;
    for (Index r = 0; r < width_; ++r)
      for (Index c = r; c < width_; ++c) all.push_back(stack_(r, c));
    return all;
  }
  MatrixXd square()
  {
    fold();
    return stack_.topRows(width_);
  }

 private:
  void fold()
  {
    if (waiting_ == 0) return;
    const Eigen::HouseholderQR<Eigen::Ref<MatrixXd>> factorisation(stack_);
    stack_.topRows(width_).triangularView<Eigen::StrictlyLower>().setZero();
    stack_.bottomRows(stack_.rows() - width_).setZero();
    waiting_ = 0;
  }

  Index width_;
  Index waiting_ = 0;
  MatrixXd stack_;
};

void broadcast(MPI_Comm comm, std::vector<double>& numbers, mpi::Deadline deadline)
{
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(
      MPI_Ibcast(numbers.data(), static_cast<int>(numbers.size()), MPI_DOUBLE, 0, comm, &request),
      "MPI_Ibcast");
  mpi::wait(request, deadline, "the singular vectors");
}

/// Sums over ranks along a tree: always in the same order. Rank 0's are then everybody's.
template <class Join>
void along_tree(MPI_Comm comm, std::vector<double>& mine, mpi::Deadline deadline, Join&& join)
{
  const int rank = mpi::rank(comm);
  const int size = mpi::size(comm);
  const auto count = static_cast<int>(mine.size());
  for (int apart = 1; apart < size; apart *= 2) {
    MPI_Request request = MPI_REQUEST_NULL;
    if (rank % (2 * apart) != 0) {
      mpi::check(MPI_Isend(mine.data(), count, MPI_DOUBLE, rank - apart, tag, comm, &request),
                 "MPI_Isend");
      mpi::wait(request, deadline, "a rank that joins the singular values");
      return;
    }
    if (rank + apart >= size) continue;
    std::vector<double> other(mine.size());
    mpi::check(MPI_Irecv(other.data(), count, MPI_DOUBLE, rank + apart, tag, comm, &request),
               "MPI_Irecv");
    mpi::wait(request, deadline, "a rank's share of the singular values");
    join(other);
  }
}

void add(const std::vector<double>& part, std::vector<double>& sum)
{
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
}

}  // namespace

double TruncatedSvd::tail(std::int64_t latent) const
{
  // From the smallest on, so that none is lost beside a larger one.
  double squares = 0;
  for (auto k = static_cast<std::int64_t>(values.size()) - 1; k >= latent; --k)
    squares += values[at(k)] * values[at(k)];
  return std::sqrt(squares);
}

TruncatedSvd truncated_svd(MPI_Comm comm, const double* rows, std::int64_t count,
                           std::int64_t columns, std::int64_t latent, mpi::Deadline deadline)
{
  if (columns < 1 || latent < 0 || latent > columns)
    throw Error{"no singular vectors can be computed",
                std::to_string(latent) + " of rows of " + std::to_string(columns) + " numbers"};
  TruncatedSvd svd;
  // The mean, and then what rounding has left of it.
  std::vector<double> sums(at(columns + 1), 0.0);
  svd.mean.assign(at(columns), 0.0);
  for (int pass = 0; pass < 2; ++pass) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::int64_t r = 0; r < count; ++r) {
      const double* const row = rows + r * columns;
      if (!readable(row, columns)) continue;
      for (std::int64_t c = 0; c < columns; ++c) sums[at(c)] += row[c] - svd.mean[at(c)];
      sums.back() += 1;
    }
    along_tree(comm, sums, deadline, [&](const std::vector<double>& other) { add(other, sums); });
    broadcast(comm, sums, deadline);
    for (std::int64_t c = 0; c < columns && sums.back() > 0; ++c)
      svd.mean[at(c)] += sums[at(c)] / sums.back();
  }
  svd.rows = static_cast<std::int64_t>(sums.back());

  Triangle triangle(columns);
  const Eigen::Map<const Eigen::RowVectorXd> mean(svd.mean.data(), columns);
  for (std::int64_t r = 0; r < count; ++r)
    if (readable(rows + r * columns, columns))
      triangle.add(Eigen::Map<const Eigen::RowVectorXd>(rows + r * columns, columns) - mean);
  std::vector<double> packed = triangle.packed();
  along_tree(comm, packed, deadline, [&](const std::vector<double>& other) {
    triangle.add_triangle(other);
    packed = triangle.packed();
  });

  // All singular values, then the vectors: of rank 0's triangle.
  std::vector<double> result(at(columns + latent * columns), 0.0);
  if (mpi::rank(comm) == 0) {
    const MatrixXd square = triangle.square();
    VectorXd values;
    MatrixXd vectors;
    if (columns <= most_by_jacobi) {
      const Eigen::JacobiSVD<MatrixXd> solved(square, Eigen::ComputeFullV);
      values = solved.singularValues();
      vectors = solved.matrixV();
    } else {
      const Eigen::BDCSVD<MatrixXd> solved(square, Eigen::ComputeFullV);
      values = solved.singularValues();
      vectors = solved.matrixV();
    }
    std::copy_n(values.data(), columns, result.begin());
    for (std::int64_t k = 0; k < latent; ++k)
      std::copy_n(vectors.col(k).data(), columns, result.begin() + columns + k * columns);
  }
  broadcast(comm, result, deadline);
  svd.values.assign(result.begin(), result.begin() + std::min(svd.rows, columns));
  svd.vectors.assign(result.begin() + columns, result.end());
  return svd;
}

std::unique_ptr<Transform> transform_of(const TruncatedSvd& svd, std::int64_t latent)
{
  const auto columns = static_cast<std::int64_t>(svd.mean.size());
  if (latent < 0 || latent * columns > static_cast<std::int64_t>(svd.vectors.size()))
    throw Error{"there is no encoder of " + std::to_string(latent) + " latents",
                "fewer singular vectors were computed"};
  std::vector<double> encoder(at(columns * latent));
  for (std::int64_t n = 0; n < columns; ++n)
    for (std::int64_t k = 0; k < latent; ++k)
      encoder[at(n * latent + k)] = svd.vectors[at(k * columns + n)];
  return linear_transform(svd.mean, std::move(encoder),
                          {svd.vectors.begin(), svd.vectors.begin() + latent * columns});
}

}  // namespace cardan::reduction
