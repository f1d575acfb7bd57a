#include "furnace.hpp"

#include <cardan/cardan.hpp>

#include <cstdio>

int simulate(MPI_Comm comm, const char* run_file)
{
  cardan::Session session{comm, run_file};       // who simulates, who learns
  if (session.serves()) return session.serve();  // an ML rank: until the simulation ends

  furnace::Row row{session.comm(), 256};  // the simulation's ranks, in place of comm
  auto burning = session.surrogate("burning");
  for ([[maybe_unused]] const auto step : session.steps(200)) {
    const auto answer =
        burning.predict({{"temperature", row.temperature()}}, {{"burnt", row.burnt()}});
    if (!answer) {
      row.burn(answer.untrusted());  // what the model was not trusted with
      burning.observe({{"temperature", row.temperature()}}, {{"burnt", row.burnt()}},
                      answer.untrusted());
    }
    row.conduct();
  }

  const double mean = row.mean();
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  const auto& counters = burning.counters();
  if (rank == 0) {
    std::printf("mean temperature %.6f\n", mean);
    std::printf("of %lld cells the model did %lld; not ready %lld, unsure %lld, outside %lld\n",
                static_cast<long long>(counters.asked), static_cast<long long>(counters.trusted),
                static_cast<long long>(counters.not_ready), static_cast<long long>(counters.unsure),
                static_cast<long long>(counters.outside));
  }
  return 0;
}

int main(int argc, char** argv)
{
  MPI_Init(&argc, &argv);
  int status = 1;
  try {
    status = simulate(MPI_COMM_WORLD, argc > 1 ? argv[1] : "furnace.toml");
  } catch (const cardan::Error& error) {
    // Most errors are thrown on all ranks; where only this one has it, the others wait for it.
    const bool alone = error.reach() == cardan::Reach::local;
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (alone || rank == 0) std::fprintf(stderr, "%s\n", error.what());
    if (alone) MPI_Abort(MPI_COMM_WORLD, 1);
  }
  MPI_Finalize();
  return status;
}
