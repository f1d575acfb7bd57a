// Tunings whose trainings fail, whose ranks make their own data, and which wait for nobody.

#include "mpi/comm.hpp"
#include "support/mpi_calls.hpp"
#include "support/run_file.hpp"

#include <cardan/session.hpp>
#include <cardan/tuning.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using cardan::TuningReport;
using cardan::TuningTrial;
using cardan::TuningWork;

int ml_ranks()
{
  const int size = cardan::mpi::size(MPI_COMM_WORLD);
  return size == 1 ? 0 : (size > 3 ? 2 : 1);
}

std::string run_file(const std::string& keys)
{
  return test::quiet_run(ml_ranks()) + "[tuning.t]\nseed = 5\n" + keys +
         "[tuning.t.space]\nx = { low = 0.0, high = 1.0 }\n";
}

/// Trainings that remember nothing.
TuningWork plain()
{
  TuningWork work;
  work.begin = [](int, const TuningTrial&) {};
  work.train = [](int, const TuningTrial& trial, std::int64_t) { return trial.values[0]; };
  work.save = [](int, std::span<std::byte>) { return std::size_t{1}; };
  work.load = [](int, const TuningTrial&, std::span<const std::byte>) {};
  work.drop = [](int) {};
  return work;
}

}  // namespace

TEST_CASE("what one rank's training throws ends the run on all")
{
  const int size = cardan::mpi::size(MPI_COMM_WORLD);
  for (const int when : {0, 1, 2}) {
    const test::RunFile file{MPI_COMM_WORLD, "tuning_faults",
                             run_file("trials = 40\nscheduler = { max = 9 }\n")};
    cardan::Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      CHECK(session.serve() == 0);
      continue;
    }
    auto tuning = session.tuning("t", {16, {}, {}});
    auto work = plain();
    const auto fail = [&](const TuningTrial& trial) {
      if (trial.id == 7) throw std::runtime_error("the valve is stuck");
    };
    if (when == 0) work.begin = [&](int, const TuningTrial& trial) { fail(trial); };
    if (when == 1)
      work.train = [&](int, const TuningTrial& trial, std::int64_t) {
        fail(trial);
        return 1.0;
      };
    if (when == 2) work.save = [](int, std::span<std::byte>) { return std::size_t{17}; };
    std::string message;
    try {
      tuning.run(work);
    } catch (const std::exception& error) {
      message = error.what();
    }
    INFO(message);
    if (when < 2)
      CHECK(message.find("the valve is stuck") != std::string::npos);
    else
      CHECK(message.find("state_bytes") != std::string::npos);
  }
  CHECK(size > 0);
}

TEST_CASE("a loss that is not finite ends its trial, and is counted")
{
  const test::RunFile file{MPI_COMM_WORLD, "tuning_faults",
                           run_file("trials = 20\nscheduler = { kind = \"random\", max = 4 }\n")};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  auto tuning = session.tuning("t", {16, {}, {}});
  auto work = plain();
  work.train = [](int, const TuningTrial& trial, std::int64_t) {
    return trial.id % 2 == 0 ? std::numeric_limits<double>::quiet_NaN() : trial.values[0];
  };
  const TuningReport& report = tuning.run(work);
  CHECK(report.diverged == 10);
  CHECK(report.total_epochs == 10 * 1 + 10 * 4);
  CHECK(report.best % 2 == 1);
}

