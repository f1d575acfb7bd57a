// The marks that a session sends at a checkpoint: training is held with all that was observed
// before them and nothing else, and no answer changes. Ranks are driven here as a session drives
// them.
#include "channel/choice.hpp"
#include "couplers/closure/client.hpp"
#include "couplers/closure/service.hpp"
#include "mpi/deadline.hpp"
#include "support/jitter.hpp"
#include "support/run_file.hpp"
#include "support/trace.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

using cardan::Context;
using cardan::Roles;
using cardan::closure::Streams;

constexpr int checkpoint_tag = 71;
constexpr int held_tag = 72;
constexpr std::int64_t steps = 30;

/// Nanoseconds of a clock that all processes share.
std::int64_t now()
{
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

std::string run_file(const std::string& keys)
{
  return "[run]\nquiet = true\ndeadline = \"60 s\"\ndeterministic = true\n[surrogate.a]\n"
         "inputs = [\"x\"]\noutputs = [\"y\"]\ntrust = { gate = \"none\" }\n"
         "model = { kind = \"mlp\", hidden = [16], members = 2 }\n" +
         keys +
         "[training.a]\nbatch = 16\nwarmup = 30\npasses = 10\npublish = { every = 5 }\n"
         "buffer = { kind = \"reservoir\", capacity = 100 }\n";
}

Context context_of(const std::string& text, int ml, int training)
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  Context context;
  context.everyone = cardan::mpi::duplicate(MPI_COMM_WORLD);
  context.run_file = cardan::Config::from_text(text, "marks.toml");
  context.settings = cardan::read_run_settings(context.run_file);
  std::vector<bool> serves(static_cast<std::size_t>(ranks));
  std::fill(serves.end() - ml, serves.end(), true);
  cardan::MlShare share;
  share.training = training;
  context.roles = cardan::assign_roles(serves, share, context.run_file);
  context.part = cardan::mpi::split(MPI_COMM_WORLD, context.mine().simulation ? 0 : 1);
  context.choice = cardan::channel::choose(MPI_COMM_WORLD, cardan::TransportKind::automatic,
                                           cardan::TransportKind::automatic, 60);
  return context;
}

/// Tells the ML ranks of a checkpoint, once every simulation rank may have sent its mark or not.
void announce(const Context& context, std::int64_t number)
{
  if (cardan::mpi::rank(context.part.get()) != 0) return;
  for (const auto role : {&Roles::training, &Roles::inference})
    for (const int rank : context.all(role))
      if (role == &Roles::training || !context.roles[static_cast<std::size_t>(rank)].training)
        MPI_Send(&number, 1, MPI_INT64_T, rank, checkpoint_tag, context.everyone.get());
}

/// After the first prediction behind a mark: it was answered after training was held.
void check_held(const Context& context, std::int64_t answered)
{
  std::int64_t held = 0;
  MPI_Recv(&held, 1, MPI_INT64_T, context.first(&Roles::training), held_tag, context.everyone.get(),
           MPI_STATUS_IGNORE);
  CHECK(answered >= held);
}

test::Trace simulate(const Context& context, cardan::Surrogate::Implementation& client,
                     const std::vector<std::int64_t>& checkpoints, std::int64_t& step)
{
  const int rank = cardan::mpi::rank(context.part.get());
  std::mt19937 random(static_cast<unsigned>(rank) + 1);
  std::uniform_real_distribution<double> unit{-1, 1};
  test::Trace trace;
  std::vector<double> x(24);
  std::vector<double> y(12, 0);
  std::int64_t number = 0;
  bool marked = false;
  for (step = 0; step < steps; ++step) {
    for (std::size_t s = 0; s < y.size(); ++s) {
      x[2 * s] = 0.5 * unit(random) + 0.5 * std::clamp(y[s], -1.0, 1.0);
      x[2 * s + 1] = unit(random);
    }
    const std::vector<cardan::NamedField> xs{{"x", cardan::Field{std::span(x), {12, 2}}}};
    const std::vector<cardan::NamedField> ys{{"y", cardan::Field{std::span(y), {12, 1}}}};
    trace.add(client.predict(xs, ys));
    if (marked) check_held(context, now());
    trace.add(y.data(), y.size());
    std::vector<double> solved(y.size());
    for (std::size_t s = 0; s < y.size(); ++s) solved[s] = std::sin(2 * x[2 * s]) + x[2 * s + 1];
    client.observe_all(
        xs, std::vector<cardan::NamedField>{{"y", cardan::Field{std::span(solved), {12, 1}}}});
    marked = std::find(checkpoints.begin(), checkpoints.end(), step) != checkpoints.end();
    if (marked) {
      // Sometimes before the mark has gone out.
      ++number;
      if (number % 2 == 0) announce(context, number);
      client.mark(number);
      if (number % 2 != 0) announce(context, number);
    }
    trace.counters = client.counters();
    trace.close();
  }
  return trace;
}

