!> What was never opened: every verb says so.
module errors_never_opened
  use, intrinsic :: iso_fortran_env, only: int64, real64
  use cardan
  use errors_expected
  use mpi_f08
  implicit none
  private
  public :: never_opened

contains

  subroutine never_opened()
    type(cardan_session) :: session
    type(cardan_surrogate) :: surrogate
    type(cardan_channel) :: channel
    type(cardan_service) :: service
    type(cardan_steering) :: control
    type(cardan_archive) :: archive
    real(real64), target :: x(8)
    integer(int64) :: request
    integer :: i
    logical :: l
    x = 1
    call session%step(1, stat, msg); call expect(misuse, 'not open')
    call session%get('t', 'k', i, stat, msg); call expect(misuse, 'not open')
    call session%close(stat, msg); call expect(misuse, 'not open')
    call surrogate%open(session, 'k', stat, msg); call expect(misuse, 'not open')
    call surrogate%input('x', x, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call surrogate%output('x', x, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call surrogate%predict(l, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call surrogate%observe(stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call surrogate%report(stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call surrogate%close(stat, msg); call expect(misuse, 'not open')
    call channel%open(session, MPI_COMM_WORLD, 'c', stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call channel%produce('x', x, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call channel%consume('x', x, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call channel%start(stat, msg); call expect(misuse, 'not open')
    call channel%put(1, stat, msg); call expect(misuse, 'not open')
    call channel%take(i, l, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call channel%peek(i, l, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call channel%claim(1, l, stat, msg); call expect(misuse, 'not open')
    call channel%publish(stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call channel%release(stat, msg); call expect(misuse, 'not open')
    call channel%rebox(stat, msg); call expect(misuse, 'not open')
    call channel%finish(stat, msg); call expect(misuse, 'not open')
    call service%open(session, 's', stat, msg); call expect(misuse, 'not open')
    call service%start(stat, msg); call expect(misuse, 'not open')
    call service%request(request, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call service%wait(request, l, stat, msg); call expect(misuse, 'not open')
    call control%open(session, 's', stat, msg); call expect(misuse, 'not open')
    call control%report_field('x', x, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call control%decision_field('x', x, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call control%start(stat, msg); call expect(misuse, 'not open')
    call control%report(stat, msg); call expect(misuse, 'not open')
    call control%poll(l, stat, msg); call expect(misuse, 'not open')
    call control%wait(l, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call control%inquire(stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call archive%write('x', x, stat=stat, errmsg=msg); call expect(misuse, 'not open')
    call archive%read('x', x, stat=stat, errmsg=msg); call expect(misuse, 'not open')
  end subroutine never_opened
end module errors_never_opened
