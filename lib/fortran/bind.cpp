// Arrays and their names: input, output, produce, consume, report_field, decision_field, write,
// read; and start.

#include "handle.hpp"

namespace cardan::fortran {

// a: name, b: array, c: global, d: offset, e: axes
CARDAN_FORTRAN_VERB(bind_read)
{
  verb(stat, errmsg, [&] {
    const Handle& handle = opened(variable);
    const std::string name = text(a);
    std::string axes;
    cardan_array array = array_of(name, b, c, d, e, axes);
    array.read_only = 1;
    switch (handle.kind) {
      case Kind::surrogate:
        check(cardan_surrogate_input(handle.surrogate, name.c_str(), &array));
        break;
      case Kind::channel:
        check(cardan_channel_produce(handle.channel, name.c_str(), &array));
        break;
      case Kind::service: check(cardan_service_input(handle.service, name.c_str(), &array)); break;
      case Kind::steering:
        check(cardan_steering_report_field(handle.steering, name.c_str(), &array));
        break;
      default: check(cardan_archive_write(handle.archive, name.c_str(), &array)); break;
    }
  });
}

CARDAN_FORTRAN_VERB(bind_written)
{
  verb(stat, errmsg, [&] {
    const Handle& handle = opened(variable);
    const std::string name = text(a);
    std::string axes;
    const cardan_array array = array_of(name, b, c, d, e, axes);
    switch (handle.kind) {
      case Kind::surrogate:
        check(cardan_surrogate_output(handle.surrogate, name.c_str(), &array));
        break;
      case Kind::channel:
        check(cardan_channel_consume(handle.channel, name.c_str(), &array));
        break;
      case Kind::service: check(cardan_service_output(handle.service, name.c_str(), &array)); break;
      case Kind::steering:
        check(cardan_steering_decision_field(handle.steering, name.c_str(), &array));
        break;
      default: check(cardan_archive_read(handle.archive, name.c_str(), &array)); break;
    }
  });
}

CARDAN_FORTRAN_VERB(start)
{
  verb(stat, errmsg, [&] {
    const Handle& handle = opened(variable);
    switch (handle.kind) {
      case Kind::channel: check(cardan_channel_start(handle.channel)); break;
      case Kind::service: check(cardan_service_start(handle.service)); break;
      default: check(cardan_steering_start(handle.steering)); break;
    }
  });
}

// Programs call it themselves.
extern "C" __attribute__((visibility("default"))) View cardan_fortran_view(const CFI_cdesc_t* array,
                                                                           const CFI_cdesc_t* first)
{
  return view_of(*array, *first);
}

}  // namespace cardan::fortran
