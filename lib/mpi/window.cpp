#include "mpi/window.hpp"

#include "mpi/comm.hpp"

namespace cardan::mpi {

void TypeTraits::release(type datatype) noexcept
{
  if (alive()) MPI_Type_free(&datatype);
}

void WindowTraits::release(type window) noexcept
{
  if (!alive()) return;
  MPI_Win_unlock_all(window);
  MPI_Win_free(&window);
}

}  // namespace cardan::mpi
