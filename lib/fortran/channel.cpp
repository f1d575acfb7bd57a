// Channels: put and take, and steps where they lie.

#include "handle.hpp"

namespace cardan::fortran {

namespace {

cardan_array slot_of(const Handle& handle, const char* name)
{
  cardan_array slot{};
  check(handle.claims ? cardan_channel_claimed(handle.channel, name, &slot, nullptr)
                      : cardan_channel_arrived(handle.channel, name, &slot));
  std::int64_t step = 1;
  for (int i = 0; i < slot.rank; ++i) {
    if (slot.shape[i] > 1 && slot.strides[i] != step)
      refuse(std::string("field '") + name +
             "' does not lie in array element order (its slot is laid out for others). Take or "
             "put a box. Of a batch, let the last dimension count samples, and name it first in "
             "[field." +
             name + "] axes.");
    step *= slot.shape[i];
  }
  return slot;
}

}  // namespace

// a: step
CARDAN_FORTRAN_VERB(put)
{
  verb(stat, errmsg,
       [&] { check(cardan_channel_put(opened(variable).channel, integer(a, "step"))); });
}

// a: step, b: taken, c: latest
CARDAN_FORTRAN_VERB(take)
{
  verb(stat, errmsg, [&] {
    std::int64_t step = 0;
    int taken = 0;
    const auto pick = logical_or(c, false) ? CARDAN_LATEST : CARDAN_NEXT;
    check(cardan_channel_take(opened(variable).channel, pick, &step, &taken));
    if (taken != 0) set_integer(a, "step", step);
    set_logical(b, taken != 0);
  });
}

// a: step, b: arrived, c: latest, d: wait
CARDAN_FORTRAN_VERB(peek)
{
  verb(stat, errmsg, [&] {
    std::int64_t step = 0;
    int arrived = 0;
    const auto pick = logical_or(c, false) ? CARDAN_LATEST : CARDAN_NEXT;
    Handle& handle = opened(variable);
    check(cardan_channel_peek(handle.channel, pick, logical_or(d, true) ? 1 : 0, &step, nullptr,
                              &arrived));
    handle.claims = false;
    if (arrived != 0) set_integer(a, "step", step);
    set_logical(b, arrived != 0);
  });
}

// a: step, b: granted
CARDAN_FORTRAN_VERB(claim)
{
  verb(stat, errmsg, [&] {
    int granted = 0;
    Handle& handle = opened(variable);
    check(cardan_channel_claim(handle.channel, integer(a, "step"), &granted));
    handle.claims = true;
    set_logical(b, granted != 0);
  });
}

// a: name, b: address, c: shape
CARDAN_FORTRAN_VERB(slot)
{
  verb(stat, errmsg, [&] {
    const std::string name = text(a);
    const cardan_array slot = slot_of(opened(variable), name.c_str());
    const std::int64_t room = c->rank == 1 ? c->dim[0].extent : -1;
    if (room != slot.rank)
      refuse("field '" + name + "' has " + std::to_string(slot.rank) +
             " dimensions ('shape' must be a list of as many integers)");
    for (int i = 0; i < slot.rank; ++i) set_integer(c, "shape", slot.shape[i], i);
    *static_cast<void**>(b->base_addr) = slot.data;
  });
}

// a: samples
CARDAN_FORTRAN_VERB(publish)
{
  verb(stat, errmsg, [&] {
    check(cardan_channel_publish(opened(variable).channel, integer_or(a, "samples", -1)));
  });
}

CARDAN_FORTRAN_VERB(release)
{
  verb(stat, errmsg, [&] { check(cardan_channel_release(opened(variable).channel)); });
}

CARDAN_FORTRAN_VERB(rebox)
{
  verb(stat, errmsg, [&] { check(cardan_channel_rebox(opened(variable).channel)); });
}

CARDAN_FORTRAN_VERB(finish)
{
  verb(stat, errmsg, [&] { check(cardan_channel_finish(opened(variable).channel)); });
}

}  // namespace cardan::fortran
