#include "furnace.hpp"

#include <cmath>
#include <numeric>

namespace furnace {

Row::Row(MPI_Comm comm, std::size_t cells) : comm_(comm), temperature_(cells), burnt_(cells)
{
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  for (std::size_t i = 0; i < cells; ++i)
    temperature_[i] = 1 + 0.5 * std::sin(0.1 * static_cast<double>(i) + rank);
}

void Row::burn(std::span<const std::int64_t> cells)
{
  for (const auto cell : cells) {
    double t = temperature_[static_cast<std::size_t>(cell)];
    for (int step = 0; step < 1000; ++step) t -= 1e-5 * t * t * t;
    burnt_[static_cast<std::size_t>(cell)] = t;
  }
}

void Row::burn()
{
  std::vector<std::int64_t> all(temperature_.size());
  std::iota(all.begin(), all.end(), 0);
  burn(all);
}

void Row::conduct()
{
  int rank = 0;
  int ranks = 0;
  MPI_Comm_rank(comm_, &rank);
  MPI_Comm_size(comm_, &ranks);
  const int left = (rank + ranks - 1) % ranks;
  const int right = (rank + 1) % ranks;
  double before = 0;
  double after = 0;
  MPI_Sendrecv(&burnt_.back(), 1, MPI_DOUBLE, right, 0, &before, 1, MPI_DOUBLE, left, 0, comm_,
               MPI_STATUS_IGNORE);
  MPI_Sendrecv(&burnt_.front(), 1, MPI_DOUBLE, left, 1, &after, 1, MPI_DOUBLE, right, 1, comm_,
               MPI_STATUS_IGNORE);
  for (std::size_t i = 0; i < burnt_.size(); ++i) {
    const double west = i == 0 ? before : burnt_[i - 1];
    const double east = i + 1 == burnt_.size() ? after : burnt_[i + 1];
    temperature_[i] = burnt_[i] + 0.1 * (west - 2 * burnt_[i] + east);
  }
}

double Row::mean() const
{
  double own[] = {std::accumulate(temperature_.begin(), temperature_.end(), 0.0),
                  static_cast<double>(temperature_.size())};
  double all[] = {0, 0};
  MPI_Allreduce(own, all, 2, MPI_DOUBLE, MPI_SUM, comm_);
  return all[0] / all[1];
}

}  // namespace furnace
