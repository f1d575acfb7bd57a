// open and close: what a variable stands for.

#include "handle.hpp"

#include <utility>

namespace cardan::fortran {

namespace {

/// A variable that is open keeps what it has.
void expect_closed(void* const* variable)
{
  if (*variable != nullptr) refuse("this variable is open already. Close it first.");
}

/// Gives the variable what `open` opens.
template <class Open>
void open_as(void** variable, Kind kind, const Open& open)
{
  expect_closed(variable);
  Handle opening{kind};
  open(opening);
  *variable = &(*make(kind) = opening);
}

cardan_session* session_of(const CFI_cdesc_t* variable)
{
  return opened(static_cast<void* const*>(variable->base_addr)).session;
}

}  // namespace

// a: run file, b: communicator, c: served, d: the simulation's communicator, e: what to restart
// from. ML ranks serve here: Fortran has no other place for it.
CARDAN_FORTRAN_VERB(open_session)
{
  verb(stat, errmsg, [&] {
    // Its size and type are checked as those of one that is read.
    if (d != nullptr) static_cast<void>(communicator(d));
    const MPI_Fint comm = communicator(b);
    open_as(variable, Kind::session, [&](Handle& handle) {
      const std::string restart = text(e);
      cardan_session_options options{};
      options.restart = restart.c_str();
      check(cardan_session_open_fint(comm, text(a).c_str(), &options, &handle.session));
    });
    cardan_session* session = opened(variable).session;
    if (d != nullptr)
      check(cardan_session_comm_fint(session, static_cast<MPI_Fint*>(d->base_addr)));
    int serves = 0;
    check(cardan_session_serves(session, &serves));
    if (serves == 0) return;
    if (c == nullptr)
      refuse(
          "this is an ML rank, and session%open was called without 'served'. Add it, and let "
          "ranks with served = .true. do nothing but close.");
    set_logical(c, true);
    int status = 0;
    check(cardan_session_serve(session, &status));
    if (status != 0 && stat != nullptr)
      throw Failure{CARDAN_ERROR_EVERYWHERE, "the simulation ended with an error"};
  });
}

// a: name, b: the session's handle
CARDAN_FORTRAN_VERB(open_surrogate)
{
  verb(stat, errmsg, [&] {
    open_as(variable, Kind::surrogate, [&](Handle& handle) {
      handle.session = session_of(b);
      check(cardan_surrogate_open(handle.session, text(a).c_str(), &handle.surrogate));
      check(cardan_surrogate_numbering(handle.surrogate, 1, 1));
    });
  });
}

// a: name, b: the session's handle, c: communicator, d: options
CARDAN_FORTRAN_VERB(open_channel)
{
  verb(stat, errmsg, [&] {
    const MPI_Fint comm = communicator(c);
    open_as(variable, Kind::channel, [&](Handle& handle) {
      const auto* options =
          d != nullptr ? static_cast<const cardan_channel_options*>(d->base_addr) : nullptr;
      check(
          cardan_channel_open_fint(session_of(b), comm, text(a).c_str(), options, &handle.channel));
    });
  });
}

// a: name, b: the session's handle
CARDAN_FORTRAN_VERB(open_service)
{
  verb(stat, errmsg, [&] {
    open_as(variable, Kind::service, [&](Handle& handle) {
      check(cardan_service_open(session_of(b), text(a).c_str(), &handle.service));
    });
  });
}

// a: name, b: the session's handle
CARDAN_FORTRAN_VERB(open_steering)
{
  verb(stat, errmsg, [&] {
    open_as(variable, Kind::steering, [&](Handle& handle) {
      check(cardan_steering_open(session_of(b), text(a).c_str(), &handle.steering));
    });
  });
}

// a: path, b: communicator, c: create
CARDAN_FORTRAN_VERB(open_archive)
{
  verb(stat, errmsg, [&] {
    const MPI_Fint comm = communicator(b);
    open_as(variable, Kind::archive, [&](Handle& handle) {
      const auto mode = logical_or(c, false) ? CARDAN_CREATE : CARDAN_READ;
      check(cardan_archive_open_fint(comm, text(a).c_str(), mode, &handle.archive));
    });
  });
}

CARDAN_FORTRAN_VERB(close)
{
  verb(stat, errmsg, [&] {
    // Whatever comes of it, the variable can be opened again.
    void* const closing = std::exchange(*variable, nullptr);
    Handle& handle = opened(&closing);
    switch (handle.kind) {
      case Kind::session: check(cardan_session_close(&handle.session)); break;
      case Kind::surrogate: check(cardan_surrogate_close(&handle.surrogate)); break;
      case Kind::channel: check(cardan_channel_close(&handle.channel)); break;
      case Kind::service: check(cardan_service_close(&handle.service)); break;
      case Kind::steering: check(cardan_steering_close(&handle.steering)); break;
      case Kind::archive: check(cardan_archive_close(&handle.archive)); break;
    }
  });
}

}  // namespace cardan::fortran
