// Checkpoints: what is protected, when it is written, where a run goes on.

#include "handle.hpp"

namespace cardan::fortran {

// a: name, b: array, c: global, d: offset, e: axes, f: units, g: replicated, h: restored
CARDAN_FORTRAN_VERB(protect)
{
  verb(stat, errmsg, [&] {
    cardan_session* session = opened(variable).session;
    const std::string name = text(a);
    std::string axes;
    const cardan_array array = array_of(name, b, c, d, e, axes);
    const std::string units = text(f);
    const cardan_protect_options options{units.c_str(), logical_or(g, false) ? 1 : 0};
    int restored = 0;
    check(cardan_session_protect(session, name.c_str(), &array, &options, &restored));
    set_logical(h, restored != 0);
  });
}

// a: whole
CARDAN_FORTRAN_VERB(checkpoint)
{
  verb(stat, errmsg, [&] {
    cardan_session* session = opened(variable).session;
    check(cardan_session_checkpoint(session));
    if (a == nullptr) return;
    int whole = 0;
    check(cardan_session_finish_checkpoints(session, &whole));
    set_logical(a, whole != 0);
  });
}

// a: step
CARDAN_FORTRAN_VERB(first_step)
{
  verb(stat, errmsg, [&] {
    std::int64_t step = 0;
    check(cardan_session_first_step(opened(variable).session, &step));
    set_integer(a, "step", step);
  });
}

// a: stops
CARDAN_FORTRAN_VERB(stopping)
{
  verb(stat, errmsg, [&] {
    int stopping = 0;
    check(cardan_session_stopping(opened(variable).session, &stopping));
    set_logical(a, stopping != 0);
  });
}

}  // namespace cardan::fortran
