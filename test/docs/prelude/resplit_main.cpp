// What stands around a session that is split anew in a program of one's own.
#include <cardan/cardan.hpp>

void simulate(cardan::Session& session);
int start(MPI_Comm comm);

int start(MPI_Comm comm)
{
  // The block.
  return status;
}
