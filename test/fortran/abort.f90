! What fails without `stat` ends the job; see abort.py for the cases.
program abort
  use, intrinsic :: iso_fortran_env, only: error_unit, real64
  use mpi_f08
  use cardan
  implicit none
  type(cardan_session) :: session
  type(cardan_surrogate) :: kinetics
  real(real64), target :: x(4) = 1
  character(len=32) :: case
  character(len=300) :: msg
  integer :: stat, rank
  logical :: served, trusted

  call get_command_argument(1, case)
  call MPI_Init()
  call MPI_Comm_rank(MPI_COMM_WORLD, rank)
  select case (case)
  case ('no-run-file')
    call session%open(MPI_COMM_WORLD, 'nowhere.toml', served)
  case ('no-served')
    call session%open(MPI_COMM_WORLD, 'abort.toml')
  case ('no-served-but-stat')
    msg = ''
    call session%open(MPI_COMM_WORLD, 'abort.toml', stat=stat, errmsg=msg)
    if (stat /= 0) write (error_unit, '(a, i0, 2a)') 'rank ', rank, ': ', trim(msg)
  case ('one-rank')
    call session%open(MPI_COMM_WORLD, 'abort.toml', served)
    if (.not. served .and. rank == 0) call kinetics%open(session, 'kinetic')
  case ('never-opened')
    call kinetics%predict(trusted)
  case default
    call session%open(MPI_COMM_WORLD, 'abort.toml', served)
  end select
  if (case == 'one-rank' .and. .not. served) then
    call kinetics%open(session, 'kinetics')
    call kinetics%input('x', x)
    call kinetics%output('y', x)
    call kinetics%predict(trusted)
  end if
  call session%close(stat, msg)
  call MPI_Finalize()
end program abort
