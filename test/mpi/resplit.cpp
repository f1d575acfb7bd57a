// Ranks are split anew while a session runs: roles, windows, models, deciders and what is under way
// follow; nothing is lost, doubled or left over.
#include "support/resplit.hpp"
#include "support/jitter.hpp"
#include "support/mpi_alive.hpp"
#include "support/run_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace cardan;
using test::RunFile;
using test::size_of;

namespace {

/// A split that all ranks choose alike: any number of ML ranks that leaves one to simulate.
std::vector<int> random_split(std::mt19937& generator)
{
  const int ranks = size_of(MPI_COMM_WORLD);
  std::vector<int> all(static_cast<std::size_t>(ranks));
  for (int r = 0; r < ranks; ++r) all[static_cast<std::size_t>(r)] = r;
  std::shuffle(all.begin(), all.end(), generator);
  all.resize(generator() % static_cast<unsigned>(ranks));
  return all;
}

}  // namespace

TEST_CASE("nothing is lost or doubled, and no window or communicator stays")
{
  test::register_load();
  const bool learns = CARDAN_TEST_BASELINES != 0;
  const int ranks = size_of(MPI_COMM_WORLD);
  const RunFile file{MPI_COMM_WORLD, "resplit", test::load_run(ranks > 1 ? 1 : 0, learns)};
  const test::Jitter jitter{test::rank_in(MPI_COMM_WORLD)};
  constexpr int splits = 24;
  constexpr int steps = 3;
  const test::Alive before = test::alive;
  {
    Session session{MPI_COMM_WORLD, file.name()};
    test::Load load{learns};
    std::mt19937 generator{static_cast<unsigned>(ranks)};
    std::int64_t expected = 0;
    do {
      CAPTURE(session.splits());
      CHECK(load.settle());
      // Every rank draws, so that those that come to simulate draw the same.
      const auto next = random_split(generator);
      if (session.serves()) {
        REQUIRE(session.serve() == 0);
        continue;
      }
      CHECK(session.first_step() == expected);
      load.open(session);
      for (const auto step : session.steps(1000000)) {
        REQUIRE(step >= expected);
        load.step(session);
        if (step + 1 < expected + steps) continue;
        if (session.splits() == splits) break;
        session.resplit_to(next);
        CHECK(session.splitting());
      }
      load.close();
    } while ((expected += steps, session.follow_split()));
    // All were split once more, without load, so that nothing is under way.
    CHECK(session.splits() == splits);
  }
  CHECK(test::alive.windows == before.windows);
  // Windows go from one split to the next: a few for each of the eight channels, not for each
  // split.
  CHECK(test::alive.windows_made - before.windows_made < 32);
  CHECK(test::alive.communicators == before.communicators);
}

