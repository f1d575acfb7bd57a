! A Fortran program whose arrays of many kinds and layouts are part of checkpoints, as those of test/c/checkpoints.c;
! test/support/checkpoints_of.py runs it and looks into its files.
program checkpoints
  use, intrinsic :: iso_fortran_env, only: int8, int16, int32, int64, real32, real64
  use cardan
  use checks
  use errors_expected
  use mpi_f08
  implicit none
  integer, parameter :: nx = 7, ny = 5, nz = 3, in_all = 10, steps = 6
  type(cardan_session) :: session
  type(MPI_Comm) :: comm
  logical :: served
  character(len=20) :: what
  real(real64), target :: matrix(0:nx + 1, 0:ny + 1), now
  integer(int32), allocatable, target :: turned(:, :)
  integer(int16), target :: backwards(2 * nx)
  real(real32), target :: samples(2 * in_all, 2)
  integer(int8), allocatable, target :: cube(:, :, :)
  integer(int64), target :: table(4), deep(2, 1, 2, 3, 2, 1, 4)
  !> This rank's part in x, in y, and of the samples: what is before it, and how many.
  integer :: x0, nx_mine, y0, ny_mine, s0, s_mine

  call MPI_Init()
  call get_command_argument(1, what)
  if (what == 'go_on' .or. what == 'repeat' .or. what == 'refused_restart') session%restart = 'latest'
  call session%open(MPI_COMM_WORLD, 'run.toml', served, comm)
  if (.not. served) then
    call divide()
    select case (what)
    case ('begin'); call begin()
    case ('go_on'); call go_on(steps)
    case ('repeat'); call go_on(3)
    case ('stop'); call stop_early()
    case ('refused'); call refused()
    case ('refused_restart'); call refused_restart()
    case default; error stop 'begin, go_on, repeat, stop, refused or refused_restart?'
    end select
  end if
  call session%close()
  if (what == 'refused') then
    session%restart = 'nowhere.h5'
    call session%open(MPI_COMM_WORLD, 'run.toml', served, comm, stat, msg)
    call expect(everywhere, 'nowhere.h5')
  end if
  call MPI_Finalize()

