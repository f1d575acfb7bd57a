#include "halo.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace reduce {

namespace {

/// Ranks along z, y, x: as cubic as MPI makes it; the most along y, so that rows stay long.
std::array<int, 3> ranks_per_axis(int size, int dimensions, const Cells& global)
{
  std::array<int, 3> ranks{1, 1, 1};
  std::array<int, 3> dealt{0, 0, 0};
  MPI_Dims_create(size, dimensions, dealt.data());
  if (dimensions == 2)
    ranks = {1, dealt[0], dealt[1]};
  else
    ranks = dealt;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (global[axis] >= ranks[axis] && global[axis] > 0) continue;
    throw std::invalid_argument("cannot cut a grid with an axis of " +
                                std::to_string(global[axis]) + " cells among " +
                                std::to_string(size) + " ranks (" + std::to_string(ranks[axis]) +
                                " of them along it); use fewer ranks or a larger grid");
  }
  return ranks;
}

Part part_of(int dimensions, const Cells& global, const std::array<int, 3>& ranks,
             const std::array<int, 3>& place)
{
  Part part;
  part.dimensions = dimensions;
  part.global = global;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    part.offset[axis] = global[axis] * place[axis] / ranks[axis];
    part.count[axis] = global[axis] * (place[axis] + 1) / ranks[axis] - part.offset[axis];
  }
  return part;
}

struct Cut {
  MPI_Comm comm = MPI_COMM_NULL;
  Part part;
};

Cut cut(MPI_Comm comm, int dimensions, Cells global)
{
  if (dimensions == 2) global[0] = 1;
  int size = 0;
  MPI_Comm_size(comm, &size);
  const auto ranks = ranks_per_axis(size, dimensions, global);
  const std::array<int, 3> wraps{1, 1, 1};
  Cut result;
  MPI_Cart_create(comm, 3, ranks.data(), wraps.data(), 0, &result.comm);
  int rank = 0;
  MPI_Comm_rank(result.comm, &rank);
  std::array<int, 3> place{};
  MPI_Cart_coords(result.comm, rank, 3, place.data());
  result.part = part_of(dimensions, global, ranks, place);
  return result;
}

}  // namespace

Layout::Layout(const Part& part)
{
  const std::int64_t deep = part.dimensions == 3 ? 1 : 0;
  padded = {part.count[0] + 2 * deep, part.count[1] + 2, part.count[2] + 2};
  row = padded[2];
  plane = padded[1] * row;
  component = padded[0] * plane;
  first = deep * plane + row + 1;
}

Halo::Halo(MPI_Comm comm, int dimensions, Cells global, int components)
    : components_(components), layout_(Part{})
{
  const Cut made = cut(comm, dimensions, global);
  comm_ = made.comm;
  part_ = made.part;
  layout_ = Layout(part_);
  for (int axis = dimensions == 2 ? 1 : 0; axis < 3; ++axis) make_types(axis);
}

// Axes before this one are exchanged already: their ghosts travel along, and so corners arrive.
void Halo::make_types(int axis)
{
  Axis& of = axes_[static_cast<std::size_t>(axis)];
  MPI_Cart_shift(comm_, axis, 1, &of.below, &of.above);
  std::array<int, 4> sizes{components_, 0, 0, 0};
  std::array<int, 4> layer{components_, 0, 0, 0};
  std::array<int, 4> start{};
  for (std::size_t a = 0; a < 3; ++a) {
    const bool ghosts = layout_.padded[a] > part_.count[a];
    const bool whole = static_cast<int>(a) < axis || !ghosts;
    sizes[a + 1] = static_cast<int>(layout_.padded[a]);
    layer[a + 1] = static_cast<int>(whole ? layout_.padded[a] : part_.count[a]);
    start[a + 1] = whole ? 0 : 1;
  }
  const auto along = static_cast<std::size_t>(axis) + 1;
  layer[along] = 1;
  const int cells = static_cast<int>(part_.count[static_cast<std::size_t>(axis)]);
  const auto make = [&](int at, MPI_Datatype& type) {
    start[along] = at;
    MPI_Type_create_subarray(4, sizes.data(), layer.data(), start.data(), MPI_ORDER_C, MPI_DOUBLE,
                             &type);
    MPI_Type_commit(&type);
  };
  make(1, of.send_below);
  make(cells, of.send_above);
  make(0, of.from_below);
  make(cells + 1, of.from_above);
}

// An exception that ends a program may leave this to be destroyed after MPI, which took all along.
Halo::~Halo()
{
  int ended = 0;
  MPI_Finalized(&ended);
  if (ended != 0) return;
  for (Axis& axis : axes_)
    for (MPI_Datatype* type :
         {&axis.send_below, &axis.send_above, &axis.from_below, &axis.from_above})
      if (*type != MPI_DATATYPE_NULL) MPI_Type_free(type);
  MPI_Comm_free(&comm_);
}

std::size_t Halo::size() const
{
  return static_cast<std::size_t>(layout_.component) * static_cast<std::size_t>(components_);
}

// A message is tagged with the way it travels: with two ranks around an axis both neighbours are
// the same rank, and with one rank it is this rank itself.
void Halo::exchange(double* padded) const
{
  enum Way : int { upward, downward };
  for (const Axis& axis : axes_) {
    if (axis.send_below == MPI_DATATYPE_NULL) continue;
    std::array<MPI_Request, 4> requests{};
    MPI_Irecv(padded, 1, axis.from_below, axis.below, upward, comm_, &requests[0]);
    MPI_Irecv(padded, 1, axis.from_above, axis.above, downward, comm_, &requests[1]);
    MPI_Isend(padded, 1, axis.send_above, axis.above, upward, comm_, &requests[2]);
    MPI_Isend(padded, 1, axis.send_below, axis.below, downward, comm_, &requests[3]);
    MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
  }
}

}  // namespace reduce
