#include "score.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

void Score::teach(double truth)
{
  sums_[0] += 1;
  sums_[1] += truth;
}

void Score::add(double truth, double predicted)
{
  sums_[2] += 1;
  sums_[3] += truth;
  sums_[4] += truth * truth;
  sums_[5] += (predicted - truth) * (predicted - truth);
}

void Score::print(MPI_Comm comm, const std::string& title)
{
  std::array<double, 6> all{};
  MPI_Allreduce(sums_.data(), all.data(), 6, MPI_DOUBLE, MPI_SUM, comm);
  for (std::size_t i = 2; i < sums_.size(); ++i) sums_[i] = 0;
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  if (rank != 0) return;
  const auto [taught, sum_taught, count, sum, squares, errors] = all;
  const double mean = sum / count;
  const double variance = squares / count - mean * mean;
  const double apart = mean - sum_taught / std::max(taught, 1.0);
  std::printf("%s: mean %.5f, error %.5f, of the taught mean %.5f", title.c_str(), mean,
              std::sqrt(errors / count), std::sqrt(variance + apart * apart));
  // Of one number there is no variance.
  if (count > 1) std::printf(", R2 %.5f", 1 - errors / count / variance);
  std::printf("\n");
  std::fflush(stdout);
}