contains

  subroutine divide()
    integer :: rank, ranks
    call MPI_Comm_rank(comm, rank)
    call MPI_Comm_size(comm, ranks)
    x0 = nx * rank / ranks; nx_mine = nx * (rank + 1) / ranks - x0
    y0 = ny * rank / ranks; ny_mine = ny * (rank + 1) / ranks - y0
    s0 = in_all * rank / ranks; s_mine = in_all * (rank + 1) / ranks - s0
    allocate (turned(nx, ny_mine), cube(nx, ny_mine, nz))
    matrix = 0; now = 0; turned = 0; backwards = 0; samples = 0; cube = 0_int8; table = 0; deep = 0
  end subroutine divide

  !> What belongs to an element after a step; indices count from 0.
  elemental integer function value(field, step, i, j, k)
    integer, intent(in) :: field, step, i, j, k
    value = modulo(7 * field + 3 * step + 11 * i + 5 * j + 3 * k, 100)
  end function value

  subroutine advance(step)
    integer, intent(in) :: step
    integer :: i, j, k
    do concurrent (i=1:nx_mine, j=1:ny); matrix(i, j) = value(0, step, x0 + i - 1, j - 1, 0); end do
    do concurrent (i=1:nx, j=1:ny_mine); turned(i, j) = value(1, step, i - 1, y0 + j - 1, 0); end do
    do concurrent (i=1:nx_mine); backwards(2 * (nx_mine - i) + 1) = int(value(2, step, x0 + i - 1, 0, 0), int16); end do
    do concurrent (i=1:s_mine, j=1:2); samples(2 * i, j) = real(value(3, step, s0 + i - 1, j - 1, 0)); end do
    do concurrent (i=1:nx, j=1:ny_mine, k=1:nz); cube(i, j, k) = int(value(4, step, i - 1, y0 + j - 1, k - 1), int8); end do
    now = value(5, step, 0, 0, 0)
    deep(2:1:-1, :, :, :, :, :, 1:3:2) = reshape([(step * 100_int64 + i, i=1, 48)], [2, 1, 2, 3, 2, 1, 2])
    do concurrent (i=1:4); table(i) = value(6, step, i - 1, 0, 0); end do
  end subroutine advance

  subroutine protect_all(wanted)
    logical, intent(in) :: wanted
    logical :: restored(8)
    restored = .not. wanted
    call session%protect('matrix', matrix(1:nx_mine, 1:ny), [nx, ny], [x0, 0], restored=restored(1))
    call session%protect('turned', turned, [nx, ny], [0, y0], 'x y', 'K', restored=restored(2))
    call session%protect('backwards', backwards(2 * nx_mine - 1:1:-2), global=[nx], offset=[x0], restored=restored(3))
    call session%protect('samples', samples(2:2 * s_mine:2, :), restored=restored(4))
    call session%protect('cube', cube, [nx, ny, nz], [0, y0, 0], axes='x y z', restored=restored(5), stat=stat, errmsg=msg)
    call expect(fine, '')
    call session%protect('now', now, restored=restored(6))
    call session%protect('table', table, replicated=.true., restored=restored(7))
    call session%protect('deep', deep(2:1:-1, :, :, :, :, :, 1:3:2), replicated=.true., restored=restored(8))
    call check(all(restored .eqv. wanted), 'fields are restored where the run goes on, and not elsewhere')
  end subroutine protect_all

  subroutine begin()
    logical :: whole
    integer :: step
    call check(session%first_step() == 0, 'a run that goes on from nothing begins with 0')
    call protect_all(.false.)
    do step = 1, steps
      call session%step(step)
      call check(.not. session%stopping(), 'nobody wants it to stop')
      call advance(step)
    end do
    call session%checkpoint(whole)
    call check(whole, 'all checkpoints are whole')
  end subroutine begin

  !> `done`: the last step whose results are in the file.
  subroutine go_on(done)
    integer, intent(in) :: done
    integer :: step
    real(real64) :: a(0:nx + 1, 0:ny + 1), n
    integer(int32) :: t(nx, ny_mine)
    integer(int16) :: b(2 * nx)
    real(real32) :: s(2 * in_all, 2)
    integer(int8) :: c(nx, ny_mine, nz)
    integer(int64) :: l(4), d(2, 1, 2, 3, 2, 1, 4)
    call check(session%first_step() == done + 1, 'the step after the last one comes')
    call protect_all(.true.)
    a = matrix; t = turned; b = backwards; s = samples; c = cube; n = now; l = table; d = deep
    matrix = 0; turned = 0; backwards = 0; samples = 0; cube = 0_int8; now = 0; table = 0; deep = 0
    call advance(done)
    ! What is between and around the elements, too.
    call check(all(nint(a) == nint(matrix)), 'matrix')
    call check(all(t == turned), 'turned')
    call check(all(b == backwards), 'backwards')
    call check(all(nint(s) == nint(samples)), 'samples')
    call check(all(c == cube), 'cube')
    call check(nint(n) == nint(now), 'now')
    call check(all(l == table), 'table')
    call check(all(d == deep) .and. any(d /= 0), 'deep')
    do step = int(session%first_step()), steps
      call session%step(step)
      call advance(step)
    end do
    call session%checkpoint()
  end subroutine go_on

  !> The run file has a limit of time that is over at once.
  subroutine stop_early()
    logical :: whole
    integer :: step
    call protect_all(.false.)
    do step = 1, 100
      call session%step(step)
      if (session%stopping()) exit
      call advance(step)
    end do
    call check(step <= 100, 'the run stops')
    matrix = -1
    ! Nothing more is written.
    call session%checkpoint(whole)
    call check(whole, 'the last checkpoint is whole')
  end subroutine stop_early

  !> What is wrong leaves everything as it was.
  subroutine refused()
    logical :: restored
    character(len=3) :: letters(2) = 'abc'
    real(real64), pointer :: nothing(:) => null()
    integer(int64) :: first
    type(cardan_session) :: never
    call never%protect('x', now, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call never%checkpoint(stat=stat, errmsg=msg); call expect(misuse, 'not open')
    first = never%first_step(stat, msg); call expect(misuse, 'not open')
    call check(first == 0, 'no step')
    call check(.not. never%stopping(stat, msg), 'does not stop'); call expect(misuse, 'not open')
    call session%protect('x', nothing, stat=stat, errmsg=msg); call expect(misuse, 'has no array')
    call session%protect('x', letters, axes='letter', stat=stat, errmsg=msg); call expect(misuse, 'cannot be streamed')
    call session%protect('x', matrix, global=[nx, ny], stat=stat, errmsg=msg); call expect(misuse, 'alone')
    call session%protect('x', matrix, [nx], [0], stat=stat, errmsg=msg); call expect(misuse, '1 values')
    call session%protect('x', matrix(1:nx_mine, 1:ny), [nx + 1, ny], [x0, 0], stat=stat, errmsg=msg)
    call expect(everywhere, 'leave a gap')
    call session%protect('cube', cube, [nx, ny, nz], [0, y0, 0], stat=stat, errmsg=msg); call expect(everywhere, 'without its axes')
    call session%protect('matrix', matrix(1:nx_mine, 1:ny), [nx, ny], [x0, 0], restored=restored)
    call check(.not. restored, 'not restored')
    restored = .true.
    call session%protect('matrix', matrix(1:nx_mine, 1:ny), [nx, ny], [x0, 0], restored=restored, stat=stat, errmsg=msg)
    call expect(everywhere, 'twice')
    call check(.not. restored, 'not restored')
  end subroutine refused

  subroutine refused_restart()
    call session%protect('other', now, stat=stat, errmsg=msg); call expect(everywhere, 'no such field')
    call session%protect('backwards', now, stat=stat, errmsg=msg); call expect(everywhere, 'its shape is')
  end subroutine refused_restart
end program checkpoints
