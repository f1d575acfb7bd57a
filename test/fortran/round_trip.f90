! Arrays of every kind and rank, in all manners that Fortran has of holding them, arrive right in C, in Fortran and on
! an ML rank, and are never copied to be passed.
program round_trip
  use, intrinsic :: iso_c_binding, only: c_char, c_null_char
  use cardan
  use checks
  use mpi_f08
  use round_trip_cases, only: all_cases
  use round_trip_sides
  implicit none
  interface
    subroutine c_register() bind(c, name="round_trip_register")
    end subroutine c_register
    subroutine c_consume(run_file) bind(c, name="round_trip_consume")
      import :: c_char
      character(kind=c_char), intent(in) :: run_file(*)
    end subroutine c_consume
  end interface
  character(len=*), parameter :: run_file = 'fortran_round_trip.toml'
  logical :: served

  call MPI_Init()
  call write_file(run_file, run_lines())
  call c_register()
  if (my_rank() == 1) then
    call c_consume(run_file // c_null_char)
  else
    call session%open(MPI_COMM_WORLD, run_file, served, comm)
    producing = my_rank() == 0
    if (.not. served) call all_cases()
    call session%close()
  end if
  call delete_file(run_file)
  call MPI_Finalize()

contains

  function run_lines() result(lines)
    character(len=6), parameter :: kinds(*) = ['real32', 'real64', 'int8  ', 'int16 ', 'int32 ', 'int64 ']
    character(len=60), allocatable :: lines(:)
    integer :: i, rank
    lines = [character(len=60) :: '[run]', 'quiet = true', '[ranks]', 'ml = { count = 1 }']
    do i = 1, size(kinds)
      do rank = 1, 7
        lines = [character(len=60) :: lines, '[service.' // trim(kinds(i)) // '_' // achar(48 + rank) // ']', &
          'kind = "indices"', 'depth = 1', 'deadline = "30 s"']
      end do
    end do
  end function run_lines
end program round_trip
