/* What stands around the steps of a run that can go on later. */
#include <cardan/cardan.h>

#include <stdlib.h>

enum { CELLS = 256, STEPS = 200 };
struct cell {
  double temperature, fuel;
};

static void check(cardan_status status)
{
  if (status != CARDAN_OK) exit(1);
}
void furnace_light(MPI_Comm comm, struct cell* cells, int count);
void furnace_advance(MPI_Comm comm, struct cell* cells, int count);
void simulate(cardan_session* session, MPI_Comm comm, struct cell* cells,
              const cardan_array* state);

void simulate(cardan_session* session, MPI_Comm comm, struct cell* cells, const cardan_array* state)
{
  // The block.
}
