! What stands around a request to a service.
subroutine ask(session, x, y)
  use, intrinsic :: iso_fortran_env, only: real64, int64
  use cardan
  implicit none
  type(cardan_session), intent(inout) :: session
  real(real64), intent(inout), target :: x(:, :), y(:, :)
  type(cardan_service) :: solver
  integer(int64) :: request
  logical :: answered
  interface
    subroutine compute_something_else()
    end subroutine compute_something_else
    subroutine solve(x, y)
      import :: real64
      real(real64), intent(in) :: x(:, :)
      real(real64), intent(out) :: y(:, :)
    end subroutine solve
  end interface
  ! The block.
end subroutine ask
