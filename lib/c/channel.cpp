// Channels of C: fields are declared from arrays, and moved between them.

#include "c/array.hpp"
#include "c/handles.hpp"

#include <cardan/channel.hpp>

namespace cardan::c {

namespace {

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

[[noreturn]] void refuse(const ChannelState& state, const char* problem, const char* remedy)
{
  throw Misuse{"channel '" + state.options.name + "' " + problem, "", remedy};
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

struct cardan_channel : cardan::c::Shell<cardan::c::ChannelState> {};

namespace {

using cardan::c::ChannelState;
using cardan::c::needed;
using cardan::c::translate;

ChannelState& behind(cardan_channel* channel)
{
  return cardan::c::state_of(channel, "channel");
}

ChannelState& started(cardan_channel* channel)
{
  auto& state = behind(channel);
  if (!state.channel)
    cardan::c::refuse(state, "is not started", "Declare its fields, then start it on all ranks.");
  return state;
}

/// One peek or claim at a time.
ChannelState& free_handed(cardan_channel* channel)
{
  auto& state = started(channel);
  if (state.arrival || state.claim)
    cardan::c::refuse(state, "still has a step in hand", "Publish or release it first.");
  return state;
}

/// A producer that has not said that nothing more will come.
ChannelState& producing(cardan_channel* channel)
{
  auto& state = free_handed(channel);
  if (state.finished) cardan::c::refuse(state, "is finished", "Put all steps before.");
  return state;
}

cardan_array view_of(const ChannelState& state, const cardan::c::Bound& bound,
                     const std::string& name, const cardan::Field& field)
{
  return cardan::c::array_of(
      field.permuted(cardan::c::owners_order(state.session, name, field, bound.axes(name))));
}

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

cardan_status cardan_channel_peek(cardan_channel* channel, cardan_pick pick, int wait,
                                  int64_t* step, int* producer, int* arrived)
{
  return translate([&] {
    auto& state = free_handed(channel);
    std::int64_t& number = needed(step, "step");
    int& some = needed(arrived, "arrived");
    const auto which = cardan::c::enumerated<cardan::Pick>(pick, CARDAN_LATEST, "pick");
    auto found = wait != 0 ? state.channel->peek(which) : state.channel->try_peek(which);
    some = found ? 1 : 0;
    if (!found) return;
    state.arrival.emplace(std::move(*found));
    number = state.arrival->step();
    if (producer != nullptr) *producer = state.arrival->producer();
  });
}

cardan_status cardan_channel_arrived(cardan_channel* channel, const char* name, cardan_array* array)
{
  return translate([&] {
    auto& state = started(channel);
    if (!state.arrival) cardan::c::refuse(state, "has nothing that arrived in hand", "Peek first.");
    const std::string called = cardan::c::text_of(name, "name");
    needed(array, "array") = view_of(state, state.consumed, called, state.arrival->field(called));
    array->read_only = 1;
  });
}

cardan_status cardan_channel_claim(cardan_channel* channel, int64_t step, int* granted)
{
  return translate([&] {
    auto& state = producing(channel);
    int& some = needed(granted, "granted");
    auto claim = state.channel->claim(step);
    some = claim ? 1 : 0;
    if (claim) state.claim.emplace(std::move(*claim));
  });
}

cardan_status cardan_channel_claimed(cardan_channel* channel, const char* name, cardan_array* array,
                                     int* in_place)
{
  return translate([&] {
    auto& state = started(channel);
    if (!state.claim) cardan::c::refuse(state, "has no claim in hand", "Claim first.");
    const std::string called = cardan::c::text_of(name, "name");
    needed(array, "array") = view_of(state, state.produced, called, state.claim->field(called));
    if (in_place != nullptr) *in_place = state.claim->in_place() ? 1 : 0;
  });
}

cardan_status cardan_channel_publish(cardan_channel* channel, int64_t samples)
{
  return translate([&] {
    auto& state = started(channel);
    if (!state.claim) cardan::c::refuse(state, "has no claim in hand", "Claim first.");
    if (samples < 0)
      state.claim->publish();
    else
      state.claim->publish(samples);
    state.claim.reset();
  });
}

cardan_status cardan_channel_release(cardan_channel* channel)
{
  return translate([&] {
    auto& state = started(channel);
    if (!state.arrival && !state.claim)
      cardan::c::refuse(state, "has no step in hand", "Peek or claim first.");
    state.arrival.reset();
    state.claim.reset();
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
