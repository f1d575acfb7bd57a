!> What the ranks of the round trip do between the calls that differ from case to case: rank 0 produces and asks,
!! rank 2 consumes, and rank 1 does so in C (round_trip.c). The last rank is an ML rank.
module round_trip_sides
  use, intrinsic :: iso_c_binding, only: c_ptr, c_int64_t, c_associated
  use cardan
  use checks
  use mpi_f08
  implicit none
  private
  public :: session, path, batches, service, global, offset, producing
  public :: begin, bound_at, right, move_boxes, begin_batches, move_batches, move_request

  type(cardan_session) :: session
  type(cardan_channel) :: path, batches
  type(cardan_service) :: service
  type(MPI_Comm), public :: comm
  logical :: producing
  integer, allocatable :: global(:), offset(:)
  character(len=:), allocatable :: what

contains

  !> Arrays lie one element inside their global array, of which nobody produces the rest.
  subroutine begin(name, extents)
    character(len=*), intent(in) :: name
    integer, intent(in) :: extents(:)
    type(cardan_channel_options) :: options
    what = name
    global = extents + 2
    offset = 0 * extents + 1
    options%partial = 1
    call path%open(session, comm, 'path', options)
  end subroutine begin

  subroutine bound_at(address, name)
    type(c_ptr), intent(in) :: address
    character(len=*), intent(in) :: name
    call check(c_associated(address, bound_data()), what // ': ' // name // ' is passed where it lies')
  end subroutine bound_at

  subroutine right(count, name)
    integer(c_int64_t), intent(in) :: count
    character(len=*), intent(in) :: name
    call check_equal(count, 0_c_int64_t, what // ': the number of wrong elements of ' // name)
  end subroutine right

  subroutine move_boxes()
    integer :: step
    logical :: taken
    call path%start()
    if (producing) then
      call path%put(7)
    else
      call path%take(step, taken)
      call check(taken .and. step == 7, what // ': step 7 was taken')
    end if
    call path%close()
  end subroutine move_boxes

  subroutine begin_batches()
    call batches%open(session, comm, 'batches')
  end subroutine begin_batches

  !> Rank 2 has no part in them.
  subroutine move_batches()
    call batches%start()
    if (producing) call batches%put(8)
    call batches%close()
  end subroutine move_batches

  subroutine move_request()
    integer(c_int64_t) :: request
    logical :: answered
    call service%start()
    if (producing) then
      call service%request(request)
      call service%wait(request, answered)
      call check(answered, what // ': the request was answered')
    end if
    call service%close()
  end subroutine move_request
end module round_trip_sides
