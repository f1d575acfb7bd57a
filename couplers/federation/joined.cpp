#include "couplers/federation/joined.hpp"

#include "mpi/comm.hpp"

#include <cstring>
#include <exception>
#include <string>

namespace cardan::federation {

namespace {

MPI_Datatype mpi_type(Dtype dtype)
{
  return dtype == Dtype::float64 ? MPI_DOUBLE : MPI_FLOAT;
}

}  // namespace

void add(MPI_Comm comm, double patience, std::span<double> numbers, const char* what)
{
  if (mpi::size(comm) == 1) return;
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Iallreduce(MPI_IN_PLACE, numbers.data(), static_cast<int>(numbers.size()),
                            MPI_DOUBLE, MPI_SUM, comm, &request),
             "MPI_Iallreduce");
  mpi::wait(request, mpi::Deadline::in(patience), what);
}

// A rank that fails goes on to the end of the sums, so that no other waits for it.
double differentiate(Learner& learner, const Batch& inputs, const Batch& targets, MPI_Comm comm,
                     double patience, const char* whose)
{
  if (mpi::size(comm) == 1) return learner.differentiate(inputs, targets, 1, [](std::size_t) {});
  const std::string gradients = std::string("the gradients ") + whose;
  double count = static_cast<double>(inputs.count);
  add(comm, patience, {&count, 1}, (std::string("the mini-batches ") + whose).c_str());
  const double weight = count > 0 ? static_cast<double>(inputs.count) / count : 0;
  std::exception_ptr failure;
  double numbers[2] = {0, 0};
  const auto clear = [&] {
    for (const Bucket& bucket : learner.buckets())
      std::memset(bucket.data, 0, bucket.count * static_cast<std::size_t>(size_of(bucket.dtype)));
  };
  try {
    if (inputs.count > 0)
      numbers[0] = weight * learner.differentiate(inputs, targets, weight, [](std::size_t) {});
    else
      clear();
  } catch (...) {
    failure = std::current_exception();
    numbers[1] = 1;
    clear();
  }
  add(comm, patience, numbers, (std::string("the losses ") + whose).c_str());
  if (numbers[1] > 0)
    mpi::together(comm, mpi::Deadline::in(patience), [&] {
      if (failure) std::rethrow_exception(failure);
    });
  for (const Bucket& bucket : learner.buckets()) {
    MPI_Request request = MPI_REQUEST_NULL;
    mpi::check(MPI_Iallreduce(MPI_IN_PLACE, bucket.data, static_cast<int>(bucket.count),
                              mpi_type(bucket.dtype), MPI_SUM, comm, &request),
               "MPI_Iallreduce");
    mpi::wait(request, mpi::Deadline::in(patience), gradients.c_str());
  }
  return numbers[0];
}

}  // namespace cardan::federation
