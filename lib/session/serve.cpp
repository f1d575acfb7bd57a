// The ML ranks' loop: do what the services have to do, open what the simulation asks for, leave at
// its end.

#include "couplers/closure/service.hpp"
#include "couplers/service/station.hpp"
#include "session/implementation.hpp"

#include <fmt/format.h>

namespace cardan {

bool Session::Implementation::all_done(bool mine)
{
  MPI_Comm training = context.training.get();
  // Nothing is trained where only services were opened: no rank need wait for another.
  if (training == MPI_COMM_NULL || mpi::size(training) == 1 || services_.empty()) return mine;
  const int done = mine ? 1 : 0;
  int all = 0;
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Iallreduce(&done, &all, 1, MPI_INT, MPI_MIN, training, &request),
             "MPI_Iallreduce");
  mpi::wait(request, context.deadline(), "the end of training");
  return all != 0;
}

// While the simulation sets itself up there is time to load libraries, a second or two. What cannot
// be loaded is said when the simulation asks for it, so that all ranks learn of it together.
void Session::Implementation::warm_up()
{
  for (const auto& name : surrogates) {
    try {
      closure::warm_up(context, name);
    } catch (const std::exception&) {
      continue;
    }
  }
}

int Session::Implementation::serve()
{
  warm_up();
  mpi::Waiter idle{mpi::Waiter::Manner::patient};
  bool ending = false;
  while (true) {
    bool worked = false;
    for (auto& service : services_) worked = service->poll() || worked;
    for (auto& end : ends_) worked = end->poll() || worked;
    if (ending) {
      bool done = true;
      for (auto& service : services_) done = service->finished() && done;
      for (auto& end : ends_) done = end->finished() && done;
      if (all_done(done)) break;
    } else if (const auto message = control.next(!services_.empty())) {
      if (message->kind == Control::Kind::failed) {
        // The first simulation rank has failed; others may be a step behind and wait for an answer.
        for (auto& service : services_) service->close();
        for (auto& end : ends_) end->close();
        failed_ = true;
        return 1;
      }
      ending = message->kind == Control::Kind::end;
      if (message->kind == Control::Kind::open) {
        services_.push_back(closure::serve(
            context, surrogates[static_cast<std::size_t>(message->index)], ml_library));
        ml_library = fmt::format("{} on {} thread{}", ml_library, context.threads,
                                 context.threads == 1 ? "" : "s");
        mpi::broadcast(context.everyone.get(), ml_library, context.first(&Roles::inference),
                       context.deadline());
      }
      if (message->kind == Control::Kind::open_service)
        ends_.push_back(
            service::serve(context, services[static_cast<std::size_t>(message->index)]));
      worked = true;
    }
    if (worked)
      idle = mpi::Waiter{mpi::Waiter::Manner::patient};
    else
      idle.pause();
  }
  return 0;
}

}  // namespace cardan
