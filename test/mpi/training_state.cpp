// Training that goes on from a checkpoint: exactly on as many training ranks, with all samples on
// others.
#include "checkpoint/reader.hpp"
#include "checkpoint/verify.hpp"
#include "support/goes_on.hpp"
#include "support/run_file.hpp"
#include "support/sha256.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using cardan::Dtype;
using cardan::State;
using cardan::checkpoint::Reader;

namespace {

namespace fs = std::filesystem;

struct Kind {
  std::string model;
  std::string training;
};
const std::vector<Kind> kinds{
    {"kind = \"mlp\", hidden = [8], members = 2",
     "passes = 4\nbuffer = { kind = \"reservoir\", capacity = 300 }\n"},
    {"kind = \"mlp\", hidden = [8]",
     "passes = 4\noptimizer = { kind = \"sgd\", rate = 1e-3, momentum = 0.9 }\n"
     "buffer = { kind = \"threshold\", capacity = 120, least = 2 }\n"},
    {"kind = \"linear\"", "publish = { samples = 50 }\nbuffer = { kind = \"fifo\", capacity = 90 }\n"},
};

std::string run_file(const Kind& kind, int ml, const std::string& folder)
{
  return test::quiet_run(ml) + "[checkpoint]\nfile = \"" + folder +
         "/run.h5\"\nkeep = 1000\nat_end = false\n[surrogate.a]\ninputs = [\"x\"]\noutputs = "
         "[\"y\"]\nlate = \"wait\"\nmodel = { " +
         kind.model + " }\ntrust = { gate = \"none\", novelty = 0.99 }\n[training.a]\nbatch = 32\n" +
         "warmup = 32\npublish = { every = 5 }\n" + kind.training;
}

std::string newest(const std::string& folder)
{
  std::string found;
  for (const auto& each : fs::directory_iterator(folder))
    if (each.path().extension() == ".h5" && !each.is_symlink())
      found = std::max(found, each.path().string());
  return found;
}

/// Everything of the model that is numbers.
State model_in(const std::string& path)
{
  const Reader reader{path};
  State state;
  for (const char* group : {"learner", "ranks", "buffer", "held_out", "training"})
    state.put(group, reader.state(std::string("models/a/") + group));
  for (const char* name : {"version", "trained_steps", "step"})
    state.put(name, reader.integer(std::string("models/a/") + name));
  return state;
}

/// A checkpoint now, and again until training rests: what is in the last one then stays.
std::string write_at_rest(cardan::Session& session, const std::string& folder)
{
  std::int64_t steps = -1;
  std::int64_t published = -1;
  for (;;) {
    session.checkpoint();
    REQUIRE(session.finish_checkpoints());
    const std::string path = newest(folder);
    const State state = model_in(path);
    const std::int64_t now = state.integer("training/steps");
    const std::int64_t version = state.integer("version");
    if (now == steps && version == published && version > 0) return path;
    steps = now;
    published = version;
  }
}

struct Told {
  std::int64_t version = 0;
  double answer = 0;
};

/// A session of the first ranks: the simulation's one teaches `steps` batches, if any, and asks.
Told run(const Kind& kind, int ml, const std::string& folder, int steps,
         const std::string& restart)
{
  Told told;
  MPI_Comm comm = MPI_COMM_NULL;
  const bool mine = test::rank_in(MPI_COMM_WORLD) <= ml;
  MPI_Comm_split(MPI_COMM_WORLD, mine ? 0 : MPI_UNDEFINED, 0, &comm);
  if (mine) {
    const test::RunFile file{comm, "training_state", run_file(kind, ml, folder)};
    cardan::SessionOptions options;
    options.restart = restart;
    cardan::Session session{comm, file.name(), options};
    if (session.serves()) {
      CHECK(session.serve() == 0);
    } else {
      auto surrogate = session.surrogate("a");
      std::mt19937 random{static_cast<unsigned>(steps) + 3};
      std::uniform_real_distribution<double> unit{-1, 1};
      std::vector<double> x(32);
      std::vector<double> y(16);
      const cardan::Field xs{x, {16, 2}};
      const cardan::Field ys{y, {16, 1}};
      for (int step = 0; step < steps; ++step) {
        session.begin_step(step);
        for (auto& value : x) value = unit(random);
        for (std::size_t s = 0; s < y.size(); ++s) y[s] = std::sin(x[2 * s]) + x[2 * s + 1];
        surrogate.observe({{"x", xs}}, {{"y", ys}});
      }
      std::iota(x.begin(), x.end(), -16.0);
      for (auto& value : x) value /= 64;
      // The service is opened by the first call.
      const auto ask = [&] {
        std::fill(y.begin(), y.end(), 7.0);
        const auto answer = surrogate.predict({{"x", xs}}, {{"y", ys}});
        told.version = answer.stamp().version;
        told.answer = y[3];
      };
      if (steps == 0) ask();
      write_at_rest(session, folder);
      // What is at rest has been published.
      const std::int64_t version = model_in(newest(folder)).integer("version");
      for (int step = steps; told.version < version; ++step) {
        session.begin_step(step);
        ask();
      }
    }
  }
  if (comm != MPI_COMM_NULL) MPI_Comm_free(&comm);
  MPI_Barrier(MPI_COMM_WORLD);
  return told;
}

/// The samples, sorted.
std::vector<std::vector<double>> samples(const State& model, const std::string& buffer)
{
  const auto& x = model.array(buffer + "/x");
  const auto& y = model.array(buffer + "/y");
  std::vector<std::vector<double>> all;
  for (std::int64_t i = 0; i < x.shape[0]; ++i) {
    const auto* in = reinterpret_cast<const double*>(x.data.data()) + 2 * i;
    const auto* out = reinterpret_cast<const double*>(y.data.data()) + i;
    all.push_back({in[0], in[1], *out});
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::int64_t sum(const State& model, const std::string& name, std::int64_t column = 0,
                 std::int64_t width = 1)
{
  const auto& array = model.array(name);
  const auto* numbers = reinterpret_cast<const std::int64_t*>(array.data.data());
  std::int64_t added = 0;
  for (std::int64_t i = column; i < array.numbers(); i += width) added += numbers[i];
  return added;
}

void compare(const std::string& first, const std::string& second, bool same_ranks)
{
  const Reader a{first};
  const Reader b{second};
  for (const char* text : {"hash", "kind", "signature"})
    CHECK(a.text(std::string("models/a/") + text) == b.text(std::string("models/a/") + text));
  std::vector<double> published(
      static_cast<std::size_t>(a.shape("models/a/published").at(0)));
  a.read("models/a/published", cardan::Field{published});
  CHECK(a.text("models/a/hash") ==
        cardan::sha256(published.data(), published.size() * sizeof(double)));
  const State before = model_in(first);
  const State after = model_in(second);
  if (same_ranks) {
    cardan::test::check_same(before, after);
    return;
  }
  cardan::test::check_same(before.group("learner"), after.group("learner"));
  cardan::test::check_same(before.group("training"), after.group("training"));
  for (const char* buffer : {"buffer", "held_out"}) {
    CHECK((samples(before, buffer) == samples(after, buffer)));
    const std::string counters = std::string("ranks/") + buffer + "/counters";
    for (std::int64_t i = 0; i < 4; ++i)
      CHECK(sum(before, counters, i, 4) == sum(after, counters, i, 4));
  }
  for (const char* name : {"ranks/arrived", "ranks/published_samples"})
    CHECK(sum(before, name) == sum(after, name));
}

}  // namespace

TEST_CASE("training goes on from a checkpoint on any number of training ranks")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  for (std::size_t k = 0; k < kinds.size(); ++k)
    for (int before = 1; before < ranks && before <= 3; ++before)
      for (int after = 1; after < ranks && after <= 3; ++after) {
        CAPTURE(k);
        CAPTURE(before);
        CAPTURE(after);
        const std::string folder = "training_state_" + std::to_string(ranks);
        const bool first = test::rank_in(MPI_COMM_WORLD) == 0;
        if (first) {
          fs::remove_all(folder);
          fs::create_directories(folder);
        }
        MPI_Barrier(MPI_COMM_WORLD);
        const Told then = run(kinds[k], before, folder, 12, "");
        const std::string from = newest(folder);
        MPI_Barrier(MPI_COMM_WORLD);
        const Told now = run(kinds[k], after, folder, 0, from);
        if (first) {
          CHECK(newest(folder) != from);
          for (const auto& each : cardan::checkpoint::sum_up(newest(folder)))
            CHECK(each.found == each.stated);
          compare(from, newest(folder), before == after);
          CHECK(now.version == then.version);
          CHECK(now.answer == then.answer);
        }
        // And it still learns.
        const Told later = run(kinds[k], after, folder, 40, newest(folder));
        if (first) CHECK(later.version > now.version);
        MPI_Barrier(MPI_COMM_WORLD);
        if (first) fs::remove_all(folder);
      }
}
