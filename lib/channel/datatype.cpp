#include "channel/datatype.hpp"

#include "mpi/comm.hpp"

#include <array>

namespace cardan::channel {

namespace {

/// `count` times `type`, `stride` bytes apart.
mpi::Type repeated(const mpi::Type& type, std::int64_t count, std::int64_t stride,
                   std::int64_t most)
{
  MPI_Datatype made = MPI_DATATYPE_NULL;
  if (count <= most) {
    mpi::check(MPI_Type_create_hvector(static_cast<int>(count), 1, stride, type.get(), &made),
               "MPI_Type_create_hvector");
    return mpi::Type{made};
  }
  const mpi::Type block = repeated(type, most, stride, most);
  const mpi::Type blocks = repeated(block, count / most, stride * most, most);
  const std::int64_t rest = count % most;
  const mpi::Type tail = repeated(type, rest, stride, most);
  const std::array<int, 2> lengths{1, rest > 0 ? 1 : 0};
  const std::array<MPI_Aint, 2> places{0, static_cast<MPI_Aint>(stride * (count - rest))};
  const std::array<MPI_Datatype, 2> types{blocks.get(), tail.get()};
  mpi::check(MPI_Type_create_struct(2, lengths.data(), places.data(), types.data(), &made),
             "MPI_Type_create_struct");
  return mpi::Type{made};
}

}  // namespace

mpi::Type datatype(const Patch& patch, std::int64_t step, std::int64_t most)
{
  MPI_Datatype made = MPI_DATATYPE_NULL;
  MPI_Type_contiguous(static_cast<int>(patch.element), MPI_BYTE, &made);
  mpi::Type type{made};
  for (int i = patch.count.rank() - 1; i >= 0; --i)
    type = repeated(type, patch.count[i], patch.strides[i], most);
  MPI_Type_create_resized(type.get(), 0, step, &made);
  type = mpi::Type{made};
  made = type.get();
  mpi::check(MPI_Type_commit(&made), "MPI_Type_commit");
  return type;
}

}  // namespace cardan::channel
