/// A furnace: rows of cells that burn, each by itself, and conduct heat to their neighbours.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <span>
#include <vector>

namespace furnace {

/// This rank's cells of a row that goes around all ranks of a communicator.
class Row {
 public:
  Row(MPI_Comm comm, std::size_t cells);

  /// A number for each cell, before and after burning.
  std::vector<double>& temperature() { return temperature_; }
  std::vector<double>& burnt() { return burnt_; }

  /// The expensive part: T' = -T^3 in small steps, for the cells listed.
  void burn(std::span<const std::int64_t> cells);
  /// The same for all of them.
  void burn();
  /// The cheap part, which wants the neighbours.
  void conduct();
  /// The mean temperature over all ranks; collective.
  double mean() const;

 private:
  MPI_Comm comm_;
  std::vector<double> temperature_;
  std::vector<double> burnt_;
};

}  // namespace furnace
