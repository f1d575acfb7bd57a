#include "bindings/calls.hpp"

#include <cardan/cardan.hpp>

#include <memory>

namespace bench {

namespace {

struct State {
  State(const char* run_file, double* its_state, double* its_advanced)
      : session(MPI_COMM_SELF, run_file),
        surrogate(session.surrogate("kinetics")),
        state(its_state),
        advanced(its_advanced)
  {}

  [[nodiscard]] cardan::Field field(double* data) const { return {data, {samples, numbers}}; }

  cardan::Session session;
  cardan::Surrogate surrogate;
  std::unique_ptr<cardan::Channel> channel;
  double* state;
  double* advanced;
};

std::unique_ptr<State> open_state;

void open(const char* run_file, double* state, double* advanced)
{
  open_state = std::make_unique<State>(run_file, state, advanced);
  const cardan::Box box{{samples, numbers}, {0, 0}, {samples, numbers}};
  cardan::ChannelOptions options;
  options.name = "state";
  options.policy = cardan::Policy::drop_newest;
  const cardan::FieldSpec spec{"state", cardan::Dtype::float64, box.count, box};
  open_state->channel = std::make_unique<cardan::Channel>(MPI_COMM_SELF, options, std::vector{spec},
                                                          std::vector{spec});
}

void predict(std::int64_t count)
{
  State& s = *open_state;
  for (std::int64_t i = 0; i < count; ++i)
    static_cast<void>(
        s.surrogate.predict({{"state", s.field(s.state)}}, {{"advanced", s.field(s.advanced)}}));
}

void put(std::int64_t count)
{
  State& s = *open_state;
  const cardan::Box box{{samples, numbers}, {0, 0}, {samples, numbers}};
  for (std::int64_t i = 0; i < count; ++i) s.channel->put(i, {{"state", s.field(s.state).in(box)}});
}

void close()
{
  open_state.reset();
}

}  // namespace

const Language cpp{"C++", open, predict, predict, put, close};

}  // namespace bench
