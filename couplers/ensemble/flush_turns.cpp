#include "couplers/ensemble/flush_turns.hpp"

#include <algorithm>
#include <utility>

namespace cardan::ensemble {

namespace {

bool test(MPI_Request& request)
{
  int done = 0;
  mpi::check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
  return done != 0;
}

}  // namespace

FlushTurns::FlushTurns(MPI_Comm comm, double patience, std::function<void()> flush)
    : comm_(mpi::duplicate(comm)), patience_(patience), flush_(std::move(flush))
{}

// What some ranks have begun and others have not is completed before the communicator is freed.
FlushTurns::~FlushTurns()
{
  if (!comm_ || !mpi::alive()) return;
  if (state_ == State::called) answer(false);
  std::int64_t most = rounds_;
  MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_INT64_T, MPI_MAX, comm_.get());
  MPI_Wait(&calls_, MPI_STATUS_IGNORE);
  MPI_Wait(&answers_, MPI_STATUS_IGNORE);
  while (rounds_ < most) {
    call();
    answer(false);
    MPI_Wait(&calls_, MPI_STATUS_IGNORE);
    MPI_Wait(&answers_, MPI_STATUS_IGNORE);
  }
}

void FlushTurns::abandon() noexcept
{
  static_cast<void>(comm_.leave());
}

void FlushTurns::call()
{
  ++rounds_;
  mpi::check(MPI_Ibarrier(comm_.get(), &calls_), "MPI_Ibarrier");
  state_ = State::called;
}

void FlushTurns::answer(bool comes)
{
  mine_ = comes ? 1 : 0;
  mpi::check(MPI_Iallreduce(&mine_, &all_, 1, MPI_INT, MPI_MIN, comm_.get(), &answers_),
             "MPI_Iallreduce");
  state_ = comes ? State::promised : State::away;
}

void FlushTurns::look_at_promises(bool wait)
{
  if (wait)
    mpi::wait(answers_, mpi::Deadline::in(patience_), "a flush of the decision log");
  else if (!test(answers_))
    return;
  state_ = State::idle;
  if (all_ != 0) flush_();
}

void FlushTurns::poll(bool wish)
{
  switch (state_) {
    case State::idle:
      if (wish) call();
      return;
    case State::called:
      if (test(calls_)) answer(true);
      return;
    case State::promised: look_at_promises(false); return;
    // It said no in the last run; the others have to have heard it.
    case State::away:
      if (test(calls_) && test(answers_)) state_ = State::idle;
      return;
  }
}

void FlushTurns::leave()
{
  if (state_ == State::called) answer(false);
  if (state_ == State::promised) look_at_promises(true);
}

}  // namespace cardan::ensemble
