/// Counts the windows and communicators that this process has made and not freed: defines MPI's
/// functions, so include it in one source of a program, and without mpi_calls.hpp.
#pragma once

#include <mpi.h>

namespace test {

struct Alive {
  long windows = 0;
  long communicators = 0;
  /// All that were ever made.
  long windows_made = 0;
  long communicators_made = 0;
};
inline Alive alive;

inline int made_window(int code)
{
  if (code == MPI_SUCCESS) ++alive.windows, ++alive.windows_made;
  return code;
}
inline int made_comm(int code, const MPI_Comm* comm)
{
  if (code == MPI_SUCCESS && *comm != MPI_COMM_NULL)
    ++alive.communicators, ++alive.communicators_made;
  return code;
}

}  // namespace test

extern "C" {
int MPI_Win_create(void* base, MPI_Aint size, int unit, MPI_Info info, MPI_Comm comm, MPI_Win* win)
{
  return test::made_window(PMPI_Win_create(base, size, unit, info, comm, win));
}
int MPI_Win_allocate(MPI_Aint size, int unit, MPI_Info info, MPI_Comm comm, void* base,
                     MPI_Win* win)
{
  return test::made_window(PMPI_Win_allocate(size, unit, info, comm, base, win));
}
int MPI_Win_allocate_shared(MPI_Aint size, int unit, MPI_Info info, MPI_Comm comm, void* base,
                            MPI_Win* win)
{
  return test::made_window(PMPI_Win_allocate_shared(size, unit, info, comm, base, win));
}
int MPI_Win_create_dynamic(MPI_Info info, MPI_Comm comm, MPI_Win* win)
{
  return test::made_window(PMPI_Win_create_dynamic(info, comm, win));
}
int MPI_Win_free(MPI_Win* win)
{
  --test::alive.windows;
  return PMPI_Win_free(win);
}
int MPI_Comm_dup(MPI_Comm comm, MPI_Comm* made)
{
  return test::made_comm(PMPI_Comm_dup(comm, made), made);
}
int MPI_Comm_split(MPI_Comm comm, int colour, int key, MPI_Comm* made)
{
  return test::made_comm(PMPI_Comm_split(comm, colour, key, made), made);
}
int MPI_Comm_split_type(MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm* made)
{
  return test::made_comm(PMPI_Comm_split_type(comm, type, key, info, made), made);
}
int MPI_Comm_create(MPI_Comm comm, MPI_Group group, MPI_Comm* made)
{
  return test::made_comm(PMPI_Comm_create(comm, group, made), made);
}
int MPI_Comm_create_group(MPI_Comm comm, MPI_Group group, int tag, MPI_Comm* made)
{
  return test::made_comm(PMPI_Comm_create_group(comm, group, tag, made), made);
}
int MPI_Comm_free(MPI_Comm* comm)
{
  --test::alive.communicators;
  return PMPI_Comm_free(comm);
}
}  // extern "C"
