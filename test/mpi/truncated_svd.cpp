// Singular vectors across ranks against the theorem of Eckart and Young.
#include "couplers/reduction/truncated_svd.hpp"
#include "support/world.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

using namespace cardan::reduction;

namespace {

constexpr double pi = 3.14159265358979323846;

/// Orthonormal for k = 0, 1, ... of `size` numbers.
double pattern(std::int64_t k, std::int64_t i, std::int64_t size)
{
  return std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(size)) *
         std::cos(pi * static_cast<double>(k) * (static_cast<double>(i) + 0.5) /
                  static_cast<double>(size));
}

/// Row r of a matrix with known singular values about its mean: patterns of rows but the first,
/// which is what all rows share, times patterns of columns.
std::vector<double> row_of(std::int64_t r, std::int64_t rows, std::int64_t columns,
                           const std::vector<double>& values)
{
  std::vector<double> row(static_cast<std::size_t>(columns));
  for (std::int64_t c = 0; c < columns; ++c) {
    double sum = 3 + static_cast<double>(c);
    for (std::size_t k = 0; k < values.size(); ++k)
      sum += values[k] * pattern(static_cast<std::int64_t>(k) + 1, r, rows) *
             pattern(static_cast<std::int64_t>(k), c, columns);
    row[static_cast<std::size_t>(c)] = sum;
  }
  return row;
}

/// This rank's rows, dealt out unevenly: some ranks have none.
std::vector<double> part(std::int64_t rows, std::int64_t columns, const std::vector<double>& values)
{
  const int owners = std::max(1, test::world_size() - test::world_size() / 3);
  std::vector<double> mine;
  for (std::int64_t r = 0; r < rows; ++r) {
    if (r * r % owners != test::world_rank()) continue;
    const auto row = row_of(r, rows, columns, values);
    mine.insert(mine.end(), row.begin(), row.end());
  }
  return mine;
}

/// The Frobenius norm of what encoding and decoding leaves, of all ranks' rows.
double error_of(const Transform& transform, const std::vector<double>& mine)
{
  const auto count = static_cast<std::int64_t>(mine.size()) / transform.numbers();
  std::vector<double> latents(static_cast<std::size_t>(count * transform.latent()));
  std::vector<double> back(mine.size());
  transform.encode(mine.data(), count, latents.data());
  transform.decode(latents.data(), count, back.data());
  double squares = 0;
  for (std::size_t i = 0; i < mine.size(); ++i)
    squares += (mine[i] - back[i]) * (mine[i] - back[i]);
  double all = 0;
  MPI_Allreduce(&squares, &all, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return std::sqrt(all);
}

TruncatedSvd solve(const std::vector<double>& mine, std::int64_t columns, std::int64_t latent)
{
  return truncated_svd(MPI_COMM_WORLD, mine.data(),
                       static_cast<std::int64_t>(mine.size()) / columns, columns, latent);
}

void check_same_on_all(const TruncatedSvd& svd)
{
  for (const auto* numbers : {&svd.values, &svd.vectors, &svd.mean}) {
    auto first = *numbers;
    MPI_Bcast(first.data(), static_cast<int>(first.size()), MPI_DOUBLE, 0, MPI_COMM_WORLD);
    CHECK(std::memcmp(first.data(), numbers->data(), first.size() * sizeof(double)) == 0);
  }
}

}  // namespace

TEST_CASE("the error of the best approximation is its tail, over twelve decades")
{
  constexpr std::int64_t columns = 24;
  std::vector<double> values;
  for (int k = 0; k < 24; ++k) values.push_back(std::pow(10, -0.5 * k));
  const auto mine = part(150, columns, values);
  const TruncatedSvd svd = solve(mine, columns, 20);
  REQUIRE(svd.rows == 150);
  REQUIRE(svd.values.size() == 24);
  check_same_on_all(svd);
  // Numbers of this size are rounded by this much.
  const double rounding = 30 * std::numeric_limits<double>::epsilon() * std::sqrt(150.0 * columns);
  for (std::size_t k = 0; k < 24; ++k) CHECK(std::abs(svd.values[k] - values[k]) < rounding);
  for (const std::int64_t latent : {1, 2, 5, 8, 13, 20}) {
    double squares = 0;
    for (std::size_t k = static_cast<std::size_t>(latent); k < 24; ++k)
      squares += values[k] * values[k];
    CHECK(std::abs(svd.tail(latent) - std::sqrt(squares)) < rounding);
    const double measured = error_of(*transform_of(svd, latent), mine);
    CHECK(std::abs(measured - svd.tail(latent)) < rounding);
    // The tail is told from its neighbours.
    CHECK(std::abs(measured - svd.tail(latent - 1)) > 0.5 * svd.tail(latent));
  }
}

TEST_CASE("fewer rows than columns, and none at all")
{
  const std::vector<double> values{5, 2, 0.25};
  const auto mine = part(7, 30, values);
  const TruncatedSvd svd = solve(mine, 30, 5);
  CHECK(svd.rows == 7);
  REQUIRE(svd.values.size() == 7);
  for (std::size_t k = 0; k < 3; ++k) CHECK(svd.values[k] == doctest::Approx(values[k]));
  CHECK(error_of(*transform_of(svd, 2), mine) == doctest::Approx(0.25));
  CHECK(error_of(*transform_of(svd, 3), mine) < 1e-12);
  check_same_on_all(svd);

  const TruncatedSvd nothing = solve({}, 4, 2);
  CHECK(nothing.rows == 0);
  CHECK(nothing.values.empty());
  CHECK(nothing.tail(0) == 0);
  check_same_on_all(nothing);
}

TEST_CASE("rows that are no numbers are left out")
{
  const std::vector<double> values{5, 2, 0.25};
  auto mine = part(40, 6, values);
  const TruncatedSvd clean = solve(mine, 6, 2);
  const double none = std::numeric_limits<double>::quiet_NaN();
  mine.insert(mine.end(), {1, 2, none, 4, 5, 6});
  const TruncatedSvd svd = solve(mine, 6, 2);
  CHECK(svd.rows == 40);
  CHECK(svd.values == clean.values);
}

TEST_CASE("more vectors than there are columns are refused")
{
  CHECK_THROWS_AS(solve({}, 4, 5), cardan::Error);
  const TruncatedSvd svd = solve(part(9, 4, {1, 0.5}), 4, 2);
  CHECK_THROWS_WITH_AS(transform_of(svd, 3), doctest::Contains("no encoder of 3 latents"),
                       cardan::Error);
}

TEST_CASE("a rank that stays away is waited for until the deadline only")
{
  if (test::world_size() < 2) return;
  MPI_Comm comm = MPI_COMM_NULL;
  MPI_Comm_dup(MPI_COMM_WORLD, &comm);
  if (test::world_rank() == 0)
    CHECK_THROWS_AS(truncated_svd(comm, nullptr, 0, 3, 1, cardan::mpi::Deadline::in(0.2)),
                    cardan::Late);
  MPI_Barrier(MPI_COMM_WORLD);
}
