#include "halo.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace inner {
namespace {

// Ranks along {y, x}: as square as MPI makes it, the larger number along the longer axis.
std::array<int, 2> ranks_per_axis(MPI_Comm comm, std::array<std::size_t, 2> global)
{
  int size = 0;
  MPI_Comm_size(comm, &size);
  std::array<int, 2> ranks{0, 0};
  MPI_Dims_create(size, 2, ranks.data());
  if (global[1] > global[0]) {
    std::swap(ranks[0], ranks[1]);
  }
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const auto along = static_cast<std::size_t>(ranks[axis]);
    if (global[axis] < along) {
      throw std::invalid_argument("cannot cut the grid of " + std::to_string(global[0]) + " x " +
                                  std::to_string(global[1]) + " cells among " +
                                  std::to_string(size) + " ranks (" + std::to_string(along) +
                                  " of them along an axis of " + std::to_string(global[axis]) +
                                  " cells); use fewer ranks or a larger grid");
    }
  }
  return ranks;
}

// First cell of part `index` when `cells` are cut into `parts` that differ by one cell at most.
std::size_t first_cell(std::size_t cells, int index, int parts)
{
  return cells * static_cast<std::size_t>(index) / static_cast<std::size_t>(parts);
}

}  // namespace

Halo::Halo(MPI_Comm comm, std::array<std::size_t, 2> global, std::size_t components,
           Boundary boundary)
    : components_{components}
{
  if (global[0] == 0 || global[1] == 0) {
    throw std::invalid_argument("the grid is empty (" + std::to_string(global[0]) + " x " +
                                std::to_string(global[1]) + " cells); give at least one each way");
  }
  const auto ranks = ranks_per_axis(comm, global);
  const int around = boundary == Boundary::periodic ? 1 : 0;
  const std::array<int, 2> wraps{around, around};
  MPI_Cart_create(comm, 2, ranks.data(), wraps.data(), 0, &comm_);
  int rank = 0;
  MPI_Comm_rank(comm_, &rank);
  std::array<int, 2> place{};
  MPI_Cart_coords(comm_, rank, 2, place.data());
  MPI_Cart_shift(comm_, 0, 1, &south_, &north_);
  MPI_Cart_shift(comm_, 1, 1, &west_, &east_);

  block_.global = global;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const auto begin = first_cell(global[axis], place[axis], ranks[axis]);
    const auto end = first_cell(global[axis], place[axis] + 1, ranks[axis]);
    block_.offset[axis] = begin;
    block_.count[axis] = end - begin;
  }
  const auto values = static_cast<int>(components);
  const auto ny = static_cast<int>(block_.count[0]);
  const auto nx = static_cast<int>(block_.count[1]);
  MPI_Type_contiguous(nx * values, MPI_DOUBLE, &row_);
  MPI_Type_vector(ny, values, (nx + 2) * values, MPI_DOUBLE, &column_);
  MPI_Type_commit(&row_);
  MPI_Type_commit(&column_);
}

// An exception that ends a program may leave this to be destroyed after MPI, which took all along.
Halo::~Halo()
{
  int ended = 0;
  MPI_Finalized(&ended);
  if (ended != 0) {
    return;
  }
  MPI_Type_free(&column_);
  MPI_Type_free(&row_);
  MPI_Comm_free(&comm_);
}

std::size_t Halo::padded_size() const
{
  return (block_.count[0] + 2) * (block_.count[1] + 2) * components_;
}

// A message is tagged with the way it travels: with two ranks around a periodic axis, both
// neighbours are the same rank, and with one rank it is this rank itself.
void Halo::exchange(std::span<double> padded) const
{
  const auto ny = block_.count[0];
  const auto nx = block_.count[1];
  const auto at = [&](std::size_t iy, std::size_t ix) {
    return &padded[(iy * (nx + 2) + ix) * components_];
  };
  enum Way : int { northward, southward, eastward, westward };
  std::array<MPI_Request, 8> requests{};
  MPI_Irecv(at(0, 1), 1, row_, south_, northward, comm_, &requests[0]);
  MPI_Irecv(at(ny + 1, 1), 1, row_, north_, southward, comm_, &requests[1]);
  MPI_Irecv(at(1, 0), 1, column_, west_, eastward, comm_, &requests[2]);
  MPI_Irecv(at(1, nx + 1), 1, column_, east_, westward, comm_, &requests[3]);
  MPI_Isend(at(ny, 1), 1, row_, north_, northward, comm_, &requests[4]);
  MPI_Isend(at(1, 1), 1, row_, south_, southward, comm_, &requests[5]);
  MPI_Isend(at(1, nx), 1, column_, east_, eastward, comm_, &requests[6]);
  MPI_Isend(at(1, 1), 1, column_, west_, westward, comm_, &requests[7]);
  MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
  close_edges(padded);
}

void Halo::close_edges(std::span<double> padded) const
{
  const auto ny = block_.count[0];
  const auto nx = block_.count[1];
  const auto repeat = [&](std::size_t from_y, std::size_t from_x, std::size_t y, std::size_t x) {
    std::copy_n(&padded[(from_y * (nx + 2) + from_x) * components_], components_,
                &padded[(y * (nx + 2) + x) * components_]);
  };
  for (std::size_t ix = 1; ix <= nx; ++ix) {
    if (south_ == MPI_PROC_NULL) {
      repeat(1, ix, 0, ix);
    }
    if (north_ == MPI_PROC_NULL) {
      repeat(ny, ix, ny + 1, ix);
    }
  }
  for (std::size_t iy = 1; iy <= ny; ++iy) {
    if (west_ == MPI_PROC_NULL) {
      repeat(iy, 1, iy, 0);
    }
    if (east_ == MPI_PROC_NULL) {
      repeat(iy, nx, iy, nx + 1);
    }
  }
}

}  // namespace inner
