/* A furnace: rows of cells that burn, each by itself, and conduct heat to their neighbours. */
#ifndef FURNACE_H
#define FURNACE_H

#include <mpi.h>

/* A cell before and after it has burnt. */
struct cell {
  double temperature, fuel;
  double burnt_temperature, burnt_fuel;
  long born;
};

void furnace_light(MPI_Comm comm, struct cell* cells, int count);
/* The expensive part: one cell, in small steps. */
void furnace_burn(struct cell* cell);
/* The cheap part, which wants the neighbours. */
void furnace_conduct(MPI_Comm comm, struct cell* cells, int count);
/* Over all ranks; collective. */
double furnace_mean(MPI_Comm comm, const struct cell* cells, int count);

#endif
