/* What stands around a steered walker in C. */
#include <cardan/cardan.h>

#include <stdlib.h>

static void check(cardan_status status)
{
  if (status != CARDAN_OK) exit(1);
}
void advance(double* state, const double* centre, double height);
void walk(cardan_session* session, double* state);

void walk(cardan_session* session, double* state)
{
  // The block.
}
