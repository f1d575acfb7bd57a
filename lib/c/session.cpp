// Sessions of C.

#include "c/handles.hpp"

using cardan::c::needed;
using cardan::c::state_of;
using cardan::c::translate;

namespace cardan::c {

SessionState& simulation_of(cardan_session* session)
{
  SessionState& state = state_of(session, "session");
  if (state.session.serves())
    throw Misuse{"this is an ML rank", "it has nothing to call but serve",
                 "Ask cardan_session_serves first."};
  return state;
}

namespace {

SessionOptions options_of(const cardan_session_options* given)
{
  SessionOptions options;
  if (given == nullptr) return options;
  if (given->ml_program != 0) options.program = Program::ml;
  if (given->has_seed != 0) options.seed = given->seed;
  options.without_ml = given->without_ml != 0;
  if (given->restart != nullptr) options.restart = given->restart;
  return options;
}

}  // namespace

}  // namespace cardan::c

cardan_status cardan_session_open(MPI_Comm comm, const char* run_file,
                                  const cardan_session_options* options, cardan_session** session)
{
  return translate([&] {
    needed(session, "session") = nullptr;
    cardan::c::check_mpi(comm);
    *session = cardan::c::make<cardan_session>(std::make_unique<cardan::c::SessionState>(
        comm, cardan::c::text_of(run_file, "run_file"), cardan::c::options_of(options)));
  });
}

cardan_status cardan_session_open_fint(MPI_Fint comm, const char* run_file,
                                       const cardan_session_options* options,
                                       cardan_session** session)
{
  return cardan_session_open(cardan::c::comm_of(comm), run_file, options, session);
}

cardan_status cardan_session_close(cardan_session** session)
{
  return translate([&] { cardan::c::take(session, "session").reset(); });
}

// A session that ends while an exception passes tells the ML ranks that the simulation failed, and
// waits for nobody.
cardan_status cardan_session_fail(cardan_session** session)
{
  return translate([&] {
    struct Passing {};
    try {
      const auto state = cardan::c::take(session, "session");
      throw Passing{};
    } catch (const Passing&) {
    }
  });
}

cardan_status cardan_session_serves(cardan_session* session, int* serves)
{
  return translate(
      [&] { needed(serves, "serves") = state_of(session, "session").session.serves() ? 1 : 0; });
}

cardan_status cardan_session_serve(cardan_session* session, int* exit_status)
{
  return translate([&] {
    auto& state = state_of(session, "session");
    if (!state.session.serves())
      throw cardan::c::Misuse{"this is a simulation rank", "only ML ranks serve",
                              "Ask cardan_session_serves first."};
    needed(exit_status, "exit_status") = state.session.serve();
  });
}

cardan_status cardan_session_comm(cardan_session* session, MPI_Comm* comm)
{
  return translate([&] { needed(comm, "comm") = state_of(session, "session").session.comm(); });
}

cardan_status cardan_session_comm_fint(cardan_session* session, MPI_Fint* comm)
{
  return translate(
      [&] { needed(comm, "comm") = MPI_Comm_c2f(state_of(session, "session").session.comm()); });
}

cardan_status cardan_session_step(cardan_session* session, int64_t step)
{
  return translate([&] { cardan::c::simulation_of(session).session.begin_step(step); });
}

cardan_status cardan_session_ml_ranks(cardan_session* session, int64_t* ranks)
{
  return translate(
      [&] { needed(ranks, "ranks") = state_of(session, "session").session.ml_ranks(); });
}

cardan_status cardan_session_seed(cardan_session* session, int64_t* seed)
{
  return translate([&] { needed(seed, "seed") = state_of(session, "session").session.seed(); });
}

cardan_status cardan_session_place(cardan_session* session, int rank, const char** host,
                                   const char** role)
{
  return translate([&] {
    const auto& map = state_of(session, "session").session.rank_map();
    if (rank < 0 || static_cast<std::size_t>(rank) >= map.size())
      throw cardan::c::Misuse{"the session has no rank " + std::to_string(rank),
                              "it has " + std::to_string(map.size())};
    const auto& place = map[static_cast<std::size_t>(rank)];
    needed(host, "host") = place.host.c_str();
    needed(role, "role") = place.role.c_str();
  });
}

cardan_status cardan_session_ml_library(cardan_session* session, const char** name)
{
  return translate(
      [&] { needed(name, "name") = state_of(session, "session").session.ml_library().c_str(); });
}
