! A surrogate on a grid from Fortran: cells that are not trusted are numbered in array element order, whether or not
! the run file names the axes, and whichever index comes first. Two simulation ranks share the grid; the last rank learns.
program grid
  use, intrinsic :: iso_fortran_env, only: real64
  use, intrinsic :: iso_c_binding, only: c_int64_t
  use cardan
  use checks
  use mpi_f08
  implicit none
  integer, parameter :: nx = 12, ny = 8
  integer :: ranks

  call MPI_Init()
  call run('plain', '', [character(len=60) ::])
  call run('as_named', 'x y', [character(len=60) :: '[field.u]', 'axes = ["x", "y"]', '[field.v]', 'axes = ["x", "y"]'])
  call run('turned', 'x y', [character(len=60) :: '[field.u]', 'axes = ["y", "x"]', '[field.v]', 'axes = ["y", "x"]'])
  call MPI_Finalize()

contains

  !> u(x, y), cut in x between the ranks: of 7 and 5, so that tiles of 4 cross the cut.
  subroutine run(what, axes, fields)
    character(len=*), intent(in) :: what, axes, fields(:)
    character(len=:), allocatable :: name
    type(cardan_session) :: session
    type(MPI_Comm) :: comm
    logical :: served
    name = 'fortran_grid_' // what // '.toml'
    call write_file(name, [character(len=60) :: '[run]', 'quiet = true', '[ranks]', 'ml = { count = 1 }', &
      '[surrogate.double]', 'inputs = ["u"]', 'outputs = ["v"]', 'model = { kind = "linear" }', &
      'trust = { gate = "none", range = [-5, 5] }', 'late = "wait"', 'grid = { tile = [4, 4] }', &
      '[training.double]', 'warmup = 48', fields])
    call session%open(MPI_COMM_WORLD, name, served, comm)
    call MPI_Comm_size(comm, ranks)
    if (.not. served) call learn(session, what, axes)
    call session%close()
    call delete_file(name)
  end subroutine run

  subroutine learn(session, what, axes)
    type(cardan_session), intent(inout) :: session
    character(len=*), intent(in) :: what, axes
    type(cardan_surrogate) :: double
    real(real64), allocatable, target :: u(:, :), v(:, :)
    integer(c_int64_t), pointer :: untrusted(:)
    integer :: first, count, step, i
    logical :: trusted
    first = merge(0, 7, my_rank() == 0)
    count = merge(7, 5, my_rank() == 0)
    allocate (u(0:count + 1, ny), v(count, ny))
    call double%open(session, 'double')
    ! axes='' is as if there were none.
    call double%input('u', u(1:count, :), [nx, ny], [first, 0], axes=axes)
    call double%output('v', v, [nx, ny], [first, 0], axes=axes)
    trusted = .false.
    do step = 1, 500
      call random_number(u)
      call double%predict(trusted, untrusted, step=step)
      call check(trusted .eqv. size(untrusted) == 0, what // ': trusted says that none is untrusted')
      if (trusted) exit
      call check(all(untrusted == [(i, i=1, size(v))]), what // ': all cells, from 1')
      v = 2 * u(1:count, :)
      call double%observe()
    end do
    call check(trusted, what // ': the model learned')
    call check(maxval(abs(v - 2 * u(1:count, :))) < 1e-3, what // ': the answers')
    ! Cell (6, 3) of the global array is out of range: its tile is 5 to 8 of x, 1 to 4 of y, and crosses the cut.
    v = -1
    if (my_rank() == 0) u(6, 3) = 100
    call double%predict(trusted, untrusted, step=501)
    call check(.not. trusted, what // ': the tile is not trusted')
    if (my_rank() == 0) then
      call check(size(untrusted) == 12, what // ': three columns of four are not trusted')
      call check(all(untrusted == [5, 6, 7, 12, 13, 14, 19, 20, 21, 26, 27, 28]), what // ': in array element order')
    else
      call check(size(untrusted) == 4, what // ': four cells are not trusted')
      call check(all(untrusted == [1, 6, 11, 16]), what // ': in array element order')
    end if
    call double%close()
  end subroutine learn
end program grid
