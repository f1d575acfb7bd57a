! A program in Fortran that is one end of two channels, or that simulates beside cardan-ml: dummy-fortran
! produce|consume|ask. Its arrays are a(y, x), and the run file says the other order.
program dummy
  use, intrinsic :: iso_fortran_env, only: error_unit, real64
  use, intrinsic :: iso_c_binding, only: c_ptr, c_f_pointer
  use mpi_f08
  use cardan
  implicit none
  integer, parameter :: nx = 12, ny = 10, steps = 3
  character(len=16) :: role
  type(cardan_session) :: session
  type(MPI_Comm) :: group
  integer :: rank, ranks, all_ranks
  logical :: produces

  call get_command_argument(1, role)
  call MPI_Init()
  if (role == 'ask') then
    call ask()
  else
    produces = role == 'produce'
    call MPI_Comm_size(MPI_COMM_WORLD, all_ranks)
    call MPI_Comm_split(MPI_COMM_WORLD, merge(1, 0, produces), 0, group)
    call MPI_Comm_rank(group, rank)
    call MPI_Comm_size(group, ranks)
    call session%open(group, 'pairs.toml')
    call boxes()
    call batches()
    call session%close()
    call MPI_Comm_free(group)
  end if
  call MPI_Finalize()

contains

  subroutine check(fine, what)
    logical, intent(in) :: fine
    character(len=*), intent(in) :: what
    if (fine) return
    write (error_unit, '(2a)') 'dummy-fortran: this does not hold: ', what
    call MPI_Abort(MPI_COMM_WORLD, 1)
  end subroutine check

  !> u(y, x) with ghosts; producers are cut in x, consumers in y.
  subroutine boxes()
    real(real64), target :: u(0:ny + 1, 0:nx + 1)
    type(cardan_channel) :: channel
    integer :: offset(2), extents(2), cut, step, found, x, y
    logical :: taken
    offset = 0
    extents = [ny, nx]
    cut = merge(2, 1, produces)
    offset(cut) = extents(cut) * rank / ranks
    extents(cut) = extents(cut) * (rank + 1) / ranks - offset(cut)
    call channel%open(session, MPI_COMM_WORLD, 'boxes')
    if (produces) then
      call channel%produce('u', u(1:extents(1), 1:extents(2)), [ny, nx], offset, axes='y x')
    else
      call channel%consume('u', u(1:extents(1), 1:extents(2)), [ny, nx], offset, axes='y x')
    end if
    call channel%start()
    do step = 1, steps
      u = -1
      if (.not. produces) then
        call channel%take(found, taken)
        call check(taken .and. found == step, 'the step')
      end if
      do x = 1, extents(2)
        do y = 1, extents(1)
          if (produces) then
            u(y, x) = 1000 * step + 20 * (x - 1 + offset(2)) + y - 1 + offset(1)
          else
            call check(nint(u(y, x)) == 1000 * step + 20 * (x - 1 + offset(2)) + y - 1 + offset(1), 'u')
          end if
        end do
      end do
      if (produces) call channel%put(step)
      call check(u(0, 0) < 0 .and. u(extents(1) + 1, 1) < 0 .and. u(1, extents(2) + 1) < 0, 'the ghosts')
    end do
    call channel%close()
  end subroutine boxes

  !> Samples lie one behind the other: their axis is the last one here, and the first one for others.
  subroutine batches()
    real(real64), target :: samples(2, 0:rank + 1), none(2, 0)
    real(real64), pointer :: seen(:, :)
    real(real64) :: total
    type(cardan_channel) :: channel
    type(c_ptr) :: address
    integer :: shape(2), step, i, p
    logical :: arrived
    call channel%open(session, MPI_COMM_WORLD, 'batches')
    if (produces) call channel%produce('samples', samples, axes='value sample')
    if (.not. produces) call channel%consume('samples', none, axes='value sample')
    call channel%start()
    if (produces) then
      samples(1, :) = [(100 * rank + i, i=0, rank + 1)]
      samples(2, :) = samples(1, :) + 0.5_real64
      do step = 1, steps
        call channel%put(step)
      end do
    else
      total = 0
      do
        call channel%peek(step, arrived)
        if (.not. arrived) exit
        call channel%slot('samples', address, shape)
        call c_f_pointer(address, seen, shape)
        call check(all(nint(2 * (seen(2, :) - seen(1, :))) == 1), 'a sample')
        total = total + sum(seen(1, :))
        call channel%release()
      end do
      call MPI_Allreduce(MPI_IN_PLACE, total, 1, MPI_DOUBLE_PRECISION, MPI_SUM, group)
      call check(nint(total) == steps * sum([(sum([(100 * p + i, i=0, p + 1)]), p=0, all_ranks - ranks - 1)]), &
        'the sum of all samples')
    end if
    call channel%close()
  end subroutine batches

  subroutine ask()
    type(cardan_surrogate) :: twice
    real(real64), target :: x(16), y(16)
    integer :: step
    logical :: trusted
    call session%open(MPI_COMM_WORLD, 'pairs.toml')
    call twice%open(session, 'twice')
    call twice%input('x', x)
    call twice%output('y', y)
    do step = 1, 100000
      call random_number(x)
      call twice%predict(trusted, step=step)
      if (trusted) call check(all(abs(y - 2 * x) < 1e-6), 'an answer')
      if (trusted) exit
      y = 2 * x
      call twice%observe()
    end do
    call check(trusted, 'the model learned')
    call session%close()
  end subroutine ask
end program dummy
