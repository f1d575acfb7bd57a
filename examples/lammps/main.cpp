// Learns energies and forces of LAMMPS' atoms while they move, then predicts those of later steps,
// which it is not taught.
//
//   mpirun -n 3 melt melt.toml                                2 ranks run LAMMPS, 1 learns
//   mpirun -n 2 melt melt.toml : -n 1 cardan-ml melt.toml     the same, by program
#include "melt.hpp"
#include "potential.hpp"

#include <filesystem>

namespace {

Melt make_melt(MPI_Comm comm, const cardan::Config& table)
{
  std::map<std::string, double> variables;
  for (const char* name : {"cells", "density", "temperature", "seed"})
    if (table.has(name)) variables[name] = table.get<double>(name);
  // The script lies beside the run file.
  const auto folder = std::filesystem::path(table.name()).parent_path();
  return {comm, folder / table.get<std::string>("script"), variables, table.get<double>("cutoff"),
          table.get<std::int64_t>("neighbours")};
}

void simulate(cardan::Session& session)
{
  const auto table = session.config("melt");
  const auto every = table.get<std::int64_t>("every");
  const auto taught = table.get<std::int64_t>("taught");
  const auto held_out = table.get<std::int64_t>("held_out");
  const auto steps = table.get<std::int64_t>("steps");
  Melt melt = make_melt(session.comm(), table);
  Potential potential{session, melt};

  // Learning has an end, so that the last steps are new to the model.
  bool learning = true;
  std::int64_t predicted = 0;
  for (const auto step : session.steps(steps)) {
    melt.run(every);
    learning = learning && step < steps - held_out;
    if (learning && step % 50 != 49) {
      potential.teach();
      continue;
    }
    const std::int64_t trained = potential.predict();
    if (trained == 0) continue;
    if (learning) {
      potential.tell("after " + std::to_string(trained) + " optimiser steps");
      learning = trained < taught;
    } else if (++predicted == held_out) {
      break;
    }
  }
  if (predicted == 0) throw cardan::Error{"nothing was predicted", "no model was there in time"};
  potential.tell("held out");
}

}  // namespace

int main(int argc, char** argv)
{
  return cardan::run(argc, argv, simulate);
}
