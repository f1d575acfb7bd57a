// The problem as the run file and the command line say it.
#pragma once

#include "reactor.hpp"

#include <cardan/config.hpp>

#include <mpi.h>
#include <cstdint>
#include <optional>
#include <string>

namespace inner {

// What the command line may put in the place of the run file's [inner] table.
struct Overrides {
  std::optional<std::int64_t> grid;  // cells along each axis
  std::optional<std::int64_t> steps;
  std::optional<std::string> initial;
};

struct Problem {
  Settings settings;
  std::int64_t steps = 0;
  std::string initial;  // a profile's name, or an HDF5 file's
};

// Reads [inner]; throws cardan::Error with file and line.
Problem read_problem(const cardan::Config& table, const Overrides& overrides);

// Collective over `comm`. Sets the reactor's state: a named profile, or the array `state` (ny, nx,
// 3) of an HDF5 file.
void set_initial_state(MPI_Comm comm, Reactor& reactor, const Problem& problem, std::uint64_t seed);

}  // namespace inner
