!> Checks of tests in Fortran: the first that fails prints what it is, and ends the whole job.
module checks
  use, intrinsic :: iso_fortran_env, only: error_unit
  use, intrinsic :: iso_c_binding, only: c_int, c_int64_t, c_ptr, c_size_t
  use mpi_f08
  implicit none
  private
  public :: check, check_equal, my_rank, text_of, write_file, delete_file

  !> C's side: support/arrays.c, support/bound.c and support/heap.c say what each does.
  interface
    subroutine fill(array, salt) bind(c, name="test_fill")
      import :: c_int
      type(*), dimension(..), intent(inout) :: array
      integer(c_int), intent(in) :: salt
    end subroutine fill
    integer(c_int64_t) function wrong(array, salt) bind(c, name="test_wrong")
      import :: c_int, c_int64_t
      type(*), dimension(..), intent(in) :: array
      integer(c_int), intent(in) :: salt
    end function wrong
    subroutine mark(memory, bytes) bind(c, name="test_mark")
      import :: c_ptr, c_int64_t
      type(c_ptr), value :: memory
      integer(c_int64_t), value :: bytes
    end subroutine mark
    integer(c_int64_t) function spoilt(array, memory, bytes) bind(c, name="test_spoilt")
      import :: c_ptr, c_int64_t
      type(*), dimension(..), intent(inout) :: array
      type(c_ptr), value :: memory
      integer(c_int64_t), value :: bytes
    end function spoilt
    type(c_ptr) function bound_data() bind(c, name="test_bound_data")
      import :: c_ptr
    end function bound_data
    subroutine count_heap() bind(c, name="test_count_heap")
    end subroutine count_heap
    subroutine heap_counted(calls, largest) bind(c, name="test_heap_counted")
      import :: c_int64_t
      integer(c_int64_t), intent(out) :: calls, largest
    end subroutine heap_counted
  end interface
  public :: fill, wrong, mark, spoilt, bound_data, count_heap, heap_counted

contains

  integer function my_rank()
    call MPI_Comm_rank(MPI_COMM_WORLD, my_rank)
  end function my_rank

  subroutine check(fine, what)
    logical, intent(in) :: fine
    character(len=*), intent(in) :: what
    if (fine) return
    write (error_unit, '(a, i0, 2a)') 'rank ', my_rank(), ': this does not hold: ', what
    flush (error_unit)
    call MPI_Abort(MPI_COMM_WORLD, 1)
  end subroutine check

  subroutine check_equal(found, wanted, what)
    integer(c_int64_t), intent(in) :: found, wanted
    character(len=*), intent(in) :: what
    call check(found == wanted, what // ' is ' // text_of(found) // ', not ' // text_of(wanted))
  end subroutine check_equal

  !> Rank 0 writes a file of these lines; collective.
  subroutine write_file(name, lines)
    character(len=*), intent(in) :: name, lines(:)
    integer :: unit, i
    if (my_rank() == 0) then
      open (newunit=unit, file=name, action='write', status='replace')
      write (unit, '(a)') (trim(lines(i)), i = 1, size(lines))
      close (unit)
    end if
    call MPI_Barrier(MPI_COMM_WORLD)
  end subroutine write_file

  subroutine delete_file(name)
    character(len=*), intent(in) :: name
    integer :: unit
    call MPI_Barrier(MPI_COMM_WORLD)
    if (my_rank() /= 0) return
    open (newunit=unit, file=name)
    close (unit, status='delete')
  end subroutine delete_file

  function text_of(number) result(text)
    integer(c_int64_t), intent(in) :: number
    character(len=:), allocatable :: text
    character(len=24) :: room
    write (room, '(i0)') number
    text = trim(room)
  end function text_of
end module checks
