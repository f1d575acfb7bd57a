// Channels of C: fields are declared from arrays, and moved between them.

#include "c/channel.hpp"

namespace cardan::c {

namespace {

ChannelOptions options_of(const char* name, const cardan_channel_options* given)
{
  ChannelOptions options;
  options.name = text_of(name, "name");
  if (given == nullptr) return options;
  if (given->depth < 0 || given->deadline < 0 || given->every < 0)
    throw Misuse{"the options of channel '" + options.name + "' have a negative number",
                 "depth, deadline and every are 0 or more"};
  options.depth = given->depth;
  if (given->deadline > 0) options.deadline = given->deadline;
  options.transport = enumerated<TransportKind>(given->transport, CARDAN_TWO_SIDED, "transport");
  options.between_nodes =
      enumerated<TransportKind>(given->between_nodes, CARDAN_TWO_SIDED, "between_nodes");
  options.policy = enumerated<Policy>(given->policy, CARDAN_DROP_NEWEST, "policy");
  if (given->every > 0) options.every = given->every;
  options.partial = given->partial != 0;
  return options;
}

/// Throws where the step to come could not be taken: it would be lost.
void check_taking(const ChannelState& state)
{
  for (std::size_t f = 0; f < state.declared.size(); ++f) {
    const FieldSpec& spec = state.declared[f];
    if (!spec.box)
      throw Error{"channel '" + state.options.name + "': take of a batch",
                  "batches vary in size and come from any producer", "Use peek."};
    const Field& field = state.consumed.fields()[f].field;
    if (field.dtype() != spec.dtype || field.shape() != spec.shape)
      throw Error{"channel '" + state.options.name + "': '" + spec.name +
                      "' cannot be taken into a field of " + to_string(field.dtype()) + " " +
                      to_string(field.shape()),
                  std::string("it is ") + to_string(spec.dtype) + " " + to_string(spec.shape)};
  }
}

}  // namespace

}  // namespace cardan::c

namespace {

using cardan::c::behind;
using cardan::c::ChannelState;
using cardan::c::free_handed;
using cardan::c::needed;
using cardan::c::producing;
using cardan::c::started;
using cardan::c::translate;

}  // namespace

cardan_status cardan_channel_open(cardan_session* session, MPI_Comm comm, const char* name,
                                  const cardan_channel_options* options, cardan_channel** channel)
{
  return translate([&] {
    needed(channel, "channel") = nullptr;
    cardan::c::check_mpi(comm);
    auto state = std::make_unique<ChannelState>();
    state->comm = comm;
    state->options = cardan::c::options_of(name, options);
    cardan::c::SessionState* parent =
        session != nullptr ? &cardan::c::state_of(session, "session") : nullptr;
    if (parent != nullptr) state->session = &parent->session;
    *channel = cardan::c::make<cardan_channel>(std::move(state));
    if (parent != nullptr) parent->opened.push_back(*channel);
  });
}

cardan_status cardan_channel_open_fint(cardan_session* session, MPI_Fint comm, const char* name,
                                       const cardan_channel_options* options,
                                       cardan_channel** channel)
{
  return cardan_channel_open(session, cardan::c::comm_of(comm), name, options, channel);
}

cardan_status cardan_channel_produce(cardan_channel* channel, const char* name,
                                     const cardan_array* array)
{
  return translate([&] {
    auto& state = behind(channel);
    state.produced.bind(state.session, name, array);
  });
}

cardan_status cardan_channel_consume(cardan_channel* channel, const char* name,
                                     const cardan_array* array)
{
  return translate([&] {
    auto& state = behind(channel);
    state.consumed.bind(state.session, name, array);
  });
}

cardan_status cardan_channel_start(cardan_channel* channel)
{
  return translate([&] {
    auto& state = behind(channel);
    if (state.channel) cardan::c::refuse(state, "is started already", "Start it once.");
    auto declared = state.consumed.specs();
    state.channel = std::make_unique<cardan::Channel>(state.comm, state.options,
                                                      state.produced.specs(), declared);
    state.declared = std::move(declared);
    const std::string owner = "channel '" + state.options.name + "'";
    state.produced.fix(owner, "produced field");
    state.consumed.fix(owner, "consumed field");
  });
}

cardan_status cardan_channel_put(cardan_channel* channel, int64_t step)
{
  return translate([&] {
    auto& state = producing(channel);
    state.channel->put(step, state.produced.fields());
  });
}

cardan_status cardan_channel_take(cardan_channel* channel, cardan_pick pick, int64_t* step,
                                  int* taken)
{
  return translate([&] {
    auto& state = free_handed(channel);
    std::int64_t& number = needed(step, "step");
    int& some = needed(taken, "taken");
    const auto which = cardan::c::enumerated<cardan::Pick>(pick, CARDAN_LATEST, "pick");
    cardan::c::check_taking(state);
    const auto found = state.channel->take(state.consumed.fields(), which);
    some = found ? 1 : 0;
    if (found) number = *found;
  });
}

cardan_status cardan_channel_finish(cardan_channel* channel)
{
  return translate([&] {
    auto& state = free_handed(channel);
    state.channel->close();
    state.finished = true;
  });
}

cardan_status cardan_channel_rebox(cardan_channel* channel)
{
  return translate([&] {
    auto& state = free_handed(channel);
    auto declared = state.consumed.specs();
    state.channel->rebox(state.produced.specs(), declared);
    state.declared = std::move(declared);
  });
}

cardan_status cardan_channel_close(cardan_channel** channel)
{
  return translate([&] { cardan::c::take(channel, "channel").reset(); });
}

cardan_status cardan_channel_counted(cardan_channel* channel, cardan_channel_counters* counters)
{
  return translate([&] {
    const cardan::ChannelCounters& from = started(channel).channel->counters();
    needed(counters, "counters") = {from.put,         from.skipped, from.written, from.dropped,
                                    from.overwritten, from.taken,   from.missed,  from.waited};
  });
}

cardan_status cardan_channel_about(cardan_channel* channel, cardan_transport* transport, int* depth,
                                   size_t* window_bytes, int* peers)
{
  return translate([&] {
    const cardan::Channel& open = *started(channel).channel;
    if (transport != nullptr) *transport = static_cast<cardan_transport>(open.transport());
    if (depth != nullptr) *depth = open.depth();
    if (window_bytes != nullptr) *window_bytes = open.window_bytes();
    if (peers != nullptr) *peers = open.peers();
  });
}
