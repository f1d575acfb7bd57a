#include "comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

void Comparison::add(const Response& truth, const Response* answer)
{
  sums_[0] += 1;
  if (answer == nullptr) return;
  sums_[1] += 1;
  bool within = true;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double error = (*answer)[i] - truth[i];
    within = within && std::abs(error) <= tolerance_[i];
    sums_[3 + i] += truth[i];
    sums_[5 + i] += truth[i] * truth[i];
    sums_[7 + i] += error * error;
  }
  sums_[2] += within ? 1 : 0;
}

void Comparison::print(MPI_Comm comm, std::int64_t before, std::int64_t done) const
{
  std::array<double, 11> all{static_cast<double>(before), static_cast<double>(done)};
  std::copy(sums_.begin(), sums_.end(), all.begin() + 2);
  MPI_Allreduce(MPI_IN_PLACE, all.data(), static_cast<int>(all.size()), MPI_DOUBLE, MPI_SUM, comm);
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  if (rank != 0) return;
  const double trusted = all[3];
  std::printf("learning: ngspice did %.0f of %.0f designs\n", all[1], all[0]);
  std::printf("held out: %.0f of %.0f designs trusted, %.0f of them within the tolerance\n",
              trusted, all[2], all[4]);
  for (std::size_t i = 0; i < 2 && trusted > 1; ++i) {
    const double mean = all[5 + i] / trusted;
    const double variance = all[7 + i] / trusted - mean * mean;
    const double error = all[9 + i] / trusted;
    std::printf("held out: %s: mean %.4f V, deviation %.4f V, error %.4f V, R2 %.6f\n",
                i == 0 ? "voltage" : "ripple", mean, std::sqrt(variance), std::sqrt(error),
                1 - error / variance);
  }
}
