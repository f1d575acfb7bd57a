! What stands around a channel.
subroutine stream(session, comm, rank, ranks, u, whole, steps)
  use, intrinsic :: iso_fortran_env, only: real64
  use mpi_f08, only: MPI_Comm
  use cardan
  implicit none
  type(cardan_session), intent(inout) :: session
  type(MPI_Comm), intent(in) :: comm
  integer, intent(in) :: rank, ranks, steps
  real(real64), intent(inout), target :: u(:), whole(:)
  type(cardan_channel) :: channel
  logical :: taken
  integer :: step, n
  interface
    subroutine advance(u)
      import :: real64
      real(real64), intent(inout) :: u(:)
    end subroutine advance
    subroutine look_at(step, u)
      import :: real64
      integer, intent(in) :: step
      real(real64), intent(in) :: u(:)
    end subroutine look_at
  end interface
  n = size(u)
  ! The block.
end subroutine stream
