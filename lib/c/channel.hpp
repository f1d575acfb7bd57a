/// What is behind a channel's handle.
#pragma once

#include "c/array.hpp"
#include "c/handles.hpp"

#include <cardan/channel.hpp>

namespace cardan::c {

struct ChannelState {
  /// Null for a channel without a session.
  const Session* session = nullptr;
  MPI_Comm comm = MPI_COMM_NULL;
  ChannelOptions options;
  Bound produced;
  Bound consumed;
  std::unique_ptr<Channel> channel;
  /// What is consumed, as the channel knows it.
  std::vector<FieldSpec> declared;
  bool finished = false;
  std::optional<Arrival> arrival;
  std::optional<Claim> claim;

  /// What is held goes back before the channel does.
  ~ChannelState()
  {
    arrival.reset();
    claim.reset();
  }
};

[[noreturn]] inline void refuse(const ChannelState& state, const char* problem, const char* remedy)
{
  throw Misuse{"channel '" + state.options.name + "' " + problem, "", remedy};
}

}  // namespace cardan::c

struct cardan_channel : cardan::c::Shell<cardan::c::ChannelState> {};

namespace cardan::c {

inline ChannelState& behind(cardan_channel* channel)
{
  return state_of(channel, "channel");
}

inline ChannelState& started(cardan_channel* channel)
{
  auto& state = behind(channel);
  if (!state.channel)
    refuse(state, "is not started", "Declare its fields, then start it on all ranks.");
  return state;
}

/// One peek or claim at a time.
inline ChannelState& free_handed(cardan_channel* channel)
{
  auto& state = started(channel);
  if (state.arrival || state.claim)
    refuse(state, "still has a step in hand", "Publish or release it first.");
  return state;
}

/// A producer that has not said that nothing more will come.
inline ChannelState& producing(cardan_channel* channel)
{
  auto& state = free_handed(channel);
  if (state.finished) refuse(state, "is finished", "Put all steps before.");
  return state;
}

}  // namespace cardan::c
