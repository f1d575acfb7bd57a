// Tunings on functions whose losses are known: every scheduler, on few ranks and many.

#include "couplers/tuning/store.hpp"
#include "mpi/comm.hpp"
#include "session/implementation.hpp"
#include "support/mpi_calls.hpp"
#include "support/run_file.hpp"

#include <cardan/session.hpp>
#include <cardan/tuning.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using cardan::TuningReport;
using cardan::TuningTrial;
using cardan::TuningVerdict;
using cardan::TuningWork;

/// What is known of a trial: one that went on from a state continues its count of epochs.
struct Toy {
  double x = 0;
  std::int64_t epochs = 0;
};

/// Falls with the epochs to |x|: the trials' order stays the same.
double loss_of(const Toy& toy)
{
  return std::abs(toy.x) + 1.0 / static_cast<double>(1 + toy.epochs);
}

struct Toys {
  std::map<int, Toy> slots;
  std::int64_t simulated = 0;
  int most_ranks = 1;

  TuningWork work()
  {
    TuningWork work;
    work.begin = [this](int slot, const TuningTrial& trial) {
      CHECK(slots.count(slot) == 0);
      slots[slot] = {trial.values[0], 0};
    };
    work.train = [this](int slot, const TuningTrial& trial, std::int64_t epochs) {
      Toy& toy = slots.at(slot);
      CHECK(toy.x == trial.values[0]);
      CHECK(toy.epochs == trial.epochs);
      int ranks = 0;
      MPI_Comm_size(trial.comm, &ranks);
      most_ranks = std::max(most_ranks, ranks);
      int sum = 1;
      MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT, MPI_SUM, trial.comm);
      CHECK(sum == ranks);
      toy.epochs += epochs;
      return loss_of(toy);
    };
    work.save = [this](int slot, std::span<std::byte> state) {
      std::memcpy(state.data(), &slots.at(slot), sizeof(Toy));
      return sizeof(Toy);
    };
    work.load = [this](int slot, const TuningTrial& trial, std::span<const std::byte> state) {
      REQUIRE(state.size() == sizeof(Toy));
      Toy toy;
      std::memcpy(&toy, state.data(), sizeof toy);
      CHECK(toy.epochs == trial.epochs);
      slots.at(slot).epochs = toy.epochs;
    };
    work.drop = [this](int slot) { CHECK(slots.erase(slot) == 1); };
    return work;
  }
};

std::string run_file(int ml, const std::string& keys)
{
  return test::quiet_run(ml) + "[tuning.toy]\nseed = 5\n" + keys +
         "[tuning.toy.space]\nx = { low = -1.0, high = 1.0 }\n";
}

/// Ranks of the machine-learning kind in a job of this size.
int ml_ranks()
{
  const int size = cardan::mpi::size(MPI_COMM_WORLD);
  return size == 1 ? 0 : (size > 3 ? 2 : 1);
}

void check_alike(const TuningReport& report, MPI_Comm comm)
{
  double mine[4] = {report.best_loss, static_cast<double>(report.records.size()),
                    static_cast<double>(report.total_epochs), report.wall};
  double first[4];
  std::memcpy(first, mine, sizeof mine);
  MPI_Bcast(first, 4, MPI_DOUBLE, 0, comm);
  for (int i = 0; i < 4; ++i) CHECK(mine[i] == first[i]);
}

void check_sums(const TuningReport& report)
{
  std::int64_t epochs = 0;
  double best = INFINITY;
  for (const auto& record : report.records) {
    epochs += record.piece;
    best = std::min(best, record.loss);
    CHECK(record.total_epochs == epochs);
    const double x = report.values_of(record.trial)[0];
    CHECK(record.loss == loss_of({x, record.epochs}));
  }
  CHECK(report.total_epochs == epochs);
  CHECK(report.best_loss == best);
  CHECK(static_cast<std::int64_t>(report.values.size()) == report.trials);
}

template <class Check>
void tune(const std::string& keys, Check&& check, int ml = ml_ranks())
{
  const test::RunFile file{MPI_COMM_WORLD, "tuning", run_file(ml, keys)};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  auto tuning = session.tuning("toy", {sizeof(Toy), {}, {}});
  CHECK(tuning.names() == std::vector<std::string>{"x"});
  Toys toys;
  const TuningReport& report = tuning.run(toys.work());
  CHECK(toys.slots.empty());
  check_alike(report, session.comm());
  check_sums(report);
  Toy best;
  REQUIRE(tuning.best_state().size() == sizeof best);
  std::memcpy(&best, tuning.best_state().data(), sizeof best);
  CHECK(loss_of(best) == report.best_loss);
  check(report, toys, session.comm());
  CHECK(&tuning.run(toys.work()) == &report);
}

}  // namespace

TEST_CASE("random search trains all trials to the end")
{
  tune("trials = 11\nscheduler = { kind = \"random\", max = 9 }\n",
       [](const TuningReport& report, const Toys&, MPI_Comm) {
         CHECK(report.trials == 11);
         CHECK(report.total_epochs == 99);
         CHECK(report.killed_fraction == 0);
         CHECK(report.records.size() == 33);
       });
}

