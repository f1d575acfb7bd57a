!> Robertson's kinetics and diffusion on a 2-D grid, coupled to a model that learns the kinetics while it runs.
!>   mpirun -n 2 inner-fortran-coupled inner_fortran.nml steps=50 : -n 1 cardan-ml inner_fortran.toml
program inner_fortran
  use, intrinsic :: iso_fortran_env, only: int64
  use cardan, only: cardan_session, cardan_surrogate
  use mpi_f08
  use inner_output, only: log_type, write_fields
  use inner_problem, only: problem_type, read_problem, set_initial_state
  use inner_reactor, only: reactor_type
  implicit none
  type(MPI_Comm) :: comm
  type(problem_type) :: problem
  type(reactor_type), target :: reactor
  type(cardan_session) :: session
  type(cardan_surrogate) :: kinetics
  type(log_type) :: log
  integer(int64), pointer :: untrusted(:)
  logical :: served, trusted
  integer :: step, cell

  call MPI_Init()
  call session%open(MPI_COMM_WORLD, 'inner_fortran.toml', served, comm)
  if (served) then
    call session%close()
    call MPI_Finalize()
    stop
  end if
  call read_problem(comm, problem)
  call reactor%open(comm, problem%settings)
  call set_initial_state(reactor, problem)
  call log%begin(comm, reactor, problem%steps)
  call kinetics%open(session, 'kinetics')
  call kinetics%input('state', reactor%state, axes='species cell')
  call kinetics%output('advanced', reactor%advanced, axes='species cell')

  do step = 1, problem%steps
    call reactor%diffuse(problem%settings%dt / 2)
    call log%chemistry_begins()
    call kinetics%predict(trusted, untrusted, step)
    do cell = 1, size(untrusted)
      call reactor%react(int(untrusted(cell)))
    end do
    call kinetics%observe(untrusted)
    call log%chemistry_ends(step)
    call reactor%accept()
    call reactor%diffuse(problem%settings%dt / 2)
  end do

  call log%report(reactor, problem)
  call write_fields(comm, reactor, trim(problem%output))
  call session%close()
  call reactor%close()
  call MPI_Finalize()
end program inner_fortran
