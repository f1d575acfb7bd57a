! What stands around the steps of a run that can go on later.
subroutine simulate(session, comm, state, steps)
  use, intrinsic :: iso_fortran_env, only: real64
  use mpi_f08
  use cardan
  implicit none
  type(cardan_session), intent(inout) :: session
  type(MPI_Comm), intent(in) :: comm
  real(real64), intent(inout), target :: state(:, :)
  integer, intent(in) :: steps
  logical :: restored
  integer :: step
  interface
    subroutine light(comm, state)
      import :: MPI_Comm, real64
      type(MPI_Comm), intent(in) :: comm
      real(real64), intent(out) :: state(:, :)
    end subroutine light
    subroutine advance(comm, state)
      import :: MPI_Comm, real64
      type(MPI_Comm), intent(in) :: comm
      real(real64), intent(inout) :: state(:, :)
    end subroutine advance
  end interface
  ! The block.
end subroutine simulate
