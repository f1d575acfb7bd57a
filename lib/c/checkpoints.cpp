// Checkpoints of C: what is protected, and when it is written.

#include "c/array.hpp"
#include "c/handles.hpp"

#include "session/implementation.hpp"

#include <fmt/format.h>

#include <optional>

using cardan::c::needed;
using cardan::c::simulation_of;
using cardan::c::translate;

namespace cardan::c {

namespace {

bool protect(Session& session, const std::string& name, cardan_array array,
             const cardan_protect_options* given)
{
  ProtectOptions options;
  const Axes& stated = session.implementation().axes;
  if (const auto axes = stated.find(name); axes != stated.end()) {
    options.axes = fmt::format("{}", fmt::join(axes->second, " "));
  } else if (array.axes != nullptr) {
    // There is no other order than this.
    options.axes = array.axes;
    array.axes = nullptr;
  }
  if (given != nullptr) {
    if (given->units != nullptr) options.units = given->units;
    options.replicated = given->replicated != 0;
  }
  // What is wrong with one rank's array is an error of all: protecting is collective.
  const Context& context = session.implementation().context;
  std::optional<Field> field;
  mpi::together(context.part.get(), context.deadline(),
                [&] { field = field_of(&session, name, &array); });
  return session.protect(name, *field, options);
}

}  // namespace

}  // namespace cardan::c

cardan_status cardan_session_protect(cardan_session* session, const char* name,
                                     const cardan_array* array,
                                     const cardan_protect_options* options, int* restored)
{
  return translate([&] {
    auto& state = simulation_of(session);
    const std::string called = cardan::c::text_of(name, "name");
    const bool read = cardan::c::protect(state.session, called, needed(array, "array"), options);
    if (restored != nullptr) *restored = read ? 1 : 0;
  });
}

cardan_status cardan_session_before_checkpoint(cardan_session* session, cardan_work work,
                                               void* user)
{
  return translate([&] {
    auto& state = simulation_of(session);
    if (work == nullptr)
      throw cardan::c::Misuse{"the argument 'work' is null", "it must be a function"};
    state.session.before_checkpoint([work, user] { work(user); });
  });
}

cardan_status cardan_session_checkpoint(cardan_session* session)
{
  return translate([&] { simulation_of(session).session.checkpoint(); });
}

cardan_status cardan_session_finish_checkpoints(cardan_session* session, int* whole)
{
  return translate([&] {
    const bool good = simulation_of(session).session.finish_checkpoints();
    if (whole != nullptr) *whole = good ? 1 : 0;
  });
}

cardan_status cardan_session_restarted(cardan_session* session, int* restarted)
{
  return translate(
      [&] { needed(restarted, "restarted") = simulation_of(session).session.restarted() ? 1 : 0; });
}

cardan_status cardan_session_first_step(cardan_session* session, int64_t* step)
{
  return translate([&] { needed(step, "step") = simulation_of(session).session.first_step(); });
}

cardan_status cardan_session_stopping(cardan_session* session, int* stopping)
{
  return translate(
      [&] { needed(stopping, "stopping") = simulation_of(session).session.stopping() ? 1 : 0; });
}
