#pragma once

#include <mpi.h>
#include <array>
#include <cstddef>
#include <span>

namespace inner {

// What lies beyond the edges of the domain.
enum class Boundary { no_flux, periodic };

// This rank's part of the grid, each extent as {y, x} and counted in cells.
struct Block {
  std::array<std::size_t, 2> global;
  std::array<std::size_t, 2> offset;
  std::array<std::size_t, 2> count;
};

// A block decomposition of a 2-D grid, and the exchange of one layer of ghost cells around each
// block. Owns a communicator of its own, so that its messages meet no others.
class Halo {
 public:
  // Collective. `components` doubles per cell. Throws std::invalid_argument, on all ranks, when the
  // grid is empty or an axis has fewer cells than ranks.
  Halo(MPI_Comm comm, std::array<std::size_t, 2> global, std::size_t components, Boundary boundary);
  ~Halo();
  Halo(const Halo&) = delete;
  Halo& operator=(const Halo&) = delete;

  const Block& block() const { return block_; }
  MPI_Comm comm() const { return comm_; }  // same ranks as the one given, in the same order

  // Doubles in a block with its ghosts: (count[0] + 2) x (count[1] + 2) x components, row-major.
  std::size_t padded_size() const;

  // Collective. Fills the ghosts on the four sides from the neighbours (corners are left alone);
  // beyond an edge without flux a ghost repeats its cell.
  void exchange(std::span<double> padded) const;

 private:
  void close_edges(std::span<double> padded) const;

  std::size_t components_;
  Block block_{};
  MPI_Comm comm_ = MPI_COMM_NULL;
  MPI_Datatype row_ = MPI_DATATYPE_NULL;
  MPI_Datatype column_ = MPI_DATATYPE_NULL;
  int north_ = MPI_PROC_NULL;  // towards larger y
  int south_ = MPI_PROC_NULL;
  int east_ = MPI_PROC_NULL;  // towards larger x
  int west_ = MPI_PROC_NULL;
};

}  // namespace inner
