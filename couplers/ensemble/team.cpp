#include "couplers/ensemble/team.hpp"

namespace cardan::ensemble {

Team::Team(MPI_Comm part, const Deal& deal, mpi::Alarm& alarm, double patience)
    : alarm_(alarm),
      patience_(patience),
      number_(deal.team(mpi::rank(part))),
      part_(deal.part(mpi::rank(part))),
      members_(deal.members_of(number_))
{
  if (deal.ranks_per_member > 1) comm_ = mpi::split(part, works() ? number_ : MPI_UNDEFINED);
}

// Without blocking, so that an error elsewhere ends the wait.
void Team::tell(const Order& order)
{
  if (alone()) return;
  order_ = order;
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Ibcast(&order_, sizeof order_, MPI_BYTE, 0, comm_.get(), &request), "MPI_Ibcast");
  alarm_.wait(request, mpi::Deadline::in(patience_), "the orders of a member's ranks");
}

Order Team::listen()
{
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Ibcast(&order_, sizeof order_, MPI_BYTE, 0, comm_.get(), &request), "MPI_Ibcast");
  alarm_.wait(request, mpi::Deadline::in(patience_), "the orders of a member's first rank");
  return order_;
}

Team::Outcome Team::agree(Outcome mine)
{
  if (alone()) return mine;
  outcome_ = static_cast<int>(mine);
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Iallreduce(MPI_IN_PLACE, &outcome_, 1, MPI_INT, MPI_MAX, comm_.get(), &request),
             "MPI_Iallreduce");
  alarm_.wait(request, mpi::Deadline::in(patience_), "the segment of a member's ranks");
  return static_cast<Outcome>(outcome_);
}

void Team::wait_for_error()
{
  static_cast<void>(alarm_.wait_until([] { return false; }, mpi::Deadline::in(patience_)));
  mpi::throw_late("the segment of a member's ranks");
}

}  // namespace cardan::ensemble
