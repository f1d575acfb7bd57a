! Nothing is copied on the way into Cardan, and nothing is asked of the heap once a loop runs: large arrays of all
! manners, put, claimed, asked and taught. Rank 0 simulates, rank 1 reads what it puts, rank 2 is the ML rank.
program zero_copy
  use, intrinsic :: iso_fortran_env, only: real64
  use, intrinsic :: iso_c_binding, only: c_ptr, c_loc, c_f_pointer, c_int, c_int64_t, c_associated
  use cardan
  use checks
  use mpi_f08
  implicit none
  interface
    integer(c_int) function claimed_in_place() bind(c, name="test_claimed_in_place")
      import :: c_int
    end function claimed_in_place
  end interface
  type :: cell
    real(real64) :: before, value, after
  end type cell
  character(len=*), parameter :: run_file = 'fortran_zero_copy.toml'
  integer, parameter :: n = 512, m = 16
  type(cardan_session) :: session
  type(MPI_Comm) :: comm
  logical :: served
  real(real64), allocatable, target :: plain(:, :), ghosted(:, :), strided(:, :), answered(:, :)
  type(cell), allocatable, target :: cells(:, :)

  call MPI_Init()
  call write_file(run_file, [character(len=60) :: '[run]', 'quiet = true', '[ranks]', 'ml = { count = 1 }', &
    '[surrogate.heat]', 'inputs = ["plain", "ghosted", "strided", "cells"]', 'outputs = ["answered"]', &
    'model = { kind = "linear" }', 'trust = { gate = "none" }', 'late = "wait"', &
    '[training.heat]', 'buffer = { capacity = 4096 }'])
  call session%open(MPI_COMM_WORLD, run_file, served, comm)
  if (.not. served) then
    allocate (plain(n, m), ghosted(0:n + 1, 0:m + 1), strided(2 * n, m), answered(0:n + 1, 0:m + 1), cells(n, m))
    call move()
    call move_in_place()
    call ask()
  end if
  call session%close()
  call delete_file(run_file)
  call MPI_Finalize()

