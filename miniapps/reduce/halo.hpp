/// A periodic grid in two or three dimensions, cut among ranks, and its layer of ghost cells.
#pragma once

#include <mpi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace reduce {

/// By axis: z, y, x. In two dimensions z has one cell and no ghosts.
using Cells = std::array<std::int64_t, 3>;

/// This rank's part of the grid.
struct Part {
  int dimensions = 2;
  Cells global{1, 1, 1};
  Cells offset{};
  Cells count{1, 1, 1};
  [[nodiscard]] std::int64_t cells() const { return count[0] * count[1] * count[2]; }
};

/// Where a part's numbers lie: for each component the cells with one layer of ghosts around them,
/// row-major.
struct Layout {
  explicit Layout(const Part& part);
  /// Extents with ghosts; numbers from one row, plane and component to the next.
  Cells padded{};
  std::int64_t row = 0;
  std::int64_t plane = 0;
  std::int64_t component = 0;
  /// Of the first cell that is no ghost.
  std::int64_t first = 0;
  [[nodiscard]] std::int64_t at(std::int64_t z, std::int64_t y, std::int64_t x) const
  {
    return first + z * plane + y * row + x;
  }
};

/// Cuts a grid among ranks and fills ghosts from the neighbours, corners included: one axis after
/// the other. Owns a communicator of its own.
class Halo {
 public:
  /// Collective over `comm`. Throws std::invalid_argument, on all ranks, where the grid is empty or
  /// an axis has fewer cells than ranks.
  Halo(MPI_Comm comm, int dimensions, Cells global, int components);
  ~Halo();
  Halo(const Halo&) = delete;
  Halo& operator=(const Halo&) = delete;

  [[nodiscard]] const Part& part() const { return part_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] MPI_Comm comm() const { return comm_; }
  [[nodiscard]] int components() const { return components_; }
  /// Numbers of all components with their ghosts.
  [[nodiscard]] std::size_t size() const;
  /// Collective, blocking.
  void exchange(double* padded) const;

 private:
  /// Of one axis: layers towards the neighbours below and above, what is sent and what comes.
  struct Axis {
    int below = MPI_PROC_NULL;
    int above = MPI_PROC_NULL;
    MPI_Datatype send_below = MPI_DATATYPE_NULL;
    MPI_Datatype send_above = MPI_DATATYPE_NULL;
    MPI_Datatype from_below = MPI_DATATYPE_NULL;
    MPI_Datatype from_above = MPI_DATATYPE_NULL;
  };
  void make_types(int axis);

  int components_;
  Part part_;
  MPI_Comm comm_ = MPI_COMM_NULL;
  Layout layout_;
  std::array<Axis, 3> axes_{};
};

}  // namespace reduce
