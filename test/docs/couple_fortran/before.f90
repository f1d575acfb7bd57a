program main
  use, intrinsic :: iso_fortran_env, only: real64
  use mpi_f08
  use furnace, only: light, burn, conduct, mean_temperature
  implicit none
  integer, parameter :: cells = 256, steps = 200
  real(real64) :: state(2, cells), burnt(2, cells)   ! temperature and fuel
  real(real64) :: mean
  integer :: rank, step, i

  call MPI_Init()
  call light(MPI_COMM_WORLD, state)
  do step = 1, steps
    do i = 1, cells
      call burn(state(:, i), burnt(:, i))
    end do
    call conduct(MPI_COMM_WORLD, burnt, state)
  end do
  mean = mean_temperature(MPI_COMM_WORLD, state)
  call MPI_Comm_rank(MPI_COMM_WORLD, rank)
  if (rank == 0) print '(a, f8.6)', 'mean temperature ', mean
  call MPI_Finalize()
end program main
