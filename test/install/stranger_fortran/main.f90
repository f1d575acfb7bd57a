! mpirun -n 4 reactor                                  ranks split by the run file
! mpirun -n 3 reactor : -n 1 cardan-ml reactor.toml    or by program
program main
  use, intrinsic :: iso_fortran_env, only: real64
  use mpi_f08
  use cardan
  use reactor, only: integrate, diffuse
  implicit none
  type(cardan_session) :: session
  type(cardan_surrogate) :: kinetics
  type(MPI_Comm) :: comm
  real(real64), allocatable, target :: state(:), advanced(:)
  logical :: served, trusted
  integer :: cells, steps, step, i

  call MPI_Init()
  call session%open(MPI_COMM_WORLD, "reactor.toml", served, comm)
  if (.not. served) then
    cells = 64
    steps = 50
    call session%get("reactor", "cells", cells)
    call session%get("reactor", "steps", steps)
    state = [(1 + 0.5_real64 * sin(0.1_real64 * i), i = 0, cells - 1)]
    allocate(advanced(cells))

    call kinetics%open(session, "kinetics")
    call kinetics%input("state", state)
    call kinetics%output("advanced", advanced)
    do step = 1, steps
      call kinetics%predict(trusted, step=step)
      if (.not. trusted) then
        advanced = integrate(state)    ! late, unsure or absent: compute it, and teach
        call kinetics%observe()
      end if
      call diffuse(comm, advanced, state)
    end do
  end if
  call session%close()
  call MPI_Finalize()
end program main