contains

  !> Few calls and small ones, whatever the loop does: `calls` at most, none of a kilobyte.
  subroutine check_heap(most, what)
    integer(c_int64_t), intent(in) :: most
    character(len=*), intent(in) :: what
    integer(c_int64_t) :: calls, largest
    call heap_counted(calls, largest)
    call check(calls <= most, what // ' asked the heap ' // text_of(calls) // ' times')
    call check(largest < 1024, what // ' asked the heap for ' // text_of(largest) // ' bytes')
  end subroutine check_heap

  subroutine check_address(address, what)
    type(c_ptr), intent(in) :: address
    character(len=*), intent(in) :: what
    call check(c_associated(address, bound_data()), what)
  end subroutine check_address

  !> Through a dummy argument of assumed shape.
  subroutine produce_shaped(channel, array)
    type(cardan_channel), intent(inout) :: channel
    real(real64), intent(in), target :: array(:, :)
    call channel%produce('strided', array, global=[n, m], offset=[0, 0])
  end subroutine produce_shaped

  subroutine produce_all(channel)
    type(cardan_channel), intent(inout) :: channel
    call channel%produce('plain', plain, global=[n, m], offset=[0, 0])
    call check_address(c_loc(plain(1, 1)), 'plain is passed where it lies')
    call channel%produce('ghosted', ghosted(1:n, 1:m), global=[n, m], offset=[0, 0])
    call check_address(c_loc(ghosted(1, 1)), 'ghosted is passed where it lies')
    call produce_shaped(channel, strided(2 * n:1:-2, :))
    call check_address(c_loc(strided(2 * n, 1)), 'strided is passed where it lies')
    call channel%produce('cells', cardan_view(cells, cells(1, 1)%value), global=[n, m], offset=[0, 0])
    call check_address(c_loc(cells(1, 1)%value), 'cells is passed where it lies')
  end subroutine produce_all

  subroutine move()
    type(cardan_channel) :: channel
    type(cardan_view) :: view
    integer :: step, round
    logical :: taken
    call channel%open(session, comm, 'path')
    if (my_rank() == 0) then
      call produce_all(channel)
    else
      view = cardan_view(cells, cells(1, 1)%value)
      call channel%consume('plain', plain, global=[n, m], offset=[0, 0])
      call channel%consume('ghosted', ghosted(1:n, 1:m), global=[n, m], offset=[0, 0])
      call channel%consume('strided', strided(2 * n:1:-2, :), global=[n, m], offset=[0, 0])
      call channel%consume('cells', view, global=[n, m], offset=[0, 0])
    end if
    call channel%start()
    do round = 1, 10
      if (my_rank() == 0) then
        plain = round
        ghosted = 2 * round
        strided = 3 * round
        cells%value = 4 * round
        call count_heap()
        call produce_all(channel)
        call channel%put(round)
        if (round > 2) call check_heap(0_c_int64_t, 'putting')
      else
        call count_heap()
        call channel%take(step, taken)
        if (round > 2) call check_heap(0_c_int64_t, 'taking')
        call check(taken .and. step == round, 'the step was taken')
        call check(all(is(plain, round)) .and. all(is(ghosted(1:n, 1:m), 2 * round)) .and. &
          all(is(strided(2::2, :), 3 * round)) .and. all(is(cells%value, 4 * round)), 'what was put was taken')
      end if
    end do
    call channel%close()
  end subroutine move

  !> A claim is the reader's own memory, in the order in which Fortran has its elements.
  subroutine move_in_place()
    type(cardan_channel) :: channel
    type(c_ptr) :: address
    real(real64), pointer :: slot(:, :)
    integer :: step, shape(2), i, round
    logical :: there
    call channel%open(session, comm, 'slots')
    if (my_rank() == 0) then
      call channel%produce('plain', plain, global=[n, m], offset=[0, 0])
    else
      ! Whichever way the reader's own array is walked.
      call channel%consume('plain', plain(n:1:-1, m:1:-1), global=[n, m], offset=[0, 0])
    end if
    call channel%start()
    do round = 1, 6
      if (round == 3) call count_heap()
      if (my_rank() == 0) then
        call channel%claim(round, there)
        call check(there, 'a claim was granted')
        call channel%slot('plain', address, shape)
        call check(claimed_in_place() == 1, 'the claim is the reader''s own slot')
        call check(all(shape == [n, m]), 'the slot''s shape')
        call c_f_pointer(address, slot, shape)
        do i = 1, m
          slot(:, i) = [(1000 * i + step + round, step=1, n)]
        end do
        call channel%publish()
      else
        call channel%peek(step, there)
        call check(there .and. step == round, 'the step arrived')
        call channel%slot('plain', address, shape)
        call c_f_pointer(address, slot, shape)
        call check(is(slot(1, 1), 1001 + round) .and. is(slot(n, 3), 3000 + n + round), &
          'what was written was read')
        call channel%release()
      end if
    end do
    call check_heap(0_c_int64_t, 'claiming and peeking')
    call channel%close()
  end subroutine move_in_place

  subroutine bind_heat(heat)
    type(cardan_surrogate), intent(inout) :: heat
    call heat%input('plain', plain)
    call check_address(c_loc(plain(1, 1)), 'plain is passed where it lies')
    call heat%input('ghosted', ghosted(1:n, 1:m))
    call check_address(c_loc(ghosted(1, 1)), 'ghosted is passed where it lies')
    call heat%input('strided', strided(2 * n:1:-2, :))
    call check_address(c_loc(strided(2 * n, 1)), 'strided is passed where it lies')
    call heat%input('cells', cardan_view(cells, cells(1, 1)%value))
    call check_address(c_loc(cells(1, 1)%value), 'cells is passed where it lies')
    call heat%output('answered', answered(1:n, 1:m))
    call check_address(c_loc(answered(1, 1)), 'answered is passed where it lies')
  end subroutine bind_heat

  !> `answered` is a sum of all inputs, which the model finds.
  subroutine ask()
    type(cardan_surrogate) :: heat
    type(cardan_counters) :: counters
    integer :: round, trusts
    logical :: trusted
    call heat%open(session, 'heat')
    trusts = 0
    do round = 1, 200
      call random_number(plain)
      call random_number(ghosted)
      call random_number(strided)
      call random_number(cells%value)
      answered = -1
      call count_heap()
      call bind_heat(heat)
      call heat%predict(trusted, step=round)
      if (trusts > 1) call check_heap(0_c_int64_t, 'binding and asking')
      if (trusted) then
        trusts = trusts + 1
        call check(all(abs(answered(1:n, 1:m) - truth()) < 1e-3), 'the answers')
        call check(all(is(answered(0, :), -1)) .and. all(is(answered(:, m + 1), -1)), 'the ghosts')
      end if
      answered(1:n, 1:m) = truth()
      call count_heap()
      call heat%observe()
      if (trusts > 1) call check_heap(0_c_int64_t, 'teaching')
    end do
    call check(trusts > 10, 'the model was trusted')
    call heat%report(counters)
    call check_equal(counters%asked, 200_c_int64_t * n, 'asked')
  end subroutine ask

  !> Numbers that are not computed with.
  elemental logical function is(found, wanted)
    real(real64), intent(in) :: found
    integer, intent(in) :: wanted
    is = .not. abs(found - wanted) > 0
  end function is

  function truth()
    real(real64) :: truth(n, m)
    truth = plain + 2 * ghosted(1:n, 1:m) - strided(2 * n:1:-2, :) + 0.5_real64 * cells%value
  end function truth
end program zero_copy
