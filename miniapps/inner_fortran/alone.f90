!> Robertson's kinetics and diffusion on a 2-D grid, by the solver alone.
!>   mpirun -n 2 inner-fortran-alone inner_fortran.nml steps=50
program inner_fortran
  use mpi_f08
  use inner_output, only: log_type, write_fields
  use inner_problem, only: problem_type, read_problem, set_initial_state
  use inner_reactor, only: reactor_type
  implicit none
  type(MPI_Comm) :: comm
  type(problem_type) :: problem
  type(reactor_type) :: reactor
  type(log_type) :: log
  integer :: step, cell

  call MPI_Init()
  comm = MPI_COMM_WORLD
  call read_problem(comm, problem)
  call reactor%open(comm, problem%settings)
  call set_initial_state(reactor, problem)
  call log%begin(comm, reactor, problem%steps)

  do step = 1, problem%steps
    call reactor%diffuse(problem%settings%dt / 2)
    call log%chemistry_begins()
    do cell = 1, reactor%cells()
      call reactor%react(cell)
    end do
    call log%chemistry_ends(step)
    call reactor%accept()
    call reactor%diffuse(problem%settings%dt / 2)
  end do

  call log%report(reactor, problem)
  call write_fields(comm, reactor, trim(problem%output))
  call reactor%close()
  call MPI_Finalize()
end program inner_fortran
