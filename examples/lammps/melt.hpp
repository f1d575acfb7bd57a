/// Atoms in LAMMPS, and what each sees of its neighbours.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

class Melt {
 public:
  /// Runs a LAMMPS script, its variables set by name. Keeps no more neighbours of an atom than so
  /// many, nearer than the cutoff. Collective over `comm`, as all that is not const.
  Melt(MPI_Comm comm, const std::string& script, const std::map<std::string, double>& variables,
       double cutoff, std::int64_t neighbours);

  /// Time steps, after which everything below is as LAMMPS has it then. Atoms migrate between
  /// ranks.
  void run(std::int64_t steps);

  /// Atoms of all ranks, and those that this rank has.
  [[nodiscard]] std::int64_t all() const;
  [[nodiscard]] std::int64_t atoms() const;
  /// The most neighbours that are kept.
  [[nodiscard]] std::int64_t most() const { return most_; }
  /// (atoms) and (atoms, 3): LAMMPS' own arrays.
  [[nodiscard]] const double* energies() const { return energies_; }
  [[nodiscard]] const double* forces() const { return forces_; }
  /// (atoms, neighbours, 3): where an atom sees each neighbour; then zeros.
  [[nodiscard]] const double* neighbours() const { return seen_.data(); }

 private:
  void look_around();
  void see(int atom, int other, double* const* positions);

  struct Close {
    void operator()(void* lammps) const;
  };
  std::unique_ptr<void, Close> lammps_;
  double cutoff_;
  std::int64_t most_;
  const double* energies_ = nullptr;
  const double* forces_ = nullptr;
  std::vector<double> seen_;
  std::vector<std::int64_t> counts_;
};
