!> The Fortran module, called as a Fortran program calls it.
module fortran_calls
  use, intrinsic :: iso_c_binding
  use mpi_f08, only: MPI_COMM_SELF
  use cardan
  implicit none
  private
  integer, parameter :: samples = 4, numbers = 3
  type(cardan_session) :: session
  type(cardan_surrogate) :: surrogate
  type(cardan_channel) :: channel
  real(c_double), pointer :: state(:, :), advanced(:, :)

contains

  subroutine open_all(run_file, its_state, its_advanced) bind(c, name="bench_fortran_open")
    character(kind=c_char), intent(in) :: run_file(*)
    type(c_ptr), value :: its_state, its_advanced
    type(cardan_channel_options) :: options
    character(:), allocatable :: path
    integer :: i
    path = ""
    i = 1
    do while (run_file(i) /= c_null_char)
      path = path // run_file(i)
      i = i + 1
    end do
    call c_f_pointer(its_state, state, [samples, numbers])
    call c_f_pointer(its_advanced, advanced, [samples, numbers])
    call session%open(MPI_COMM_SELF, path)
    call surrogate%open(session, "kinetics")
    call surrogate%input("state", state)
    call surrogate%output("advanced", advanced)
    options%policy = 2
    call channel%open(session, MPI_COMM_SELF, "state", options)
    call channel%produce("state", state, global=shape(state), offset=[0, 0])
    call channel%consume("state", state, global=shape(state), offset=[0, 0])
    call channel%start()
  end subroutine open_all

  subroutine predict(count) bind(c, name="bench_fortran_predict")
    integer(c_int64_t), value :: count
    logical :: trusted
    integer(c_int64_t) :: i
    do i = 1, count
      call surrogate%predict(trusted)
    end do
  end subroutine predict

  subroutine bind_anew(count) bind(c, name="bench_fortran_bind")
    integer(c_int64_t), value :: count
    logical :: trusted
    integer(c_int64_t) :: i
    do i = 1, count
      call surrogate%input("state", state)
      call surrogate%output("advanced", advanced)
      call surrogate%predict(trusted)
    end do
  end subroutine bind_anew

  subroutine put(count) bind(c, name="bench_fortran_put")
    integer(c_int64_t), value :: count
    integer(c_int64_t) :: i
    do i = 1, count
      call channel%put(i)
    end do
  end subroutine put

  subroutine close_all() bind(c, name="bench_fortran_close")
    call channel%close()
    call session%close()
  end subroutine close_all
end module fortran_calls