TEST_CASE("a training that takes long holds up no other one")
{
  const test::RunFile file{MPI_COMM_WORLD, "tuning_faults",
                           run_file("trials = 30\nscheduler = { max = 1 }\n")};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  const int ranks = cardan::mpi::size(session.comm());
  auto tuning = session.tuning("t", {16, {}, {}});
  auto work = plain();
  int done = 0;
  const auto comm = cardan::mpi::duplicate(session.comm());
  // The first trial lasts until another rank has done five.
  work.train = [&](int, const TuningTrial& trial, std::int64_t) {
    int arrived = ranks > 1 ? 0 : 1;
    while (trial.id == 0 && arrived == 0)
      MPI_Iprobe(MPI_ANY_SOURCE, 1, comm.get(), &arrived, MPI_STATUS_IGNORE);
    if (trial.id != 0 && ++done == 5)
      for (int rank = 0; rank < ranks; ++rank) {
        MPI_Request request = MPI_REQUEST_NULL;
        MPI_Isend(nullptr, 0, MPI_INT, rank, 1, comm.get(), &request);
        MPI_Request_free(&request);
      }
    return trial.values[0];
  };
  const TuningReport& report = tuning.run(work);
  CHECK(report.trials == 30);
  // What was sent and nobody waited for.
  MPI_Barrier(comm.get());
  for (int waiting = 1; waiting != 0;) {
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, 1, comm.get(), &waiting, &status);
    if (waiting != 0)
      MPI_Recv(nullptr, 0, MPI_INT, status.MPI_SOURCE, 1, comm.get(), MPI_STATUS_IGNORE);
  }
}

TEST_CASE("ranks make data and train on it, nothing is lost and nothing left")
{
  const test::RunFile file{
      MPI_COMM_WORLD, "tuning_faults",
      run_file(
          "trials = 30\nranks_per_trial = 2\nsamples = 4000\n"
          "scheduler = { max = 9 }\nmove = { begin = 1, first = 6, reuse = 3.0, every = 2 }\n")};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  using cardan::Dtype;
  auto tuning =
      session.tuning("t", {16, {{"x", Dtype::float32, {3}}}, {{"y", Dtype::float64, {}}}});
  const int me = cardan::mpi::rank(session.comm());
  auto work = plain();
  std::int64_t made = 0;
  std::int64_t held = 0;
  std::int64_t together = 0;
  const auto sample = [&](std::int64_t number, bool hold) {
    const auto value = static_cast<float>(1000 * me + number);
    const std::vector<float> x{value, value, -value};
    const std::vector<double> y{value};
    const cardan::Field inputs{x.data(), cardan::Extents{1, 3}};
    if (hold)
      tuning.hold_out({{"x", inputs}}, {{"y", y}});
    else
      tuning.observe({{"x", inputs}}, {{"y", y}});
  };
  const auto check = [](const cardan::Tuning::Data& data) {
    const auto* x = reinterpret_cast<const float*>(data.inputs.columns[0]);
    const auto* y = reinterpret_cast<const double*>(data.outputs.columns[0]);
    bool right = true;
    for (std::int64_t s = 0; s < data.inputs.count; ++s)
      right = right && x[3 * s] == static_cast<float>(y[s]) && x[3 * s + 2] == -x[3 * s];
    CHECK(right);
  };
  for (; held < 2; ++held) sample(held, true);
  work.simulate = [&] {
    sample(made++, false);
    return std::int64_t{1};
  };
  work.train = [&](int, const TuningTrial& trial, std::int64_t) {
    int ranks = 0;
    MPI_Comm_size(trial.comm, &ranks);
    together += ranks > 1 ? 1 : 0;
    const auto data = tuning.samples();
    CHECK(data.inputs.count >= 6);
    check(data);
    return trial.values[0];
  };
  test::Calls calls;
  {
    const test::Counting counting;
    tuning.run(work);
    calls = test::calls;
  }
  // Each trial of several ranks had a communicator, which is gone.
  // Where this rank leads alone it also writes the records.
  if (ml_ranks() > 0) CHECK(calls.communicators == 2 * together);
  CHECK(calls.windows == 0);
  const TuningReport& report = tuning.report();
  std::int64_t all = made;
  MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT64_T, MPI_SUM, session.comm());
  CHECK(report.samples == all);
  CHECK(report.held_out == 2 * cardan::mpi::size(session.comm()));
  CHECK(report.lost_samples == 0);
  CHECK(report.moves > 0);
  CHECK(report.use.size() >= 2);
  CHECK(report.simulating > 0);
  const auto data = tuning.samples();
  CHECK(data.inputs.count == all);
  check(data);
  CHECK(tuning.held_out().inputs.count == report.held_out);
  CHECK(report.trials == 30);
}
