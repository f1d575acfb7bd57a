/// What a process holds of MPI and of the system, so that what is left over can be counted.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace bench {

/// One figure of a census; `allowed`: by how much it may be larger at the end of a run.
struct Figure {
  const char* what;
  std::int64_t allowed;
};

// Splits at random are not alike, so a few more of a thing than before are no leak; one in a
// hundred splits is. Handles are those numbers that MPI gives to Fortran, of which Open MPI takes
// the lowest that is free. Memory includes what models and buffers have learned.
inline constexpr std::array<Figure, 9> census_figures{{{"open windows", 4},
                                                       {"open communicators", 4},
                                                       {"communicator handle", 8},
                                                       {"datatype handle", 8},
                                                       {"group handle", 8},
                                                       {"file descriptors", 4},
                                                       {"mapped regions", 64},
                                                       {"shared files", 8},
                                                       {"resident KiB", 32768}}};

using Census = std::array<std::int64_t, census_figures.size()>;

/// Of this process: `windows` and `communicators` that it has made and not freed.
Census census(std::int64_t windows, std::int64_t communicators);

/// The larger figure of both, for each.
Census larger(const Census& a, const Census& b);

}  // namespace bench
