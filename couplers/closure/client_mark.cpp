// Deterministic runs: the client's marks, and its waits for room.

#include "couplers/closure/client.hpp"
#include "couplers/closure/mark.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

namespace cardan {

void Surrogate::Implementation::mark(std::int64_t checkpoint)
{
  if (!takes_turns_ || !streams_->observation) return;
  for (auto& lane : streams_->observation->out())
    if (room(lane)) lane.publish(closure::Mark{checkpoint}.header());
}

void Surrogate::Implementation::begin_predict()
{
  if (!takes_turns_) return;
  ++predictions_;
  mark(0);
}

bool Surrogate::Implementation::wait(channel::OutLane& lane)
{
  const bool free = mpi::wait_until([&] { return lane.room(); }, context_.deadline());
  if (!free) fall_out_of_step("room for samples");
  return free;
}

void Surrogate::Implementation::fall_out_of_step(const char* what)
{
  in_step_ = false;
  log(
      fmt::format("surrogate '{}' waited {:g} s for {} in step {}: the run goes on, but it is not "
                  "deterministic from here on. Give training more time in [run] deadline.",
                  settings_.name, context_.settings.deadline, what, context_.step));
}

}  // namespace cardan
