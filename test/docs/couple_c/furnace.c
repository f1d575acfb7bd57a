#include "furnace.h"

#include <math.h>

void furnace_light(MPI_Comm comm, struct cell* cells, int count)
{
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  for (int i = 0; i < count; ++i) {
    cells[i] = (struct cell){.temperature = 1 + 0.5 * sin(0.1 * (i + 1) + rank),
                             .fuel = 0.5 + 0.4 * cos(0.07 * (i + 1) - rank)};
  }
}

void furnace_burn(struct cell* cell)
{
  const double dt = 5e-5;
  double t = cell->temperature;
  double fuel = cell->fuel;
  for (int step = 0; step < 1000; ++step) {
    const double rate = 5 * exp(-2 / t) * fuel;
    t += dt * (3 * rate - t);
    fuel += dt * (1 - fuel - rate);
  }
  cell->burnt_temperature = t;
  cell->burnt_fuel = fuel;
}

void furnace_conduct(MPI_Comm comm, struct cell* cells, int count)
{
  int rank = 0;
  int ranks = 0;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  const int left = (rank + ranks - 1) % ranks;
  const int right = (rank + 1) % ranks;
  double before = 0;
  double after = 0;
  MPI_Sendrecv(&cells[count - 1].burnt_temperature, 1, MPI_DOUBLE, right, 0, &before, 1, MPI_DOUBLE,
               left, 0, comm, MPI_STATUS_IGNORE);
  MPI_Sendrecv(&cells[0].burnt_temperature, 1, MPI_DOUBLE, left, 1, &after, 1, MPI_DOUBLE, right, 1,
               comm, MPI_STATUS_IGNORE);
  for (int i = 0; i < count; ++i) {
    const double here = cells[i].burnt_temperature;
    const double west = i == 0 ? before : cells[i - 1].burnt_temperature;
    const double east = i + 1 == count ? after : cells[i + 1].burnt_temperature;
    cells[i].temperature = here + 0.1 * (west - 2 * here + east);
    cells[i].fuel = cells[i].burnt_fuel;
  }
}

double furnace_mean(MPI_Comm comm, const struct cell* cells, int count)
{
  double own[] = {0, count};
  double all[] = {0, 0};
  for (int i = 0; i < count; ++i) own[0] += cells[i].temperature;
  MPI_Allreduce(own, all, 2, MPI_DOUBLE, MPI_SUM, comm);
  return all[0] / all[1];
}
