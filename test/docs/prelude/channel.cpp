// What stands around README.md's example of a channel.
#include <mpi.h>

#include <cstdint>
#include <vector>

namespace cardan {
class Extents;
}
void advance(std::vector<double>& u);
void look_at(std::int64_t step, const double* u, const cardan::Extents& shape);
void couple(MPI_Comm comm, std::int64_t steps);

// The block.
