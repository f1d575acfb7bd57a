// Steering: report, poll, wait.

#include "handle.hpp"

#include <cstddef>
#include <cstring>

namespace cardan::fortran {

namespace {

/// Of any kind; 0 where it is absent.
double seconds_of(const CFI_cdesc_t* from)
{
  if (from == nullptr) return 0;
  float narrow = 0;
  double wide = 0;
  if (from->rank != 0 || (from->type != CFI_type_float && from->type != CFI_type_double))
    refuse("'seconds' is not a real");
  const bool single = from->type == CFI_type_float;
  std::memcpy(single ? static_cast<void*>(&narrow) : &wide, from->base_addr, from->elem_len);
  return single ? static_cast<double>(narrow) : wide;
}

}  // namespace

CARDAN_FORTRAN_VERB(steering_report)
{
  verb(stat, errmsg, [&] { check(cardan_steering_report(opened(variable).steering)); });
}

// a: decided
CARDAN_FORTRAN_VERB(steering_poll)
{
  verb(stat, errmsg, [&] {
    int decided = 0;
    check(cardan_steering_poll(opened(variable).steering, &decided));
    set_logical(a, decided != 0);
  });
}

// a: decided, b: seconds
CARDAN_FORTRAN_VERB(steering_wait)
{
  verb(stat, errmsg, [&] {
    int decided = 0;
    check(cardan_steering_wait(opened(variable).steering, seconds_of(b), &decided));
    set_logical(a, decided != 0);
  });
}

// a: stamp, b: reason, c: counters
CARDAN_FORTRAN_VERB(steering_inquire)
{
  verb(stat, errmsg, [&] {
    cardan_steering* steering = opened(variable).steering;
    cardan_decision_stamp stamp{};
    cardan_steering_counters counters{};
    check(cardan_steering_stamp(steering, &stamp));
    check(cardan_steering_counted(steering, &counters));
    if (a != nullptr) std::memcpy(a->base_addr, &stamp, offsetof(cardan_decision_stamp, reason));
    if (b != nullptr) set_text(b, stamp.reason);
    if (c != nullptr) std::memcpy(c->base_addr, &counters, sizeof counters);
  });
}

}  // namespace cardan::fortran
