! What stands around arrays with ghost cells.
subroutine ask(burning, state, burnt, cells, left)
  use, intrinsic :: iso_fortran_env, only: real64, int64
  use cardan
  implicit none
  type(cardan_surrogate), intent(inout) :: burning
  integer, intent(in) :: cells
  real(real64), intent(inout), target :: state(:, 0:), burnt(:, 0:)
  integer(int64), pointer, intent(out) :: left(:)
  logical :: trusted
  ! The block.
end subroutine ask
