! What stands around a grid's boxes.
subroutine close_with(closure, u, flux, nx, ny, rank, ranks, step)
  use, intrinsic :: iso_fortran_env, only: real64, int64
  use cardan
  implicit none
  type(cardan_surrogate), intent(inout) :: closure
  integer, intent(in) :: nx, ny, rank, ranks, step
  real(real64), intent(inout), target :: u(0:, 0:), flux(:, :)
  integer(int64), pointer :: left(:)
  logical :: trusted
  integer :: cell, i, j
  interface
    real(real64) function flux_at(u, i, j)
      import :: real64
      real(real64), intent(in) :: u(0:, 0:)
      integer, intent(in) :: i, j
    end function flux_at
  end interface
  ! The block.
end subroutine close_with
