!> What a call that fails must say.
module errors_expected
  use, intrinsic :: iso_c_binding, only: c_int64_t
  use checks
  implicit none
  private
  public :: expect
  !> As enum cardan_status of cardan.h.
  integer, parameter, public :: fine = 0, local = 1, everywhere = 2, late = 3, misuse = 4, any_error = -1
  integer, public :: stat = -5
  character(len=500), public :: msg = 'as before'

contains

  subroutine expect(status, text)
    integer, intent(in) :: status
    character(len=*), intent(in) :: text
    logical :: right
    right = merge(stat > 0, stat == status, status == any_error)
    call check(right, 'the status is ' // text_of(int(status, c_int64_t)) // ', and "' // text // '" is said; it is ' &
      // text_of(int(stat, c_int64_t)) // ': ' // trim(msg))
    if (status == fine) then
      call check(msg == 'as before', 'errmsg keeps its value: ' // trim(msg))
    else
      call check(index(msg, text) > 0 .and. msg /= 'as before', '"' // text // '" is said: ' // trim(msg))
    end if
    stat = -5
    msg = 'as before'
  end subroutine expect
end module errors_expected
