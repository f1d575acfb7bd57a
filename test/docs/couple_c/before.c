#include "furnace.h"

#include <stdio.h>

enum { CELLS = 256, STEPS = 200 };

int main(int argc, char** argv)
{
  static struct cell cells[CELLS];
  MPI_Init(&argc, &argv);
  furnace_light(MPI_COMM_WORLD, cells, CELLS);
  for (int step = 0; step < STEPS; ++step) {
    for (int i = 0; i < CELLS; ++i) furnace_burn(&cells[i]);
    furnace_conduct(MPI_COMM_WORLD, cells, CELLS);
  }
  const double mean = furnace_mean(MPI_COMM_WORLD, cells, CELLS);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0) printf("mean temperature %.6f\n", mean);
  MPI_Finalize();
  return 0;
}