TEST_CASE("asynchronous halving promotes each trial once from each rung")
{
  tune("trials = 27\nscheduler = { eta = 3, max = 9 }\n",
       [](const TuningReport& report, const Toys&, MPI_Comm) {
         CHECK(report.trials == 27);
         std::set<std::pair<std::int64_t, int>> pieces;
         std::map<int, int> sizes;
         for (const auto& record : report.records) {
           CHECK(pieces.emplace(record.trial, record.rung).second);
           CHECK(record.epochs == std::pow(3, record.rung));
           ++sizes[record.rung];
         }
         CHECK(sizes[0] == 27);
         CHECK(sizes[1] >= 9);
         CHECK(sizes[2] >= 3);
         CHECK(report.killed_fraction > 0);
       });
}

TEST_CASE("halving in rounds has rungs of fixed sizes, on as many ranks as the run file says")
{
  tune(
      "trials = 9\nscheduler = { kind = \"halving\", eta = 3, max = 9 }\n"
      "ranks_per_trial = [1, 2]\n",
      [](const TuningReport& report, const Toys& toys, MPI_Comm comm) {
        CHECK(report.total_epochs == 9 + 3 * 2 + 1 * 6);
        double least = INFINITY;
        for (std::int64_t t = 0; t < report.trials; ++t)
          least = std::min(least, std::abs(report.values_of(t)[0]));
        CHECK(report.best_loss == least + 0.1);
        int most = toys.most_ranks;
        MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_INT, MPI_MAX, comm);
        const int wanted = ml_ranks() == 0 ? 1 : std::min(2, cardan::mpi::size(comm));
        CHECK(most == wanted);
      });
}

TEST_CASE("a population goes on from its best members")
{
  tune("trials = 10\nscheduler = { kind = \"population\", min = 1, max = 8 }\n",
       [](const TuningReport& report, const Toys&, MPI_Comm) {
         CHECK(report.clones > 0);
         CHECK(report.trials == 10 + report.clones);
         CHECK(report.total_epochs == 80);
         for (const auto& record : report.records)
           CHECK((record.cause == TuningVerdict::clone) == (record.from >= 0));
       });
}

TEST_CASE("states make way for others where there are few slots")
{
  tune("trials = 30\nslots = 2\nscheduler = { kind = \"halving\", eta = 2, max = 8 }\n",
       [](const TuningReport& report, const Toys&, MPI_Comm comm) {
         if (cardan::mpi::size(comm) < 8) CHECK(report.evicted > 0);
         CHECK(report.trials == 30);
       });
}

TEST_CASE("a budget and a target end it")
{
  tune("trials = 1000\nbudget = 60\nscheduler = { max = 9 }\n",
       [](const TuningReport& report, const Toys&, MPI_Comm) {
         CHECK(report.total_epochs >= 60);
         CHECK(report.total_epochs < 60 + 6 * 8);
       });
  tune("trials = 1000\ntarget = 0.6\nstop_at_target = true\nscheduler = { max = 9 }\n",
       [](const TuningReport& report, const Toys&, MPI_Comm) {
         CHECK(report.epochs_to_target >= 0);
         CHECK(report.best_loss <= 0.6);
         CHECK(report.trials < 1000);
       });
}

TEST_CASE("a state is read whole while its owner writes it")
{
  const test::RunFile file{MPI_COMM_WORLD, "tuning", test::quiet_run(0)};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  const auto& context = session.implementation().context;
  constexpr std::size_t bytes = 1000000;
  constexpr int reads = 60;
  cardan::tuning::Store store{context, 2, bytes};
  std::vector<std::byte> state(bytes);
  MPI_Request request = MPI_REQUEST_NULL;
  std::int64_t written = 0;
  const auto write = [&] {
    std::fill(state.begin(), state.end(), static_cast<std::byte>(written % 251));
    store.write(1, written, 2 * written, std::span<const std::byte>{state}.first(bytes - 8));
    ++written;
  };
  // The first rank's, for as long as others read it; between two writes there is time to.
  if (cardan::mpi::rank(session.comm()) == 0) {
    write();
    MPI_Barrier(session.comm());
    MPI_Ibarrier(session.comm(), &request);
    for (int done = 0; done == 0; MPI_Test(&request, &done, MPI_STATUS_IGNORE)) {
      write();
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  } else {
    MPI_Barrier(session.comm());
    for (int r = 0; r < reads; ++r) {
      const auto found = store.read(0, 1, state, context.deadline());
      CHECK(found.epochs == 2 * found.trial);
      CHECK(state.size() == bytes - 8);
      CHECK(std::all_of(state.begin(), state.end(), [&](std::byte each) {
        return each == static_cast<std::byte>(found.trial % 251);
      }));
    }
    MPI_Ibarrier(session.comm(), &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
  }
  MPI_Barrier(session.comm());
  MPI_Bcast(&written, 1, MPI_INT64_T, 0, session.comm());
  CHECK(store.read(0, 1, state, context.deadline()).trial == written - 1);
}
