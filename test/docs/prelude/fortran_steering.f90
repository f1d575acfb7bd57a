! What stands around a steered walker in Fortran.
subroutine walk(session, state, steps)
  use, intrinsic :: iso_fortran_env, only: real64
  use cardan
  implicit none
  type(cardan_session), intent(inout) :: session
  real(real64), intent(inout), target :: state(2)
  integer, intent(in) :: steps
  type(cardan_steering) :: bias
  type(cardan_decision_stamp) :: stamp
  character(len=64) :: reason
  real(real64), target :: centre(2), height
  logical :: decided
  integer :: step
  interface
    subroutine advance(state, centre, height)
      import :: real64
      real(real64), intent(inout) :: state(2)
      real(real64), intent(in) :: centre(2), height
    end subroutine advance
  end interface
  ! The block.
end subroutine walk