/// ML ranks: as a session serves, late to hear of a checkpoint.
void serve(const Context& context, cardan::Duty& duty, std::size_t checkpoints)
{
  MPI_Comm everyone = context.everyone.get();
  std::size_t held = 0;
  std::int64_t wanted = 0;
  std::optional<std::int64_t> heard;
  while (!duty.finished() || held < checkpoints) {
    int waiting = 0;
    if (wanted == 0) MPI_Iprobe(0, checkpoint_tag, everyone, &waiting, MPI_STATUS_IGNORE);
    if (waiting != 0) {
      MPI_Recv(&wanted, 1, MPI_INT64_T, 0, checkpoint_tag, everyone, MPI_STATUS_IGNORE);
      heard = now();
    }
    const bool wish = wanted > 0 && now() - *heard > 10'000'000;
    duty.hold(wish, wish ? wanted : 0);
    duty.poll();
    if (!wish || !duty.held()) continue;
    ++held;
    wanted = 0;
    if (cardan::mpi::rank(everyone) == context.first(&Roles::training)) {
      const std::int64_t moment = now();
      for (const int rank : context.all(&Roles::simulation))
        MPI_Send(&moment, 1, MPI_INT64_T, rank, held_tag, everyone);
    }
    duty.hold(false);
  }
  CHECK(held == checkpoints);
}

std::optional<test::Trace> run(const std::string& keys, int ml, int training,
                               const std::vector<std::int64_t>& checkpoints)
{
  const test::Jitter jitter{test::rank_in(MPI_COMM_WORLD)};
  Context context = context_of(run_file(keys), ml, training);
  std::optional<test::Trace> trace;
  std::unique_ptr<Streams> streams;
  std::unique_ptr<cardan::Duty> duty;
  if (context.mine().simulation) {
    const auto settings = cardan::closure::read_surrogate(context.run_file, "a");
    const auto client = cardan::closure::make_client(
        context, settings, [&](const cardan::closure::Binding& binding) {
          streams = std::make_unique<Streams>(
              context, settings, binding,
              [](const cardan::closure::Team&, const cardan::closure::Binding&) {
                return std::size_t{0};
              });
          return streams.get();
        });
    trace = simulate(context, *client, checkpoints, context.step);
  } else {
    std::string library;
    duty = cardan::closure::serve(context, "a", library);
    serve(context, *duty, checkpoints.size());
  }
  MPI_Barrier(MPI_COMM_WORLD);
  return trace;
}

void repeats(const std::string& keys, int ml, int training)
{
  INFO(keys, ml, " ML ranks, ", training, " train");
  const auto without = run(keys, ml, training, {});
  const auto first = run(keys, ml, training, {2, 9, 10, 25});
  const auto second = run(keys, ml, training, {2, 9, 10, 25});
  if (!without) return;
  CHECK(first->differs(*second) == -1);
  CHECK(first->differs(*without) == -1);
  CHECK(first->version > 2);
  CHECK(first->counters.trusted > 100);
  CHECK(first->counters.late == 0);
}

}  // namespace

TEST_CASE("a checkpoint's mark holds training at one place, and changes nothing")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  for (const int ml : {1, 2, 3})
    for (const int training : {1, 2}) {
      if (ml >= ranks || training > ml) continue;
      repeats("", ml, training);
      repeats("place = \"inside\"\n", ml, training);
    }
}
