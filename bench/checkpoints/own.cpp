#include "checkpoints/own.hpp"

#include "mpi/comm.hpp"
#include "mpi/deadline.hpp"
#include "team.hpp"

#include <cardan/error.hpp>

#include <sys/mman.h>

#include <cstring>
#include <optional>

namespace bench {

namespace {

namespace checkpoint = cardan::checkpoint;
constexpr double patience = 300;

checkpoint::WriterSettings settings(const std::string& base)
{
  checkpoint::WriterSettings asked;
  asked.file = base;
  // Who measures takes them away, beside the clock.
  asked.keep = 1 << 20;
  asked.patience = patience;
  return asked;
}

}  // namespace

Own::Own(MPI_Comm comm, const std::string& base) : comm_(comm), writer_(comm, settings(base)) {}

Took Own::write(const Part& part)
{
  int rank = 0;
  MPI_Comm_rank(comm_, &rank);
  MPI_Barrier(comm_);
  Took took;
  const double begin = now();
  checkpoint::Snapshot snapshot;
  snapshot.add("fields/state", part.field());
  writer_.begin({++sequence_, sequence_, checkpoint::now()}, snapshot.take(), false);
  took.caller = now() - begin;
  std::optional<checkpoint::Outcome> outcome;
  const bool ended = cardan::mpi::wait_until(
      [&] {
        writer_.poll();
        if (rank == 0 && !outcome) outcome = writer_.outcome();
        return writer_.idle() && (rank != 0 || outcome);
      },
      cardan::mpi::Deadline::in(patience));
  took.whole = now() - begin;
  cardan::mpi::together(comm_, cardan::mpi::Deadline::in(patience), [&] {
    if (!ended) throw cardan::Error{"a checkpoint was not written in time"};
    if (outcome && !outcome->failure.empty()) throw cardan::Error{outcome->failure};
  });
  return took;
}

double copy_plainly(const Part& part)
{
  const double begin = now();
  void* to =
      ::mmap(nullptr, part.bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (to == MAP_FAILED) throw cardan::Error{"there is no memory for a copy"};
  std::memcpy(to, part.values().data(), part.bytes());
  const double took = now() - begin;
  // Looked at, so that nobody leaves the copy out.
  const bool same = std::memcmp(to, part.values().data(), part.bytes()) == 0;
  ::munmap(to, part.bytes());
  if (!same) throw cardan::Error{"a copy differs"};
  return took;
}

}  // namespace bench
