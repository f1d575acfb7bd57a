#include "team.hpp"

#include <unistd.h>

namespace bench {

namespace {

double reduce(const Team& team, double value, MPI_Op operation)
{
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, operation, team.comm);
  return value;
}

}  // namespace

Team make_team(MPI_Comm world, int producers, int consumers)
{
  int rank = 0;
  MPI_Comm_rank(world, &rank);
  Team team{MPI_COMM_NULL, rank, producers, consumers};
  const bool takes_part = rank < producers + consumers;
  MPI_Comm_split(world, takes_part ? 0 : MPI_UNDEFINED, rank, &team.comm);
  return team;
}

void disband(MPI_Comm world, Team& team)
{
  // Those that wait in MPI would take the cores from those that are measured.
  MPI_Request all_here = MPI_REQUEST_NULL;
  MPI_Ibarrier(world, &all_here);
  int done = 0;
  while (true) {
    MPI_Test(&all_here, &done, MPI_STATUS_IGNORE);
    if (done != 0) break;
    usleep(team.comm == MPI_COMM_NULL ? 20000 : 100);
  }
  if (team.comm != MPI_COMM_NULL) MPI_Comm_free(&team.comm);
}

double largest(const Team& team, double value)
{
  return reduce(team, value, MPI_MAX);
}
double smallest(const Team& team, double value)
{
  return reduce(team, value, MPI_MIN);
}
double total(const Team& team, double value)
{
  return reduce(team, value, MPI_SUM);
}

}  // namespace bench
