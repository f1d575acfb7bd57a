#include "couplers/closure/gradients.hpp"

#include "mpi/comm.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

namespace cardan::closure {

void Gradients::start(const Bucket& bucket)
{
  requests_.push_back(MPI_REQUEST_NULL);
  mpi::check(MPI_Iallreduce(MPI_IN_PLACE, bucket.data, static_cast<int>(bucket.count),
                            bucket.dtype == Dtype::float64 ? MPI_DOUBLE : MPI_FLOAT, MPI_SUM, comm_,
                            &requests_.back()),
             "MPI_Iallreduce");
}

/// Open MPI moves nothing on its own: sums that are under way get a turn whenever a bucket is done.
void Gradients::progress()
{
  for (auto& request : requests_) {
    if (request == MPI_REQUEST_NULL) continue;
    int done = 0;
    mpi::check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
  }
}

// All sums move while they are waited for. Who yields a core that others want as well gets it back
// only a time slice later, and a sum takes several turns of each rank; who sleeps is woken at once.
// So a rank whose turn took long sleeps from then on.
void Gradients::await()
{
  using Clock = std::chrono::steady_clock;
  constexpr auto long_turn = std::chrono::microseconds(100);
  constexpr auto nap = std::chrono::microseconds(20);
  const auto deadline = mpi::Deadline::in(deadline_);
  mpi::Waiter waiter{mpi::Waiter::Manner::patient};
  bool crowded = false;
  for (int turn = 0;; ++turn) {
    int done = 0;
    mpi::check(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done,
                           MPI_STATUSES_IGNORE),
               "MPI_Testall");
    if (done != 0) return;
    if (turn % 16 == 15 && deadline.passed()) mpi::throw_late("training (gradients)");
    if (crowded) {
      std::this_thread::sleep_for(nap);
      continue;
    }
    const auto before = Clock::now();
    waiter.pause();
    crowded = Clock::now() - before > long_turn;
  }
}

// A bucket is summed while the backward pass computes those before it. All ranks sum in the same
// order, and the sum is the same on all of them to the last bit, since each piece of it is computed
// once or by commuting the two operands of one addition.
double Gradients::average(Learner& learner, const Batch& inputs, const Batch& targets,
                          int participants)
{
  const bool alone = mpi::size(comm_) == 1;
  const double weight = 1.0 / participants;
  requests_.clear();
  requests_.reserve(learner.buckets().size() + 1);
  double loss = 0;
  const auto whole = [&](std::size_t bucket) {
    if (alone) return;
    progress();
    start(learner.buckets()[bucket]);
  };
  if (inputs.count > 0) {
    loss = weight * learner.differentiate(inputs, targets, weight, whole);
  } else {
    for (std::size_t b = 0; b < learner.buckets().size(); ++b) {
      const Bucket& bucket = learner.buckets()[b];
      std::memset(bucket.data, 0, bucket.count * static_cast<std::size_t>(size_of(bucket.dtype)));
      whole(b);
    }
  }
  if (alone) return loss;
  requests_.push_back(MPI_REQUEST_NULL);
  mpi::check(MPI_Iallreduce(MPI_IN_PLACE, &loss, 1, MPI_DOUBLE, MPI_SUM, comm_, &requests_.back()),
             "MPI_Iallreduce");
  await();
  return loss;
}

}  // namespace cardan::closure
