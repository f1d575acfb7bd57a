/// Gradients of one mini-batch that is spread over ranks.
#pragma once

#include <cardan/model.hpp>

#include <mpi.h>

#include <span>

namespace cardan::federation {

/// Collective: adds numbers of all ranks. Throws Late, naming `what`, after `patience` seconds.
void add(MPI_Comm comm, double patience, std::span<double> numbers, const char* what);

/// Collective over `comm`: the mean loss over all ranks' samples, each of which counts the same,
/// and its gradient in the buckets of all. An error of one rank is the same error on all. `whose`:
/// for Late, "of a silo", say.
double differentiate(Learner& learner, const Batch& inputs, const Batch& targets, MPI_Comm comm,
                     double patience, const char* whose);

}  // namespace cardan::federation
