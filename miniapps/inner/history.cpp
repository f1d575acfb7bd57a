#include "history.hpp"

#include <numeric>

namespace inner {

void History::join(MPI_Comm comm)
{
  const auto count = static_cast<int>(chemistry_seconds.size());
  MPI_Allreduce(MPI_IN_PLACE, chemistry_seconds.data(), count, MPI_DOUBLE, MPI_MAX, comm);
  for (auto* series : {&asked, &trusted, &solved, &late})
    MPI_Allreduce(MPI_IN_PLACE, series->data(), count, MPI_INT64_T, MPI_SUM, comm);
  for (auto* series : {&model_version, &weights_age_steps})
    MPI_Allreduce(MPI_IN_PLACE, series->data(), count, MPI_INT64_T, MPI_MAX, comm);
  MPI_Allreduce(MPI_IN_PLACE, &wall_seconds, 1, MPI_DOUBLE, MPI_MAX, comm);
  for (auto* number :
       {&counters.asked, &counters.trusted, &counters.not_ready, &counters.late, &counters.unsure,
        &counters.outside, &counters.not_a_number, &counters.out_of_range, &counters.observed,
        &counters.dropped, &counters.quarantined})
    MPI_Allreduce(MPI_IN_PLACE, number, 1, MPI_INT64_T, MPI_SUM, comm);
  int solved_here = all_solved ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &solved_here, 1, MPI_INT, MPI_MIN, comm);
  all_solved = solved_here != 0;
}

double History::chemistry() const
{
  return std::accumulate(chemistry_seconds.begin(), chemistry_seconds.end(), 0.0);
}

double History::trusted_fraction() const
{
  const auto all = std::accumulate(asked.begin(), asked.end(), std::int64_t{0});
  const auto used = std::accumulate(trusted.begin(), trusted.end(), std::int64_t{0});
  return all > 0 ? static_cast<double>(used) / static_cast<double>(all) : 0;
}

}  // namespace inner
