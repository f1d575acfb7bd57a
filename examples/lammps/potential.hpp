/// A melt's atoms as samples for a model: taught, asked, and compared with what LAMMPS says.
#pragma once

#include "melt.hpp"
#include "score.hpp"

#include <cardan/cardan.hpp>

class Potential {
 public:
  /// Collective over the simulation ranks, as all of this class but `teach`.
  Potential(cardan::Session& session, const Melt& melt);

  /// The model learns from this rank's atoms.
  void teach();
  /// It predicts them. Gives how many optimiser steps are behind the answers; 0 where the model is
  /// not there yet.
  std::int64_t predict();
  /// How right the predictions since the last call were.
  void tell(const std::string& when);

 private:
  MPI_Comm comm_;
  const Melt& melt_;
  cardan::Surrogate model_;
  std::vector<double> energies_;
  std::vector<double> forces_;
  /// Energy of each atom, energy per atom of all of them, and each component of an atom's force.
  Score atom_;
  Score configuration_;
  Score force_;
};
