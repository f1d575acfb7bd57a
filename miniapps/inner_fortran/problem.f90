!> The problem as the namelist file and the command line say it:
!>   PROGRAM [FILE.nml] [NAME=VALUE]...
module inner_problem
  use, intrinsic :: ieee_arithmetic, only: ieee_is_finite
  use, intrinsic :: iso_fortran_env, only: int64, real64
  use mpi_f08, only: MPI_Comm
  use inner_failure, only: end_together
  use inner_halo, only: no_flux, periodic
  use inner_initial, only: make_profile, profile_type
  use inner_reactor, only: reactor_type, settings_type
  implicit none
  private
  public :: read_problem, set_initial_state

  integer, parameter :: name_length = 1024

  interface text
    procedure text_of_integer, text_of_real
  end interface text

  type, public :: problem_type
    type(settings_type) :: settings
    integer :: steps = 100
    integer(int64) :: seed = 1
    character(name_length) :: initial = 'blobs'
    character(name_length) :: output = 'inner_fortran.raw'
  end type problem_type

contains

  !> Collective. Reads the namelist `inner` from the file that the command line names
  !> (inner_fortran.nml if none), then what else the command line says, as if it stood in that list.
  !> Ends the job for what makes no sense.
  subroutine read_problem(comm, problem)
    type(MPI_Comm), intent(in) :: comm
    type(problem_type), intent(out) :: problem
    character(:), allocatable :: file, assignments, message

    call read_command_line(file, assignments, message)
    if (message == '') call read_namelists(file, assignments, problem, message)
    if (message == '') call check(problem, message)
    if (message /= '') message = file//': '//message
    call end_together(comm, message)
  end subroutine read_problem

  !> Local. Sets the reactor's state as the problem says.
  subroutine set_initial_state(reactor, problem)
    type(reactor_type), intent(inout) :: reactor
    type(problem_type), intent(in) :: problem
    type(profile_type) :: profile
    character(:), allocatable :: ignored

    call make(profile, problem, ignored)
    call reactor%fill(profile)
  end subroutine set_initial_state

  subroutine make(profile, problem, message)
    type(profile_type), intent(out) :: profile
    type(problem_type), intent(in) :: problem
    character(:), allocatable, intent(out) :: message

    associate (it => problem%settings)
      call make_profile(profile, trim(problem%initial), problem%seed, it%length, &
                        it%length * it%ny / it%nx, message)
    end associate
  end subroutine make

  subroutine read_command_line(file, assignments, message)
    character(:), allocatable, intent(out) :: file, assignments, message
    character(:), allocatable :: word
    integer :: i, length

    file = 'inner_fortran.nml'
    assignments = ''
    message = ''
    do i = 1, command_argument_count()
      call get_command_argument(i, length=length)
      if (allocated(word)) deallocate (word)
      allocate (character(length) :: word)
      call get_command_argument(i, word)
      if (index(word, '=') > 0) then
        assignments = assignments//' '//word
      else if (i == 1 .and. index(word, '-') /= 1) then
        file = word
      else
        message = "cannot understand '"//word//"'; write: PROGRAM [FILE.nml] [NAME=VALUE]..."
      end if
    end do
  end subroutine read_command_line

  subroutine read_namelists(file, assignments, problem, message)
    character(*), intent(in) :: file, assignments
    type(problem_type), intent(inout) :: problem
    character(:), allocatable, intent(out) :: message
    integer :: nx, ny, steps
    integer(int64) :: seed
    real(real64) :: length, dt, relative_tolerance
    real(real64) :: diffusivity(size(problem%settings%diffusivity))
    character(name_length) :: initial, boundary, output
    character(200) :: reason
    character(:), allocatable :: line
    integer :: unit, status
    namelist /inner/ nx, ny, steps, seed, length, dt, diffusivity, boundary, initial, &
      relative_tolerance, output

    message = ''
    associate (it => problem%settings)
      nx = it%nx
      ny = it%ny
      length = it%length
      dt = it%dt
      diffusivity = it%diffusivity
      relative_tolerance = it%relative_tolerance
    end associate
    boundary = 'no_flux'
    steps = problem%steps
    seed = problem%seed
    initial = problem%initial
    output = problem%output

    open (newunit=unit, file=file, status='old', action='read', iostat=status, iomsg=reason)
    if (status /= 0) then
      message = 'cannot be opened ('//trim(reason)//'); name a namelist file'
      return
    end if
    read (unit, nml=inner, iostat=status, iomsg=reason)
    close (unit)
    if (status /= 0) then
      message = 'cannot read the namelist inner ('//trim(reason)//'); it begins with &inner, '// &
        'ends with / and miniapps/inner_fortran/inner_fortran.nml shows all that it may have'
      return
    end if
    line = '&inner'//assignments//' /'
    read (line, nml=inner, iostat=status, iomsg=reason)
    if (status /= 0) then
      message = 'cannot take the command line as '//line//' ('//trim(reason)// &
        '); write NAME=VALUE as in the file, and text in quotes that the shell leaves alone'
      return
    end if

    problem%settings = settings_type(nx, ny, length, dt, diffusivity, no_flux, relative_tolerance)
    problem%steps = steps
    problem%seed = seed
    problem%initial = initial
    problem%output = output
    select case (boundary)
    case ('no_flux')
    case ('periodic')
      problem%settings%boundary = periodic
    case default
      message = "boundary = '"//trim(boundary)//"' (known: no_flux, periodic); choose one of them"
    end select
  end subroutine read_namelists

  subroutine check(problem, message)
    type(problem_type), intent(in) :: problem
    character(:), allocatable, intent(out) :: message
    type(profile_type) :: ignored

    message = ''
    associate (it => problem%settings)
      call require(it%nx >= 1, 'nx', text(it%nx), 'at least 1')
      call require(it%ny >= 1, 'ny', text(it%ny), 'at least 1')
      call require(problem%steps >= 1, 'steps', text(problem%steps), 'at least 1')
      call require(positive(it%length), 'length', text(it%length), 'positive')
      call require(positive(it%dt), 'dt', text(it%dt), 'positive')
      call require(positive(it%relative_tolerance), 'relative_tolerance', &
                   text(it%relative_tolerance), 'positive')
      call require(all(ieee_is_finite(it%diffusivity) .and. it%diffusivity >= 0), 'diffusivity', &
                   text(minval(it%diffusivity)), 'zero or positive, for each species')
    end associate
    if (message == '') call make(ignored, problem, message)

  contains

    subroutine require(good, name, value, wanted)
      logical, intent(in) :: good
      character(*), intent(in) :: name, value, wanted

      if (message == '' .and. .not. good) then
        message = name//' = '//value//' (must be '//wanted// &
          '); change it here or on the command line'
      end if
    end subroutine require
  end subroutine check

  pure logical function positive(value)
    real(real64), intent(in) :: value

    positive = ieee_is_finite(value) .and. value > 0
  end function positive

  pure function text_of_integer(value) result(written)
    integer, intent(in) :: value
    character(:), allocatable :: written
    character(20) :: buffer

    write (buffer, '(i0)') value
    written = trim(buffer)
  end function text_of_integer

  pure function text_of_real(value) result(written)
    real(real64), intent(in) :: value
    character(:), allocatable :: written
    character(40) :: buffer

    write (buffer, '(g0.6)') value
    written = trim(buffer)
  end function text_of_real

end module inner_problem
