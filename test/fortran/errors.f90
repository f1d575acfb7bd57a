! Every failure reaches Fortran as `stat` and `errmsg`, and leaves what it failed on as it was. Two simulation ranks,
! which do the same.
program errors
  use, intrinsic :: iso_fortran_env, only: int8, int64, real32, real64
  use cardan
  use checks
  use errors_expected
  use errors_never_opened, only: never_opened
  use errors_of_channels, only: channels
  use mpi_f08
  implicit none
  type :: pair
    real(real64) :: a, b
  end type pair
  integer, parameter :: wide = selected_real_kind(30), n = 8
  character(len=*), parameter :: run_file = 'fortran_errors.toml'
  type(cardan_session) :: session
  type(MPI_Comm) :: comm
  real(real64), allocatable, target :: nowhere(:, :)
  real(real64), pointer :: nothing(:, :) => null()

  call without_mpi()
  call MPI_Init()
  call never_opened()
  call sessions()
  call surrogates()
  call services()
  call archives()
  call channels(session, comm)
  call closing()
  call delete_file(run_file)
  call MPI_Finalize()
  call session%open(MPI_COMM_WORLD, run_file, stat=stat, errmsg=msg)
  call expect(misuse, 'MPI is finalised')

contains

  subroutine without_mpi()
    call session%open(MPI_COMM_WORLD, run_file, stat=stat, errmsg=msg)
    if (stat /= misuse .or. index(msg, 'MPI is not initialised') == 0) error stop 'without MPI'
  end subroutine without_mpi

  subroutine write_run(lines)
    character(len=*), intent(in) :: lines(:)
    call write_file(run_file, [character(len=60) :: '[run]', 'quiet = true', lines])
  end subroutine write_run

  subroutine sessions()
    integer :: i, list(2)
    integer(int8) :: small
    real(real32) :: r, reals(3)
    complex(real32) :: z
    logical :: l
    character(len=8) :: text
    character(len=12) :: short
    logical :: served
    call session%open(MPI_COMM_WORLD, 'nowhere.toml', served, stat=stat, errmsg=msg)
    call expect(everywhere, "'nowhere.toml'")
    call write_run([character(len=60) :: '[ranks]', 'ml = { cont = 1 }'])
    call session%open(MPI_COMM_WORLD, run_file, served, stat=stat, errmsg=msg)
    call expect(everywhere, run_file // ":4: unknown key 'cont' in [ranks.ml]")
    call write_run(['[ranks'])
    call session%open(MPI_COMM_WORLD, run_file, served, stat=stat, errmsg=msg)
    call expect(everywhere, run_file // ':3')
    call write_run([character(len=60) :: '[reactor]', 'cells = 64', 'name = "a long name"', 'rate = 0.5', &
      'list = [1, 2, 3]', 'on = true', 'empty = ""', '[field.state]', 'axes = ["cell", "species"]', '[surrogate.kinetics]', &
      'inputs = ["state"]', 'outputs = ["advanced", "rates"]', 'trust = { gate = "none" }', '[service.solver]', &
      'kind = "noop"', '[trainig]', 'x = 1'])
    ! What is no communicator.
    call session%open(1.5, run_file, stat=stat, errmsg=msg); call expect(misuse, 'communicator')
    call session%open(1_int64, run_file, stat=stat, errmsg=msg); call expect(misuse, 'communicator')
    call session%open('world', run_file, stat=stat, errmsg=msg); call expect(misuse, 'communicator')
    call session%open([1, 2], run_file, stat=stat, errmsg=msg); call expect(misuse, 'communicator')
    call session%open(MPI_COMM_NULL, run_file, stat=stat, errmsg=msg); call expect(misuse, 'MPI_COMM_NULL')
    call session%open(12345, run_file, stat=stat, errmsg=msg); call expect(misuse, 'communicator')
    call session%open(-7, run_file, stat=stat, errmsg=msg); call expect(misuse, 'communicator')
    call session%open(MPI_COMM_WORLD, run_file, simulation=r, stat=stat, errmsg=msg); call expect(misuse, 'communicator')
    ! errmsg is blank-padded, cut where it is short, and kept where there is no error.
    short = 'as before'
    call session%open(MPI_COMM_NULL, run_file, stat=stat, errmsg=short)
    call check(short == 'the communic', 'a message is cut')
    short = 'as before'
    call session%open(MPI_COMM_WORLD, run_file, served, comm, stat, short)
    call check(stat == 0 .and. short == 'as before', 'no error leaves errmsg as it was: ' // short)
    call session%open(MPI_COMM_WORLD, run_file, stat=stat, errmsg=msg); call expect(misuse, 'open already')
    call session%get('reactor', 'name', i, stat, msg); call expect(local, run_file // ':5')
    call session%get('reactor', 'name', text, stat, msg); call expect(local, '11 characters')
    call session%get('reactor', 'cells', l, stat, msg); call expect(local, run_file // ':4')
    call session%get('reactor', 'list', list, stat, msg); call expect(local, 'must have 2 values')
    call session%get('reactor', 'list', reals, stat, msg); call expect(fine, '')
    call check(nint(sum(reals)) == 6, 'a list of integers is a list of reals')
    call session%get('reactor', 'rate', i, stat, msg); call expect(local, run_file // ':6')
    call session%get('reactor', 'rate', z, stat, msg); call expect(misuse, "'value'")
    call session%get('reactor', 'on', z, stat, msg); call expect(misuse, "'value'")
    l = .false.
    call session%get('reactor', 'on', l, stat, msg); call expect(fine, '')
    text = 'default'
    call session%get('reactor', 'empty', text, stat, msg); call expect(fine, '')
    call check(l .and. text == '', 'a logical, and an empty text')
    small = 3
    call session%get('reactor', 'absent', small, stat, msg); call expect(fine, '')
    call check(small == 3, 'what is not there leaves its default')
    text = 'default'
    call session%get('reactor', 'absent', text, stat, msg); call expect(fine, '')
    call check(text == 'default', 'what is not there leaves its default')
    call session%step(1.0, stat, msg); call expect(misuse, "'step'")
    call session%step([1, 2], stat, msg); call expect(misuse, "'step' is an array")
    ! Nobody knows [trainig].
    call session%step(1, stat, msg); call expect(everywhere, "Did you mean 'training'?")
    call session%close(stat, msg); call expect(fine, '')
    call write_run([character(len=60) :: '[field.state]', 'axes = ["cell", "species"]', '[surrogate.kinetics]', &
      'inputs = ["state"]', 'outputs = ["advanced", "rates"]', 'trust = { gate = "none" }', '[service.solver]', &
      'kind = "noop"'])
    call session%open(MPI_COMM_WORLD, run_file, served, comm)
  end subroutine sessions

  subroutine surrogates()
    type(cardan_surrogate) :: kinetics
    real(real64), target :: state(2, n), advanced(n), rates(n), longer(2, n + 1)
    real(real32), target :: single(2, n)
    real(wide), target :: quadruple(2, n)
    complex(real64), target :: z(2, n)
    character(len=3), target :: c(2, n)
    logical, target :: l(2, n)
    type(pair), target :: p(2, n)
    integer(int64), pointer :: untrusted(:)
    type(cardan_counters) :: counters
    integer :: listed(2) = [1, 2]
    logical :: trusted
    state = 1; longer = 1; single = 1; quadruple = 1; z = 1; c = 'abc'; l = .true.; p = pair(1, 2); advanced = 1; rates = 1
    call kinetics%open(session, 'kinetic', stat, msg); call expect(local, "Did you mean 'kinetics'?")
    call kinetics%open(session, '', stat, msg); call expect(local, '[surrogate.]')
    call kinetics%open(session, 'kinetics')
    call kinetics%open(session, 'kinetics', stat, msg); call expect(misuse, 'open already')
    call kinetics%predict(trusted, stat=stat, errmsg=msg); call expect(misuse, 'has no array')
    call kinetics%observe(stat=stat, errmsg=msg); call expect(misuse, 'has no array')
    ! Types.
    call kinetics%input('state', z, axes='species cell', stat=stat, errmsg=msg); call expect(misuse, 'cannot be streamed')
    call kinetics%input('state', c, axes='species cell', stat=stat, errmsg=msg); call expect(misuse, 'cannot be streamed')
    call kinetics%input('state', l, axes='species cell', stat=stat, errmsg=msg); call expect(misuse, 'cannot be streamed')
    call kinetics%input('state', p, axes='species cell', stat=stat, errmsg=msg); call expect(misuse, 'cannot be streamed')
    call kinetics%input('state', quadruple, stat=stat, errmsg=msg); call expect(misuse, 'cannot be streamed')
    ! What is no array.
    call kinetics%input('state', nothing, stat=stat, errmsg=msg); call expect(misuse, "'state' has no array")
    call kinetics%output('rates', nothing, stat=stat, errmsg=msg); call expect(misuse, "'rates' has no array")
    call kinetics%input('state', nowhere, stat=stat, errmsg=msg); call expect(misuse, "'state' has no array")
    call kinetics%input('state', cardan_view(p, p(2, 1)%a), stat=stat, errmsg=msg); call expect(misuse, 'first element')
    call kinetics%input('state', cardan_view(p, state), stat=stat, errmsg=msg); call expect(misuse, 'first element')
    ! Names and axes.
    call kinetics%input('stat', state, stat=stat, errmsg=msg); call expect(local, "Did you mean 'state'?")
    call kinetics%output('advance', advanced, stat=stat, errmsg=msg); call expect(local, "Did you mean 'advanced'?")
    call kinetics%input('state', state, stat=stat, errmsg=msg); call expect(local, 'without its axes')
    call kinetics%input('state', state, axes='cell', stat=stat, errmsg=msg); call expect(local, 'each dimension has one')
    call kinetics%input('state', state, axes='species sell', stat=stat, errmsg=msg); call expect(local, '"cell", "species"')
    call kinetics%input('state', state, axes='cell cell', stat=stat, errmsg=msg); call expect(local, '"cell", "species"')
    call kinetics%output('rates', rates, axes='cell', stat=stat, errmsg=msg); call expect(local, 'Add [field.rates]')
    ! Boxes.
    call kinetics%input('state', state, global=[2, 16], axes='species cell', stat=stat, errmsg=msg)
    call expect(misuse, 'alone')
    call kinetics%input('state', state, [2], [0], 'species cell', stat, msg); call expect(misuse, '2 dimensions and 1 values')
    call kinetics%input('state', state, [2.0, 16.0], [0.0, 0.0], 'species cell', stat, msg); call expect(misuse, "'global'")
    call kinetics%input('state', state, [2, 16], [0, 9], 'species cell', stat, msg); call expect(local, '')
    call kinetics%input('state', state, [2, 16], [0, -1], 'species cell', stat, msg); call expect(local, '')
    ! Order and shapes.
    call kinetics%input('state', state, axes='species cell')
    call kinetics%predict(trusted, stat=stat, errmsg=msg); call expect(misuse, "'advanced'")
    call kinetics%output('advanced', advanced)
    call kinetics%predict(trusted, stat=stat, errmsg=msg); call expect(misuse, "'rates'")
    call kinetics%output('rates', rates)
    call kinetics%predict(trusted, untrusted, step=1); call check(.not. trusted .and. size(untrusted) == n, 'no model')
    call check(all(untrusted == [1, 2, 3, 4, 5, 6, 7, 8]), 'samples are numbered from 1')
    call kinetics%input('state', single, axes='species cell')
    call kinetics%predict(trusted, untrusted, stat=stat, errmsg=msg); call expect(local, 'float32')
    call check(size(untrusted) == 0, 'a call that fails leaves no list')
    call kinetics%input('state', longer(1:1, :), axes='species cell')
    call kinetics%predict(trusted, stat=stat, errmsg=msg); call expect(local, "'state'")
    call kinetics%input('state', longer, axes='species cell')
    call kinetics%predict(trusted, stat=stat, errmsg=msg); call expect(local, 'samples')
    state(2, 3) = transfer(-1_int64, 1.0_real64)
    call kinetics%input('state', state, axes='species cell')
    call kinetics%predict(trusted, stat=stat, errmsg=msg); call expect(local, 'not-a-number')
    state(2, 3) = 1
    call kinetics%observe([0], stat, msg); call expect(local, 'sample 0')
    call kinetics%observe([1, n + 1], stat, msg); call expect(local, 'sample 9')
    call kinetics%observe([1.5], stat, msg); call expect(misuse, "'samples'")
    call kinetics%observe(reshape([1, 2], [1, 2]), stat, msg); call expect(misuse, "'samples'")
    call kinetics%observe([1_int8, 3_int8], stat, msg); call expect(fine, '')
    call kinetics%observe(pack(listed, listed > n), stat, msg); call expect(fine, '')
    call kinetics%observe(stat=stat, errmsg=msg); call expect(fine, '')
    call kinetics%predict(trusted, step=1.0, stat=stat, errmsg=msg); call expect(misuse, "'step'")
    call kinetics%predict(trusted, step=2, stat=stat, errmsg=msg); call expect(fine, '')
    call kinetics%report(counters)
    call check_equal(counters%observed, 2_int64 + n, 'observed')
    call kinetics%close()
    call kinetics%close(stat, msg); call expect(misuse, 'not open')
  end subroutine surrogates

  subroutine services()
    type(cardan_service) :: solver
    real(real64), target :: x(n)
    integer(int64) :: request
    logical :: answered
    x = 1
    call solver%open(session, 'sover'); call solver%input('x', x); call solver%output('y', x)
    call solver%request(request, stat=stat, errmsg=msg); call expect(misuse, 'not started')
    call solver%start(stat, msg); call expect(any_error, "Did you mean 'solver'?")
    call solver%close()
    call solver%open(session, 'solver'); call solver%input('x', x); call solver%output('y', x)
    call solver%start()
    call solver%start(stat, msg); call expect(misuse, 'started already')
    request = 77
    call solver%wait(request, answered, stat, msg); call expect(misuse, 'no such request')
    call solver%input('x', x(1:2))
    call solver%request(request, stat=stat, errmsg=msg); call expect(local, '')
    call solver%input('x', x)
    call solver%request(request, priority=[1, 2], stat=stat, errmsg=msg); call expect(misuse, "'priority'")
    ! Without ML ranks there is no instance.
    call solver%request(request)
    call solver%wait(request, answered)
    call check(.not. answered .and. request == 0, 'a request that failed is forgotten')
    call solver%wait(request, answered, stat, msg); call expect(misuse, 'no such request')
    call solver%close()
  end subroutine services

  subroutine archives()
    type(cardan_archive) :: archive
    real(real64), target :: x(2, 3), y(3, 3)
    character(len=*), parameter :: path = 'fortran_errors.h5'
    x = 1
    call archive%open(MPI_COMM_WORLD, 'no/such/folder/file.h5', .true., stat, msg); call expect(everywhere, 'no/such/folder')
    call archive%open(MPI_COMM_WORLD, 'nowhere.h5', .false., stat, msg); call expect(everywhere, 'nowhere.h5')
    call archive%open(MPI_COMM_NULL, path, .true., stat, msg); call expect(misuse, 'MPI_COMM_NULL')
    call archive%open(MPI_COMM_WORLD, path, .true.)
    call archive%write('x', x, stat=stat, errmsg=msg); call expect(any_error, 'no box')
    call archive%write('x', x, [2, 6], [0, 3 * my_rank()])
    call archive%write('x', x, [2, 6], [0, 3 * my_rank()], stat=stat, errmsg=msg); call expect(everywhere, '')
    call archive%write('', x, [2, 6], [0, 3 * my_rank()], stat=stat, errmsg=msg); call expect(everywhere, '')
    call archive%write('/', x, [2, 6], [0, 3 * my_rank()], stat=stat, errmsg=msg); call expect(everywhere, '')
    call archive%read('x', y, [3, 6], [0, 3 * my_rank()], stat=stat, errmsg=msg); call expect(any_error, '')
    call archive%close()
    call archive%open(MPI_COMM_WORLD, path, .false.)
    call archive%read('u', x, [2, 6], [0, 0], stat=stat, errmsg=msg); call expect(everywhere, "'u'")
    call archive%read('x', y, [3, 6], [0, 0], stat=stat, errmsg=msg); call expect(everywhere, 'shape')
    call archive%write('z', x, [2, 6], [0, 3 * my_rank()], stat=stat, errmsg=msg); call expect(everywhere, '')
    call archive%read('x', x, [2, 6], [0, 3], stat=stat, errmsg=msg); call expect(fine, '')
    call archive%close()
    call archive%read('x', x, [2, 6], [0, 0], stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call delete_file(path)
  end subroutine archives

  !> Copies of a handle, and handles of a session that is closed.
  subroutine closing()
    type(cardan_session) :: copy
    type(cardan_surrogate) :: kinetics, same
    type(cardan_channel) :: channel
    real(real64), target :: x(n)
    logical :: trusted
    call kinetics%open(session, 'kinetics')
    same = kinetics
    call same%close()
    call kinetics%output('rates', x, stat=stat, errmsg=msg); call expect(misuse, 'closed')
    call kinetics%close(stat, msg); call expect(misuse, 'closed')
    call kinetics%open(session, 'kinetics')
    call channel%open(session, comm, 'late')
    copy = session
    call session%close()
    call copy%step(1, stat, msg); call expect(misuse, 'closed')
    call kinetics%predict(trusted, step=1, stat=stat, errmsg=msg); call expect(misuse, 'closed')
    call kinetics%predict(trusted, stat=stat, errmsg=msg); call expect(misuse, 'closed')
    call kinetics%close(stat, msg); call expect(misuse, 'closed')
    call channel%start(stat, msg); call expect(misuse, 'closed')
    call channel%close(stat, msg); call expect(misuse, 'closed')
    call copy%close(stat, msg); call expect(misuse, 'closed')
    call session%close(stat, msg); call expect(misuse, 'not open')
  end subroutine closing
end program errors
