// Steps of C's channels where they lie: peeked at, and claimed.

#include "c/channel.hpp"

namespace {

using cardan::c::ChannelState;
using cardan::c::free_handed;
using cardan::c::needed;
using cardan::c::producing;
using cardan::c::started;
using cardan::c::translate;

cardan_array view_of(const ChannelState& state, const cardan::c::Bound& bound,
                     const std::string& name, const cardan::Field& field)
{
  return cardan::c::array_of(
      field.permuted(cardan::c::owners_order(state.session, name, field, bound.axes(name))));
}

}  // namespace

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
