!> What fails of channels: rank 0 produces, rank 1 consumes.
module errors_of_channels
  use, intrinsic :: iso_fortran_env, only: int8, real32, real64
  use, intrinsic :: iso_c_binding, only: c_ptr
  use cardan
  use checks
  use errors_expected
  use mpi_f08
  implicit none
  private
  public :: channels
  integer, parameter :: n = 8

contains

  subroutine channels(session, comm)
    type(cardan_session), intent(inout) :: session
    type(MPI_Comm), intent(in) :: comm
    call options(session, comm)
    call declarations(session, comm)
    call boxes(session, comm)
    call batches(session, comm)
  end subroutine channels

  subroutine options(session, comm)
    type(cardan_session), intent(inout) :: session
    type(MPI_Comm), intent(in) :: comm
    type(cardan_channel) :: channel
    call channel%open(session, MPI_COMM_NULL, 'c', stat=stat, errmsg=msg); call expect(misuse, 'MPI_COMM_NULL')
    call channel%open(session, comm, 'c', cardan_channel_options(depth=-1), stat, msg); call expect(misuse, 'negative')
    call channel%open(session, comm, 'c', cardan_channel_options(policy=9), stat, msg); call expect(misuse, "'policy' is 9")
    call channel%open(session, comm, 'c', cardan_channel_options(transport=7), stat, msg); call expect(misuse, "'transport'")
    call channel%open(session, comm, 'c', cardan_channel_options(transport=-1), stat, msg); call expect(misuse, "'transport'")
    call channel%open(session, comm, 'c', cardan_channel_options(transport=1000), stat, msg); call expect(misuse, "'transport'")
    call channel%open(session, comm, 'c'); call channel%open(session, comm, 'c', stat=stat, errmsg=msg)
    call expect(misuse, 'open already')
    call channel%start(stat, msg); call expect(everywhere, "channel 'c' has no producer")
    call channel%close()
  end subroutine options

  !> Ranks that differ: all are told.
  subroutine declarations(session, comm)
    type(cardan_session), intent(inout) :: session
    type(MPI_Comm), intent(in) :: comm
    type(cardan_channel) :: channel
    real(real64), target :: x(n)
    real(real32), target :: single(n)
    x = 1
    single = 1
    call channel%open(session, comm, 'c')
    if (my_rank() == 0) call channel%produce('x', x, [n], [0])
    if (my_rank() == 1) call channel%consume('x', single, [n], [0])
    call channel%start(stat, msg); call expect(everywhere, 'dtype')
    if (my_rank() == 1) call channel%consume('x', x(1:n - 1), [n - 1], [0])
    call channel%start(stat, msg); call expect(everywhere, 'global shape')
    if (my_rank() == 1) call channel%consume('x', x)
    call channel%start(stat, msg); call expect(everywhere, 'layout')
    ! It is as it was: what fits starts.
    if (my_rank() == 1) call channel%consume('x', x, [n], [0])
    call channel%start()
    call channel%close()
  end subroutine declarations

  subroutine boxes(session, comm)
    type(cardan_session), intent(inout) :: session
    type(MPI_Comm), intent(in) :: comm
    type(cardan_channel) :: channel
    real(real64), target :: x(n), longer(n + 1)
    real(real32), target :: single(n)
    type(c_ptr) :: address
    integer :: step, shape(1), shapes(2)
    integer(int8) :: small
    logical :: there
    x = 1
    longer = 1
    single = 1
    call channel%open(session, comm, 'boxes', cardan_channel_options(deadline=0.1_real64, depth=2))
    call channel%put(1, stat, msg); call expect(misuse, 'not started')
    call channel%take(step, there, stat=stat, errmsg=msg); call expect(misuse, 'not started')
    call channel%peek(step, there, stat=stat, errmsg=msg); call expect(misuse, 'not started')
    call channel%claim(1, there, stat, msg); call expect(misuse, 'not started')
    call channel%slot('x', address, shape, stat, msg); call expect(misuse, 'not started')
    call channel%publish(stat=stat, errmsg=msg); call expect(misuse, 'not started')
    call channel%release(stat, msg); call expect(misuse, 'not started')
    call channel%finish(stat, msg); call expect(misuse, 'not started')
    call channel%rebox(stat, msg); call expect(misuse, 'not started')
    if (my_rank() == 0) call channel%produce('x', x, [n], [0])
    if (my_rank() == 1) call channel%consume('x', x, [n], [0])
    call channel%start()
    call channel%start(stat, msg); call expect(misuse, 'started already')
    call channel%publish(stat=stat, errmsg=msg); call expect(misuse, 'Claim first')
    call channel%release(stat, msg); call expect(misuse, 'Peek or claim first')
    call channel%slot('x', address, shape, stat, msg); call expect(misuse, 'in hand')
    call channel%produce('xx', x, [n], [0], stat=stat, errmsg=msg); call expect(local, "no produced field 'xx'")
    call channel%consume('xx', x, [n], [0], stat=stat, errmsg=msg); call expect(local, "no consumed field 'xx'")
    if (my_rank() == 0) then
      call channel%put(1.0, stat, msg); call expect(misuse, "'step'")
      call channel%produce('x', longer, [n + 1], [0]); call channel%put(1, stat, msg); call expect(local, "'boxes'")
      call channel%produce('x', single, [n], [0]); call channel%put(1, stat, msg); call expect(local, 'float32')
      call channel%produce('x', x, [n], [0])
      ! Nothing will ever come to a rank that consumes nothing.
      call channel%take(step, there, stat=stat, errmsg=msg); call expect(fine, ''); call check(.not. there, 'taken')
      call channel%claim(1, there)
      call channel%claim(1, there, stat, msg); call expect(misuse, 'in hand')
      call channel%put(1, stat, msg); call expect(misuse, 'in hand')
      call channel%rebox(stat, msg); call expect(misuse, 'in hand')
      call channel%slot('y', address, shape, stat, msg); call expect(local, "no field 'y'")
      call channel%slot('x', address, shapes, stat, msg); call expect(misuse, 'has 1 dimensions')
      call channel%slot('x', address, step, stat, msg); call expect(misuse, 'has 1 dimensions')
      call channel%release()
      ! The ring has two places, and nobody reads yet.
      call channel%put(1)
      call channel%put(1000)
      call channel%put(3, stat, msg); call expect(late, "channel 'boxes'")
      call MPI_Barrier(comm)
      call MPI_Barrier(comm)
      call channel%put(4, stat, msg); call expect(fine, '')
      call channel%finish()
      call channel%put(5, stat, msg); call expect(misuse, 'finished')
      call channel%claim(5, there, stat, msg); call expect(misuse, 'finished')
    else
      call channel%put(1, stat, msg); call expect(fine, '')
      call MPI_Barrier(comm)
      call channel%peek(step, there)
      call channel%peek(step, there, stat=stat, errmsg=msg); call expect(misuse, 'in hand')
      call channel%take(step, there, stat=stat, errmsg=msg); call expect(misuse, 'in hand')
      call channel%publish(stat=stat, errmsg=msg); call expect(misuse, 'Claim first')
      call channel%slot('y', address, shape, stat, msg); call expect(local, "no field 'y'")
      call channel%release()
      ! A step that cannot be taken is not lost.
      call channel%consume('x', single, [n], [0])
      call channel%take(step, there, stat=stat, errmsg=msg); call expect(local, 'float64')
      call channel%consume('x', x, [n], [0])
      small = 7
      call channel%take(small, there, stat=stat, errmsg=msg); call expect(misuse, 'too small for 1000')
      call check(small == 7, 'what fails sets nothing')
      call channel%take(step, there, stat=stat, errmsg=msg); call expect(late, "channel 'boxes'")
      call MPI_Barrier(comm)
      call MPI_Barrier(MPI_COMM_SELF)
      do
        call channel%take(step, there, stat=stat, errmsg=msg)
        if (stat == 0) exit
        call expect(late, "channel 'boxes'")
      end do
      call check(there .and. step == 4, 'what comes later is taken')
      call channel%take(step, there)
      call check(.not. there, 'nothing more comes')
    end if
    call channel%close()
    call channel%close(stat, msg); call expect(misuse, 'not open')
  end subroutine boxes

  subroutine batches(session, comm)
    type(cardan_session), intent(inout) :: session
    type(MPI_Comm), intent(in) :: comm
    type(cardan_channel) :: channel
    real(real64), target :: x(n), none(0), longer(n + 1)
    integer :: step
    logical :: there
    x = 1
    longer = 1
    call channel%open(session, comm, 'batches')
    if (my_rank() == 0) call channel%produce('x', x)
    if (my_rank() == 1) call channel%consume('x', none)
    call channel%start()
    if (my_rank() == 0) then
      call channel%produce('x', longer); call channel%put(1, stat, msg); call expect(local, "'batches'")
      call channel%produce('x', x)
      call channel%claim(1, there)
      call channel%publish(n + 1, stat, msg); call expect(local, 'samples are published')
      call channel%publish([1, 2], stat, msg); call expect(misuse, "'samples'")
      call channel%publish(3)
      call channel%publish(3, stat, msg); call expect(misuse, 'Claim first')
      call channel%finish()
    else
      call channel%take(step, there, stat=stat, errmsg=msg); call expect(any_error, 'Use peek')
      call channel%peek(step, there)
      call check(there .and. step == 1, 'the batch arrived')
      call channel%release()
      call channel%peek(step, there)
      call check(.not. there, 'nothing more comes')
    end if
    call channel%close()
  end subroutine batches
end module errors_of_channels
