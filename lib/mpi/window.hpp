/// Owned windows and datatypes.
#pragma once

#include "support/handle.hpp"

#include <mpi.h>

namespace cardan::mpi {

struct TypeTraits {
  using type = MPI_Datatype;
  static type null() noexcept { return MPI_DATATYPE_NULL; }
  static void release(type datatype) noexcept;
};
using Type = Handle<TypeTraits>;

/// Releasing is collective over the window's ranks.
struct WindowTraits {
  using type = MPI_Win;
  static type null() noexcept { return MPI_WIN_NULL; }
  static void release(type window) noexcept;
};
using Window = Handle<WindowTraits>;

}  // namespace cardan::mpi
