/// The average of gradients over the training ranks, bucket by bucket beside the backward pass.
#pragma once

#include "mpi/deadline.hpp"

#include <cardan/model.hpp>

#include <mpi.h>

#include <cstddef>
#include <vector>

namespace cardan::closure {

class Gradients {
 public:
  /// `comm`: the training ranks; outlives this. `deadline` in seconds for each wait.
  Gradients(MPI_Comm comm, double deadline) : comm_(comm), deadline_(deadline) {}
  /// Collective over the training ranks: `count` samples of this rank (the same number on all ranks
  /// that have any), or none. Averages gradients as if one rank had the joined batch, and gives the
  /// joined mean loss; `participants` ranks have samples. Throws `Late` where a rank does not come.
  double average(Learner& learner, const Batch& inputs, const Batch& targets, int participants);

 private:
  void start(const Bucket& bucket);
  void progress();
  void await();

  MPI_Comm comm_;
  double deadline_;
  std::vector<MPI_Request> requests_;
};

}  // namespace cardan::closure
