! Steering in Fortran: arrays of several kinds and layouts, a decider in C (test/c/decider.h) on the ML ranks, which there
! are unless this runs alone.
program steering
  use, intrinsic :: iso_fortran_env, only: int32, int64, real32, real64
  use, intrinsic :: iso_c_binding, only: c_associated, c_int, c_loc
  use cardan
  use checks
  use errors_expected
  use mpi_f08
  implicit none
  interface
    subroutine register_decider() bind(c, name="test_register_decider")
    end subroutine register_decider
    integer(c_int) function decider_failures() bind(c, name="test_decider_failures")
      import :: c_int
    end function decider_failures
  end interface
  !> As enum order of test/c/decider.h.
  integer, parameter :: nobody = 0, reporter = 1, to_all = 2
  type(cardan_session) :: session
  type(cardan_steering) :: control
  type(MPI_Comm) :: comm
  character(len=30) :: run_file
  real(real64), allocatable, target :: state(:, :)
  real(real32), target :: u(0:2, 3)
  integer(int32), target :: order
  integer(int64), target :: m
  integer :: world, rank, ranks
  logical :: served, coupled

  call MPI_Init()
  call MPI_Comm_size(MPI_COMM_WORLD, world)
  coupled = world > 1
  write (run_file, '(a, i0, a)') 'fortran_steering_', world, '.toml'
  call write_file(trim(run_file), [character(len=40) :: '[run]', 'quiet = true', 'deadline = "30 s"', '[ranks]', &
    'ml = { count = ' // trim(merge('1', '0', coupled)) // ' }', '[steering.control]', 'kind = "sums"'])
  call register_decider()
  call session%open(MPI_COMM_WORLD, trim(run_file), served, comm)
  if (.not. served) call steer()
  call session%close()
  call check(decider_failures() == 0, 'the decider is called as it should be')
  call delete_file(trim(run_file))
  call MPI_Finalize()

contains

  !> Rows 2 and 4 of a matrix that has more, and a column backwards.
  subroutine bind_all()
    call control%report_field('state', state(2:4:2, :))
    call check(c_associated(c_loc(state(2, 1)), bound_data()), 'state is passed where it lies')
    call control%report_field('order', order)
    call control%decision_field('u', u(2:0:-1, 2))
    call check(c_associated(c_loc(u(2, 2)), bound_data()), 'u is passed where it lies')
    call control%decision_field('m', m)
  end subroutine bind_all

  pure real(real64) function value(of_rank, step, i, j)
    integer, intent(in) :: of_rank, step, i, j
    value = 100 * of_rank + 10 * step + 3 * i + j
  end function value

  subroutine report(step, asked)
    integer, intent(in) :: step, asked
    integer :: i, j
    call session%step(step)
    do concurrent (i=1:2, j=1:3); state(2 * i, j) = value(rank, step, i, j); end do
    order = asked
    call control%report()
    state = 0; order = -1
  end subroutine report

  subroutine forget()
    u = -1; m = -1
  end subroutine forget

  logical function untouched()
    untouched = all(nint(u) == -1) .and. m == -1
  end function untouched

  !> What a report of `of_rank` brings.
  subroutine take(of_rank, step, asked)
    integer, intent(in) :: of_rank, step, asked
    type(cardan_decision_stamp) :: stamp
    character(len=70) :: reason
    logical :: decided
    integer :: j
    call control%wait(decided, merge(20.0, 0.01, coupled))
    call check(decided .eqv. coupled, 'there is a decision where there are ML ranks')
    if (.not. coupled) then
      call check(untouched(), 'without a decision arrays stay as they are')
      return
    end if
    call check(m == 2 * asked, 'm')
    do j = 1, 3
      call check(abs(u(3 - j, 2) - (value(of_rank, step, 1, j) + value(of_rank, step, 2, j) + of_rank)) < 1e-3, 'u')
    end do
    call check(all(nint(u(:, [1, 3])) == -1), 'what is beside the section stays')
    reason = 'as before'
    call control%inquire(stamp, reason)
    call check(stamp%id > 0 .and. stamp%step == step .and. stamp%age_steps == 0 .and. stamp%rank == world - 1, 'stamp')
    call check(stamp%latency >= 0 .and. stamp%latency < 60, 'latency')
    call check(stamp%version == merge(0, 7, asked == to_all), 'version')
    call check(nint(4 * stamp%work) == merge(0, 1, asked == to_all), 'work')
    call check(reason == merge('                  ', 'the sums are known', asked == to_all), 'reason: ' // reason)
  end subroutine take

  subroutine steer()
    type(cardan_steering_counters) :: counters
    type(cardan_decision_stamp) :: stamp
    logical :: decided
    integer :: step, teller
    call MPI_Comm_rank(comm, rank)
    call MPI_Comm_size(comm, ranks)
    allocate (state(5, 3), source=0.0_real64)
    call control%open(session, 'control')
    call bind_all()
    call refused_before()
    call control%start()
    call control%inquire(stamp)
    call check(stamp%id == 0 .and. stamp%step == -1, 'no decision yet')
    call refused()
    do step = 0, 3
      call forget()
      call report(step, reporter)
      call take(rank, step, reporter)
    end do
    do teller = 0, ranks - 1
      call forget()
      ! What is sent to all must not come before what a rank waits for.
      call MPI_Barrier(comm)
      step = 4 + teller
      if (rank == teller) call report(step, to_all)
      if (rank /= teller) call session%step(step)
      call take(teller, step, to_all)
    end do
    call forget()
    call report(step + 1, nobody)
    call control%poll(decided)
    call check(.not. decided .and. untouched(), 'nobody is told')
    call control%wait(decided, 0.02_real64)
    call check(.not. decided .and. untouched(), 'nobody is told later')
    call control%inquire(counters=counters)
    if (coupled) then
      call check_equal(counters%reported, 6_int64, 'reports')
      call check_equal(counters%applied, 4_int64 + ranks, 'decisions')
    end if
    call control%close()
  end subroutine steer

  subroutine refused_before()
    logical :: decided
    call control%report(stat, msg); call expect(misuse, 'not started')
    call control%poll(decided, stat, msg); call expect(misuse, 'not started')
    call control%wait(decided, stat=stat, errmsg=msg); call expect(misuse, 'not started')
    call control%inquire(stat=stat, errmsg=msg); call expect(misuse, 'not started')
    call control%report_field('state', state, [5, 3], [0, 0], stat=stat, errmsg=msg)
    call expect(misuse, 'part of a global array')
  end subroutine refused_before

  subroutine refused()
    logical :: decided
    call control%open(session, 'control', stat, msg); call expect(misuse, 'open already')
    call control%start(stat, msg); call expect(misuse, 'started already')
    call control%wait(decided, 1, stat, msg); call expect(misuse, 'not a real')
    call control%wait(decided, -1.0, stat, msg); call expect(misuse, 'negative')
    call control%decision_field('n', m, stat=stat, errmsg=msg); call expect(local, "known: u, m")
    call control%report_field('state', state, stat=stat, errmsg=msg); call expect(fine, '')
    call control%report(stat, msg); call expect(local, "'state'")
    call bind_all()
  end subroutine refused
end program steering
