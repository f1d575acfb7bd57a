// The C interface, called as a C program calls it.

#include "bindings/calls.hpp"

#include <cardan/cardan.h>

#include <cstdio>
#include <cstdlib>

namespace bench {

namespace {

cardan_session* session;
cardan_surrogate* surrogate;
cardan_channel* channel;
cardan_array state;
cardan_array advanced;

void must(cardan_status status)
{
  if (status == CARDAN_OK) return;
  std::fprintf(stderr, "%s\n", cardan_last_error());
  std::abort();
}

void open(const char* run_file, double* its_state, double* its_advanced)
{
  constexpr std::int64_t shape[] = {samples, numbers};
  constexpr std::int64_t origin[] = {0, 0};
  state = cardan_array_of_const(its_state, CARDAN_FLOAT64, 2, shape);
  advanced = cardan_array_of(its_advanced, CARDAN_FLOAT64, 2, shape);
  must(cardan_session_open(MPI_COMM_SELF, run_file, nullptr, &session));
  must(cardan_surrogate_open(session, "kinetics", &surrogate));
  must(cardan_surrogate_input(surrogate, "state", &state));
  must(cardan_surrogate_output(surrogate, "advanced", &advanced));

  cardan_channel_options options{};
  options.policy = CARDAN_DROP_NEWEST;
  const cardan_array box = cardan_array_in(state, shape, origin);
  must(cardan_channel_open(nullptr, MPI_COMM_SELF, "state", &options, &channel));
  must(cardan_channel_produce(channel, "state", &box));
  must(cardan_channel_consume(channel, "state", &box));
  must(cardan_channel_start(channel));
}

void predict(std::int64_t count)
{
  int trusted = 0;
  for (std::int64_t i = 0; i < count; ++i) must(cardan_surrogate_predict(surrogate, &trusted));
}

void bind(std::int64_t count)
{
  int trusted = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    must(cardan_surrogate_input(surrogate, "state", &state));
    must(cardan_surrogate_output(surrogate, "advanced", &advanced));
    must(cardan_surrogate_predict(surrogate, &trusted));
  }
}

void put(std::int64_t count)
{
  for (std::int64_t i = 0; i < count; ++i) must(cardan_channel_put(channel, i));
}

void close()
{
  must(cardan_channel_close(&channel));
  must(cardan_session_close(&session));
}

}  // namespace

const Language c{"C", open, predict, bind, put, close};

}  // namespace bench
