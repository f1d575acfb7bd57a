// The ML ranks' loop: do what the services have to do, open what the simulation asks for, leave at
// its end.

#include "couplers/closure/service.hpp"
#include "session/implementation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace cardan {

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

void Session::Implementation::open_service(int index)
{
  services_.push_back(
      closure::serve(context, surrogates[static_cast<std::size_t>(index)], ml_library));
  ml_library = fmt::format("{} on {} thread{}", ml_library, context.threads,
                           context.threads == 1 ? "" : "s");
  mpi::broadcast(context.everyone.get(), ml_library, context.first(&Roles::inference),
                 context.deadline());
  if (context.restart != nullptr)
    mpi::together(context.everyone.get(), context.deadline(),
                  [&] { services_.back()->restore(*context.restart); });
}

/// All services are held: what they add is copied, and written in the background.
void Session::Implementation::write_checkpoint(std::int64_t sequence)
{
  checkpoint::Snapshot snapshot;
  for (auto& service : services_) service->snapshot(snapshot);
  checkpoints->write(sequence, std::move(snapshot));
}

/// Does what there is for one duty. Who was just answered is likely to ask again within a
/// microsecond: it is worth a few more looks before the others have their turn, but not so many
/// that they starve.
bool Session::Implementation::attend(Duty& duty)
{
  constexpr int looks = 32;
  constexpr int turns = 16;
  bool worked = false;
  for (int turn = 0; turn < turns; ++turn) {
    bool found = duty.poll();
    for (int look = 1; worked && !found && look < looks; ++look) found = duty.poll();
    if (!found) break;
    worked = true;
  }
  return worked;
}

// A message may have this rank wait for others, so it is acted on when none of the services' ranks
// waits for this one; a checkpoint also when the one before it is written.
int Session::Implementation::serve()
{
  if (!std::exchange(warm_, true)) warm_up();
  mpi::Waiter idle{mpi::Waiter::Manner::patient};
  std::optional<Control::Message> message;
  bool ending = false;
  while (true) {
    checkpoints->poll();
    if (!ending && !message && control.waiting()) message = control.take();
    if (message && message->kind == Control::Kind::split) context.parting = true;
    const bool ready =
        message && (message->kind != Control::Kind::checkpoint || checkpoints->idle());
    const bool writes = ready && message->kind == Control::Kind::checkpoint;
    bool worked = ready;
    for (auto& service : services_) {
      service->hold(ready, writes ? message->index : 0);
      worked = service->poll() || worked;
    }
    for (auto& end : ends_) {
      end->hold(ready);
      worked = attend(*end) || worked;
    }
    const auto every = [&](auto&& what) {
      const auto holds = [&](auto& duty) { return what(*duty); };
      return std::all_of(services_.begin(), services_.end(), holds) &&
             std::all_of(ends_.begin(), ends_.end(), holds);
    };
    if (ending && checkpoints->idle() && every([](Duty& duty) { return duty.finished(); }))
      return 0;
    if (ready && every([](Duty& duty) { return duty.held(); })) {
      const auto next = *std::exchange(message, std::nullopt);
      if (next.kind == Control::Kind::checkpoint) write_checkpoint(next.sequence);
      for (auto* duties : {&services_, &ends_})
        for (auto& duty : *duties) duty->hold(false);
      if (next.kind == Control::Kind::failed) {
        // The first simulation rank has failed; others may be a step behind and wait for an answer.
        for (auto& service : services_) service->close();
        for (auto& end : ends_) end->close();
        failed_ = true;
        return 1;
      }
      ending = next.kind == Control::Kind::end || next.kind == Control::Kind::split;
      if (next.kind == Control::Kind::field) checkpoints->give_field(next.index);
      if (next.kind == Control::Kind::open) open_service(next.index);
      if (next.kind == Control::Kind::open_coupler) {
        ends_.push_back(serve_coupler(context, couplers[static_cast<std::size_t>(next.index)]));
        if (const auto* before = heirlooms_.reader()) ends_.back()->restore(*before);
      }
    }
    if (worked)
      idle = mpi::Waiter{mpi::Waiter::Manner::patient};
    else
      idle.pause();
  }
}

}  // namespace cardan
