! What stands around an archive.
subroutine store(comm, u, n, rank, ranks)
  use, intrinsic :: iso_fortran_env, only: real64
  use mpi_f08, only: MPI_Comm
  use cardan
  implicit none
  type(MPI_Comm), intent(in) :: comm
  integer, intent(in) :: n, rank, ranks
  real(real64), intent(inout), target :: u(:)
  type(cardan_archive) :: archive
  ! The block.
end subroutine store
