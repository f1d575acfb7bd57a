! What stands around the handling of an error.
program errors
  use, intrinsic :: iso_fortran_env, only: error_unit
  use mpi_f08
  use cardan
  implicit none
  type(cardan_session) :: session
  type(MPI_Comm) :: comm
  logical :: served
  integer :: stat, rank
  character(len=500) :: errmsg
  call MPI_Init()
  call MPI_Comm_rank(MPI_COMM_WORLD, rank)
  ! The block.
  call session%close()
  call MPI_Finalize()
end program errors
