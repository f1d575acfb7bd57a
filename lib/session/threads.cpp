#include "session/threads.hpp"

#include "mpi/comm.hpp"

#include <sched.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace cardan {

int threads_for(MPI_Comm node)
{
  cpu_set_t mine;
  CPU_ZERO(&mine);
  if (sched_getaffinity(0, sizeof mine, &mine) != 0) return 1;
  std::vector<cpu_set_t> masks(static_cast<std::size_t>(mpi::size(node)));
  mpi::check(MPI_Allgather(&mine, sizeof mine, MPI_BYTE, masks.data(), sizeof mine, MPI_BYTE, node),
             "MPI_Allgather");
  const auto alike = std::count_if(
      masks.begin(), masks.end(), [&](const cpu_set_t& other) { return CPU_EQUAL(&mine, &other); });
  return std::max(1, CPU_COUNT(&mine) / static_cast<int>(alike));
}

}  // namespace cardan
