! What stands around a solver that works in place.
subroutine simulate(burning, state, steps)
  use, intrinsic :: iso_fortran_env, only: real64, int64
  use cardan
  implicit none
  type(cardan_surrogate), intent(inout) :: burning
  real(real64), intent(inout), target :: state(:, :)
  integer, intent(in) :: steps
  real(real64), allocatable, target :: before(:, :)
  integer(int64), pointer :: left(:)
  logical :: trusted
  integer :: step, i
  interface
    subroutine burn_in_place(cell)
      import :: real64
      real(real64), intent(inout) :: cell(:)
    end subroutine burn_in_place
  end interface
  allocate (before, source=state)
  ! The block.
end subroutine simulate