TEST_CASE("what was sent is what was taken in")
{
  test::register_load();
  const bool learns = CARDAN_TEST_BASELINES != 0;
  const int ranks = size_of(MPI_COMM_WORLD);
  const RunFile file{MPI_COMM_WORLD, "resplit", test::load_run(ranks > 1 ? 1 : 0, learns)};
  constexpr int splits = 12;
  Session session{MPI_COMM_WORLD, file.name()};
  test::Load load{learns};
  std::mt19937 generator{static_cast<unsigned>(100 + ranks)};
  do {
    CAPTURE(session.splits());
    CHECK(load.settle());
    const auto next = random_split(generator);
    // All ranks stand between two splits here: what was sent so far can be compared.
    const auto observed = test::over_all(load.observed());
    const auto reported = test::over_all(load.reported());
    const auto taken = test::taken_in(session);
    const bool holds = session.serves() || session.ml_ranks() == 0;
    if (session.splits() > 0 && holds && taken.reported.count > 0) {
      CHECK(taken.reported == reported);
      CHECK(taken.observed == observed);
    }
    std::int64_t dealt = test::dealt_with(session);
    MPI_Allreduce(MPI_IN_PLACE, &dealt, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
    if (taken.decided > 0) CHECK(dealt == taken.decided);
    if (session.serves()) {
      REQUIRE(session.serve() == 0);
      continue;
    }
    load.open(session);
    if (session.splits() == splits) continue;
    for (int step = 0; step < 5; ++step) load.step(session);
    session.resplit_to(next);
    load.close();
  } while (session.follow_split());
  CHECK(session.splits() == splits);
}

namespace {

constexpr std::int64_t cells = 37;
constexpr std::int64_t columns = 3;

/// One step of diffusion of a field with a row of ghosts above and below.
void diffuse(const std::vector<double>& padded, std::vector<double>& next)
{
  for (std::size_t i = 0; i < next.size(); ++i)
    next[i] = padded[i + columns] +
              0.21 * (padded[i] - 2 * padded[i + columns] + padded[i + 2 * columns]);
}

std::vector<double> initial()
{
  std::vector<double> field(cells * columns);
  for (std::size_t i = 0; i < field.size(); ++i) field[i] = std::sin(0.37 * static_cast<double>(i));
  return field;
}

/// What a single rank makes of it.
std::vector<double> alone(std::int64_t steps)
{
  std::vector<double> field = initial();
  for (std::int64_t step = 0; step < steps; ++step) {
    std::vector<double> padded(columns, 0);
    padded.insert(padded.end(), field.begin(), field.end());
    padded.resize(padded.size() + columns, 0);
    diffuse(padded, field);
  }
  return field;
}

/// The same on the rows [first, first + rows) of each rank.
void diffuse(MPI_Comm comm, std::vector<double>& field)
{
  int rank = 0;
  int ranks = 0;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  const int up = rank > 0 ? rank - 1 : MPI_PROC_NULL;
  const int down = rank + 1 < ranks ? rank + 1 : MPI_PROC_NULL;
  std::vector<double> padded(field.size() + 2 * columns, 0);
  std::copy(field.begin(), field.end(), padded.begin() + columns);
  const int n = columns;
  MPI_Sendrecv(field.data(), n, MPI_DOUBLE, up, 0, padded.data() + padded.size() - n, n, MPI_DOUBLE,
               down, 0, comm, MPI_STATUS_IGNORE);
  MPI_Sendrecv(field.data() + field.size() - n, n, MPI_DOUBLE, down, 1, padded.data(), n,
               MPI_DOUBLE, up, 1, comm, MPI_STATUS_IGNORE);
  diffuse(padded, field);
}

}  // namespace

TEST_CASE("protected fields and steps follow, bit by bit, within run")
{
  constexpr std::int64_t steps = 40;
  const RunFile file{MPI_COMM_WORLD, "resplit_fields",
                     test::quiet_run(size_of(MPI_COMM_WORLD) > 1 ? 1 : 0)};
  SessionOptions options;
  options.folder = "resplit_fields_" + std::to_string(size_of(MPI_COMM_WORLD));
  int bodies = 0;
  const int status = run(file.name(), options, [&](Session& session) {
    ++bodies;
    MPI_Comm comm = session.comm();
    const std::int64_t ranks = size_of(comm);
    const std::int64_t rank = test::rank_in(comm);
    const std::int64_t first = cells * rank / ranks;
    const std::int64_t rows = cells * (rank + 1) / ranks - first;
    const auto whole = initial();
    std::vector<double> field(whole.begin() + first * columns,
                              whole.begin() + (first + rows) * columns);
    // A batch of 23 samples, cut as the ranks like, and a number.
    const std::int64_t begin = 23 * rank / ranks;
    std::vector<std::int64_t> batch(static_cast<std::size_t>(23 * (rank + 1) / ranks - begin), -1);
    double sum = 0;
    const Box box{{cells, columns}, {first, 0}, {rows, columns}};
    const bool goes_on = session.protect("field", Field{field, {rows, columns}}.in(box));
    CHECK(goes_on == (session.splits() > 0));
    CHECK(session.restarted() == goes_on);
    CHECK(session.protect("batch", Field{batch}) == goes_on);
    CHECK(session.protect("sum", Field{&sum, Extents{}}) == goes_on);
    if (!goes_on)
      for (std::size_t i = 0; i < batch.size(); ++i)
        batch[i] = 100 + begin + static_cast<std::int64_t>(i);
    for (std::size_t i = 0; i < batch.size(); ++i)
      CHECK(batch[i] == 100 + begin + static_cast<std::int64_t>(i));
    CHECK(sum == static_cast<double>(session.first_step()));
    std::int64_t before = -1;
    // A loop that is done is not done again.
    for (const auto step : session.steps(2)) {
      CHECK(session.splits() == 0);
      static_cast<void>(step);
    }
    for (const auto step : session.steps(steps)) {
      CHECK((before < 0 || step == before + 1));
      before = step;
      diffuse(comm, field);
      sum += 1;
      std::mt19937 generator{static_cast<unsigned>(step)};
      if (step % 4 == 3) session.resplit_to(random_split(generator));
    }
    if (session.splitting()) return;
    CHECK(sum == static_cast<double>(steps));
    const auto expected = alone(steps);
    CHECK(std::equal(field.begin(), field.end(), expected.begin() + first * columns));
  });
  CHECK(status == 0);
  MPI_Barrier(MPI_COMM_WORLD);
  if (test::rank_in(MPI_COMM_WORLD) == 0) std::filesystem::remove_all(*options.folder);
}

TEST_CASE("checkpoints are written across splits, and a run goes on from one")
{
  const int all = size_of(MPI_COMM_WORLD);
  const std::string folder = "resplit_checkpoints_" + std::to_string(all);
  const RunFile file{
      MPI_COMM_WORLD, "resplit_checkpoints",
      test::quiet_run(all > 1 ? 1 : 0) + "[checkpoint]\nfile = \"run.h5\"\nevery = 4\n"};
  if (test::rank_in(MPI_COMM_WORLD) == 0) std::filesystem::create_directories(folder);
  MPI_Barrier(MPI_COMM_WORLD);
  int taken = 0;
  const auto simulate = [&](std::int64_t steps, const std::string& restart) {
    SessionOptions options;
    options.folder = folder;
    options.restart = restart;
    return run(file.name(), options, [&](Session& session) {
      MPI_Comm comm = session.comm();
      const std::int64_t first = cells * test::rank_in(comm) / size_of(comm);
      const std::int64_t rows = cells * (test::rank_in(comm) + 1) / size_of(comm) - first;
      const auto whole = initial();
      std::vector<double> field(whole.begin() + first * columns,
                                whole.begin() + (first + rows) * columns);
      const Box box{{cells, columns}, {first, 0}, {rows, columns}};
      const bool goes_on = session.protect("field", Field{field, {rows, columns}}.in(box));
      CHECK(goes_on == (session.splits() > 0 || !restart.empty()));
      for (const auto step : session.steps(steps)) {
        diffuse(comm, field);
        ++taken;
        std::mt19937 generator{static_cast<unsigned>(step)};
        // Between two checkpoints, and right at one.
        if (step == 5 || step == 11 || step == 22) session.resplit_to(random_split(generator));
      }
      if (session.splitting()) return;
      const auto expected = alone(steps);
      CHECK(std::equal(field.begin(), field.end(), expected.begin() + first * columns));
    });
  };
  CHECK(simulate(18, "") == 0);
  // The newest is of step 16, or of the end, 18.
  const int before = taken;
  CHECK(simulate(30, "latest") == 0);
  int most = taken - before;
  MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  CHECK(most <= 14);
  MPI_Barrier(MPI_COMM_WORLD);
  if (test::rank_in(MPI_COMM_WORLD) == 0) std::filesystem::remove_all(folder);
}

TEST_CASE("what cannot be is the same error on all simulation ranks, and handles of before throw")
{
  test::register_load();
  const int ranks = size_of(MPI_COMM_WORLD);
  if (ranks < 2) return;
  const RunFile file{MPI_COMM_WORLD, "resplit_errors", test::load_run(1, false)};
  Session session{MPI_COMM_WORLD, file.name()};
  const auto says = [&](const std::string& part, auto&& work) {
    std::string message;
    Reach reach = Reach::local;
    try {
      work();
    } catch (const Error& error) {
      message = error.what();
      reach = error.reach();
    }
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
    return reach;
  };
  std::optional<test::Load> before;
  if (session.serves()) {
    CHECK(session.serve() == 0);
    CHECK(session.follow_split());
  } else {
    CHECK(says("they leave none", [&] { session.resplit(ranks); }) == Reach::everywhere);
    CHECK(says("counted from 0", [&] { session.resplit_to({ranks}); }) == Reach::everywhere);
    CHECK(says("named twice", [&] { session.resplit_to({0, 0}); }) == Reach::everywhere);
    CHECK(says("there are 1 ML ranks", [&] { session.resplit(1, 2); }) == Reach::everywhere);
    if (ranks > 2)
      CHECK(says("different splits", [&] {
              session.resplit_to({test::rank_in(session.comm()) == 0 ? 0 : 1});
            }) == Reach::everywhere);
    CHECK_FALSE(session.splitting());
    CHECK_FALSE(session.follow_split());
    before.emplace(false);
    before->open(session);
    session.resplit_to({0});
    CHECK(session.splitting());
    CHECK(session.follow_split());
    std::int64_t number = 1;
    const Field one{&number, Extents{}};
    says("split anew", [&] { before->control()->report({{"number", one}}); });
    says("split anew", [&] { static_cast<void>(before->triple()->poll()); });
  }
  CHECK(session.splits() == 1);
  CHECK(session.serves() == (test::rank_in(MPI_COMM_WORLD) == 0));
  CHECK(session.rank_map()[0].role == "inference+training");
  if (session.serves()) CHECK(session.serve() == 0);
  CHECK_FALSE(session.follow_split());
}
